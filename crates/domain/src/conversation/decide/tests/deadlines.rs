//! What a timer's ring means.

use super::world::{
    ANA, FINANCE, World, handoffs, happened, noon, owner, reply, request, said, take_over, words,
};
use crate::bot::texts;
use crate::conversation::{
    CloseReason, Command, DeadlineKind, Decision, Event, HandoffChange, HandoffReason, Mode,
    Originator, Priority,
};
use crate::tenant::{BusinessHours, HumanIdleAction};
use chrono::TimeDelta;

const KINDS: [DeadlineKind; 5] = [
    DeadlineKind::BotTurn,
    DeadlineKind::BotIdle,
    DeadlineKind::WaitingTooLong,
    DeadlineKind::HumanIdle,
    DeadlineKind::OfferTimeout,
];

#[test]
fn an_overtaken_ring_means_nothing() {
    for mut world in [World::at_menu(), World::waiting(), World::led_by_ana()] {
        let current = world.state.generation;
        world.pass(100_000);
        for kind in KINDS {
            let overtaken = Command::DeadlineFired {
                kind,
                generation: current + 1,
            };
            assert_eq!(world.run(overtaken), Decision::default());
        }
    }
}

#[test]
fn a_silent_customer_s_session_is_closed_and_they_are_told() {
    let mut world = World::at_menu();
    let decision = world.rings(DeadlineKind::BotIdle);
    assert_eq!(said(&decision), [texts::BOT_IDLE]);
    assert!(decision.events.contains(&Event::Closed {
        by: Originator::System,
        at: world.now,
        reason: CloseReason::BotIdle,
        upto_seq: world.state.seq,
    }));
}

#[test]
fn a_customer_who_goes_on_has_the_whole_time_again() {
    let mut world = World::at_menu();
    world.pass(20 * 60);
    world.says("1");
    let spoke = world.now;
    let decision = world.rings(DeadlineKind::BotIdle);
    assert_eq!(happened(&decision), ["deadline_armed"]);
    let armed = world.state.deadline(DeadlineKind::BotIdle).unwrap();
    assert_eq!(armed.at, spoke + TimeDelta::minutes(30));
}

#[test]
fn a_session_is_not_closed_over_a_burst_that_waits_for_its_answer() {
    let mut world = World::new();
    world.says("oi");
    world.pass(1);
    world.says("xyz");
    // The node was down when both were due.
    world.pass(60 * 60);
    world.rings(DeadlineKind::BotIdle);
    assert!(matches!(world.state.mode, Mode::Bot(_)));
    let decision = world.rings(DeadlineKind::BotTurn);
    assert_eq!(said(&decision).len(), 1);
}

#[test]
fn the_wait_for_a_person_grows_more_urgent_and_is_explained_once() {
    let mut world = World::at_menu();
    world.run(request(Some(FINANCE), Priority::Low));
    let mut heard = Vec::new();
    for expected in [Priority::Medium, Priority::High, Priority::Urgent] {
        let before = world.now;
        let decision = world.rings(DeadlineKind::WaitingTooLong);
        assert_eq!(world.now - before, TimeDelta::minutes(10));
        assert!(matches!(world.state.mode,
            Mode::Waiting { priority, notified: true, .. } if priority == expected));
        assert!(matches!(handoffs(&decision)[..],
            [HandoffChange::Escalate { priority, .. }] if *priority == expected));
        heard.extend(said(&decision).into_iter().map(str::to_owned));
    }
    assert_eq!(heard, [texts::WAITING_TOO_LONG]);
    assert_eq!(world.state.deadlines, vec![]);
}

#[test]
fn an_urgent_request_is_explained_too() {
    let mut world = World::at_menu();
    world.run(request(None, Priority::Urgent));
    let decision = world.rings(DeadlineKind::WaitingTooLong);
    assert_eq!(said(&decision), [texts::WAITING_TOO_LONG]);
    assert_eq!(handoffs(&decision), Vec::<&HandoffChange>::new());
    assert_eq!(world.state.deadlines, vec![]);
}

#[test]
fn nobody_is_late_while_it_is_closed() {
    let mut world = World::waiting();
    world
        .policy
        .business_hours
        .holidays
        .insert(noon().date_naive());
    let decision = world.rings(DeadlineKind::WaitingTooLong);
    assert_eq!(happened(&decision), ["deadline_armed"]);
    assert!(matches!(
        world.state.mode,
        Mode::Waiting {
            priority: Priority::Medium,
            notified: false,
            ..
        }
    ));
    let midnight = noon() + TimeDelta::hours(12);
    let armed = world.state.deadline(DeadlineKind::WaitingTooLong).unwrap();
    assert_eq!(armed.at, midnight + TimeDelta::minutes(10));
}

#[test]
fn what_somebody_leads_stays_theirs_while_it_is_closed() {
    let nine_to_six = serde_json::json!({"weekly": {"3": ["09:00-18:00"], "4": ["09:00-18:00"]}});
    let nine_to_six: BusinessHours = serde_json::from_value(nine_to_six).unwrap();
    let next_day = noon() + TimeDelta::hours(21) + TimeDelta::minutes(30);
    // Asked before it closed, and in the night.
    for (asked, rings_first) in [
        (TimeDelta::minutes(5 * 60 + 50), true),
        (TimeDelta::hours(10), false),
    ] {
        let mut world = World::led_by_ana();
        world.policy.business_hours = nine_to_six.clone();
        world.run(reply(ANA, "Oi!"));
        world.now = noon() + asked;
        world.says("e agora?");
        if rings_first {
            let decision = world.rings(DeadlineKind::HumanIdle);
            assert_eq!(happened(&decision), ["deadline_armed"]);
        }
        let armed = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
        assert_eq!(armed.at, next_day, "half an hour after the opening");
        assert_eq!(
            owner(&world.state),
            Some(crate::conversation::Owner::User(ANA))
        );
        let decision = world.rings(DeadlineKind::HumanIdle);
        assert_eq!(said(&decision), [texts::REQUEUED]);
    }
}

/// The department's hours count, and a timer that is older than the closing.
#[test]
fn who_leads_has_the_whole_time_after_the_opening() {
    let mut world = World::at_menu();
    world.run(request(Some(FINANCE), Priority::Medium));
    world.run(take_over(ANA));
    let late = serde_json::json!({"weekly": {"3": ["12:10-18:00"]}});
    let late: BusinessHours = serde_json::from_value(late).unwrap();
    world.departments[0].business_hours = Some(late);
    let decision = world.rings(DeadlineKind::HumanIdle);
    assert_eq!(happened(&decision), ["deadline_armed"]);
    let armed = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(armed.at, noon() + TimeDelta::minutes(40));
}

#[test]
fn a_customer_without_an_answer_goes_back_to_the_queue() {
    let mut world = World::at_menu();
    world.run(request(Some(FINANCE), Priority::Medium));
    world.run(take_over(ANA));
    let decision = world.rings(DeadlineKind::HumanIdle);
    assert_eq!(said(&decision), [texts::REQUEUED]);
    assert_eq!(world.state.department, Some(FINANCE));
    assert!(matches!(
        handoffs(&decision)[..],
        [
            HandoffChange::Cancel { .. },
            HandoffChange::Open {
                reason: HandoffReason::AttendantIdle,
                by: Originator::System,
                priority: Priority::High,
                ..
            }
        ]
    ));
    assert!(world.state.deadline(DeadlineKind::WaitingTooLong).is_some());
}

#[test]
fn the_wait_for_an_answer_counts_from_the_oldest_open_question() {
    let mut world = World::led_by_ana();
    let first = world
        .state
        .deadline(DeadlineKind::HumanIdle)
        .copied()
        .unwrap();
    world.pass(60);
    world.run(reply(ANA, "oi"));
    world.pass(60);
    world.says("e agora?");
    let asked = world.now;
    let old = Command::DeadlineFired {
        kind: DeadlineKind::HumanIdle,
        generation: first.generation,
    };
    assert_eq!(world.run(old), Decision::default());
    let armed = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(armed.at, asked + TimeDelta::minutes(30));
}

/// After an outage of the provider's deliveries, everybody's chats come at once.
#[test]
fn a_message_that_was_long_on_its_way_leaves_its_attendant_the_whole_time() {
    let mut world = World::led_by_ana();
    world.run(reply(ANA, "Oi!"));
    world.pass(60);
    let mut late = world.inbound(words("pode me ajudar?"));
    world.pass(3 * 60 * 60);
    world.run(Command::ReceiveInbound(late.clone()));
    let whole = world.now + TimeDelta::minutes(30);
    let armed = *world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(armed.at, whole);
    // More of the same takes nothing away.
    world.pass(60);
    late.external_id = "wamid.again".to_owned();
    world.run(Command::ReceiveInbound(late));
    assert_eq!(world.state.deadline(DeadlineKind::HumanIdle), Some(&armed));
    let decision = world.rings(DeadlineKind::HumanIdle);
    assert_eq!((world.now, said(&decision)), (whole, vec![texts::REQUEUED]));
}

#[test]
fn a_longer_patience_set_meanwhile_counts() {
    let mut world = World::led_by_ana();
    let armed = *world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    world.policy.human_idle = 2 * 60 * 60;
    let decision = world.rings(DeadlineKind::HumanIdle);
    assert_eq!(happened(&decision), ["deadline_armed"]);
    let again = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(again.at - armed.at, TimeDelta::minutes(90));
}

#[test]
fn kept_conversations_stay_with_their_attendant() {
    let mut world = World::led_by_ana();
    world.policy.human_idle_action = HumanIdleAction::Keep;
    let decision = world.rings(DeadlineKind::HumanIdle);
    assert_eq!(happened(&decision), ["deadline_cleared"]);
    assert_eq!(
        owner(&world.state),
        Some(crate::conversation::Owner::User(ANA))
    );
}

#[test]
fn zero_seconds_mean_never() {
    let switch_off = |world: &mut World| {
        world.policy.bot_idle = 0;
        world.policy.waiting_too_long = 0;
        world.policy.human_idle = 0;
    };
    // Never armed.
    let mut world = World::new();
    switch_off(&mut world);
    world.says("oi");
    assert_eq!(world.state.deadlines, vec![]);
    world.says("atendente");
    assert_eq!(world.state.deadlines, vec![]);
    world.run(take_over(ANA));
    world.says("alô?");
    assert_eq!(world.state.deadlines, vec![]);
    // Armed before it was switched off: rings once more and is gone.
    for (mut world, kind) in [
        (World::at_menu(), DeadlineKind::BotIdle),
        (World::waiting(), DeadlineKind::WaitingTooLong),
        (World::led_by_ana(), DeadlineKind::HumanIdle),
    ] {
        switch_off(&mut world);
        let decision = world.rings(kind);
        assert_eq!(happened(&decision), ["deadline_cleared"]);
    }
}
