//! What is left of a conversation whose normal decisions crashed.

use super::super::record_only;
use super::world::{
    ANA, World, close, handoffs, happened, node, owner, picture, reply, said, take_over, words,
};
use crate::conversation::{
    Command, Context, DeadlineKind, Effect, HandoffChange, HandoffReason, Mode, Owner, Rejection,
};

fn quarantined() -> World {
    let mut world = World::at_menu();
    world.says("xyz");
    world.run(Command::Quarantine);
    world
}

#[test]
fn quarantine_silences_the_bot_and_asks_for_a_person() {
    let mut world = World::at_menu();
    let epoch = world.state.epoch;
    let decision = world.run(Command::Quarantine);
    assert!(world.state.quarantined);
    assert!(world.state.epoch > epoch);
    assert_eq!(decision.effects[0], Effect::CancelAutomatic);
    assert_eq!(said(&decision), Vec::<&str>::new());
    assert!(matches!(
        handoffs(&decision)[..],
        [HandoffChange::Open {
            reason: HandoffReason::Quarantine,
            ..
        }]
    ));
    assert_eq!(world.state.deadlines, vec![]);
}

#[test]
fn messages_are_kept_and_nothing_answers_them() {
    let mut world = quarantined();
    for content in [words("oi"), words("menu"), words("1"), picture(None)] {
        let decision = world.hears(content);
        assert_eq!(happened(&decision), ["message_added"]);
        let fetched = |e: &Effect| matches!(e, Effect::FetchMedia { .. });
        assert!(decision.effects.iter().all(fetched));
    }
    let echo = world.inbound(words("já vou"));
    assert_eq!(
        happened(&world.run(Command::RecordEcho(echo))),
        ["message_added"]
    );
}

#[test]
fn the_walk_is_not_even_asked() {
    // A flow that faults at once and a policy that allows no step would show in the decision.
    let mut world = quarantined();
    world.flow.nodes.clear();
    world.policy.step_limit = 0;
    assert_eq!(happened(&world.says("1")), ["message_added"]);
}

#[test]
fn a_person_may_take_over_reply_and_close() {
    let mut world = quarantined();
    world.run(take_over(ANA));
    world.run(reply(ANA, "Oi, sou eu"));
    world.says("obrigado");
    assert_eq!(
        world.state.deadlines,
        vec![],
        "nothing is armed in quarantine"
    );
    world.run(close(ANA));
    assert!(matches!(world.state.mode, Mode::Closed { .. }));
    assert!(world.state.quarantined);
    world.says("voltei");
    assert!(
        matches!(world.state.mode, Mode::Waiting { .. }),
        "a person is waited for again"
    );
    assert_eq!(world.state.session, 2);
}

#[test]
fn who_leads_goes_on_leading() {
    let mut world = World::led_by_ana();
    world.run(Command::Quarantine);
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
    world.run(reply(ANA, "segue"));
}

#[test]
fn a_supervisor_gives_normal_decisions_back() {
    let mut world = quarantined();
    let refused = world.refused(Command::ReturnToBot {
        by: ANA,
        force: true,
    });
    assert_eq!(refused, Rejection::Quarantined);
    world.run(Command::Resume { by: ANA });
    assert!(!world.state.quarantined);
    assert!(world.state.deadline(DeadlineKind::WaitingTooLong).is_some());
    world.run(Command::ReturnToBot {
        by: ANA,
        force: false,
    });
    world.pass(60);
    world.says("1");
    assert_eq!(node(&world.state), Some("open"));
    assert_eq!(
        world.refused(Command::Resume { by: ANA }),
        Rejection::NotQuarantined
    );
}

#[test]
fn a_repeated_quarantine_changes_nothing() {
    let mut world = quarantined();
    assert_eq!(
        world.run(Command::Quarantine),
        crate::conversation::Decision::default()
    );
}

#[test]
fn the_shell_may_ask_record_only_of_any_state() {
    let mut world = World::at_menu();
    let inbound = world.inbound(words("1"));
    let ctx = Context {
        served: true,
        now: world.now,
        policy: &world.policy,
        flow: &world.flow,
        flow_since: None,
        departments: &world.departments,
        customer_name: None,
        outlook: &world.outlook,
        recent: &[],
    };
    let decision = record_only(&world.state, &Command::ReceiveInbound(inbound), &ctx).unwrap();
    assert_eq!(happened(&decision), ["handoff_requested", "message_added"]);
    assert_eq!(said(&decision), Vec::<&str>::new());
}
