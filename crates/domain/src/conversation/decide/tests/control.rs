//! Who leads.

use super::world::{
    ANA, BIA, FINANCE, World, awaited, close, handoffs, happened, node, owner, said, take_by_force,
    take_over, to_bia, transfer,
};
use crate::bot::texts;
use crate::conversation::{
    Body, Command, DeadlineKind, Decision, Effect, HandoffChange, HandoffReason, Mode, Originator,
    Owner, Rejection, SendClass, Sender, TransferKind, TransferRecord, TransferTarget,
};
use crate::ids::HandoffId;
use chrono::TimeDelta;

fn records(decision: &Decision) -> Vec<&TransferRecord> {
    decision
        .effects
        .iter()
        .filter_map(|e| match e {
            Effect::RecordTransfer(record) => Some(record),
            _ => None,
        })
        .collect()
}

#[test]
fn takeover_is_one_decision_with_all_that_belongs_to_it() {
    let mut world = World::waiting();
    let Mode::Waiting { handoff, .. } = world.state.mode else {
        panic!("not waiting")
    };
    let epoch = world.state.epoch;
    let decision = world.run(take_over(ANA));
    assert_eq!(world.state.epoch, epoch + 1);
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
    assert_eq!(decision.effects[0], Effect::CancelAutomatic);
    let [record] = records(&decision)[..] else {
        panic!("one record")
    };
    assert_eq!(record.kind, TransferKind::Takeover);
    assert_eq!((record.from, record.to), (None, Some(Owner::User(ANA))));
    let at = world.now;
    let to = Owner::User(ANA);
    assert_eq!(
        handoffs(&decision),
        [&HandoffChange::Assign {
            id: handoff,
            to,
            at
        }]
    );
    assert_eq!(said(&decision), ["Agora você está falando com Ana."]);
    let told = decision.messages.last().unwrap();
    assert_eq!(told.sender, Sender::System);
    assert!(decision.effects.contains(&Effect::Send {
        seq: told.seq,
        class: SendClass::Human,
        epoch: None
    }));
}

#[test]
fn an_attendant_without_a_name_is_somebody() {
    let mut world = World::at_menu();
    let decision = world.run(Command::TakeOver {
        by: ANA,
        name: " ".to_owned(),
        force: false,
    });
    let words = format!("Agora você está falando com {}.", texts::SOMEBODY);
    assert_eq!(said(&decision), [words]);
}

#[test]
fn repeating_a_takeover_changes_nothing() {
    let mut world = World::led_by_ana();
    assert_eq!(world.run(take_over(ANA)), Decision::default());
}

#[test]
fn another_person_s_conversation_is_taken_by_force_only() {
    let mut world = World::led_by_ana();
    let refused = world.refused(take_over(BIA));
    assert_eq!(refused, Rejection::AssignedToAnother { by: Some(ANA) });
    let decision = world.run(take_by_force(BIA));
    assert_eq!(owner(&world.state), Some(Owner::User(BIA)));
    assert_eq!(records(&decision)[0].from, Some(Owner::User(ANA)));
    assert!(matches!(
        handoffs(&decision)[..],
        [HandoffChange::Assign { .. }]
    ));
}

#[test]
fn the_new_attendant_has_the_whole_time_to_answer() {
    let mut world = World::led_by_ana();
    world.pass(25 * 60);
    let decision = world.run(take_by_force(BIA));
    assert!(happened(&decision).contains(&"deadline_armed"));
    let armed = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(armed.at, world.now + TimeDelta::minutes(30));
}

#[test]
fn taking_over_a_closed_conversation_reopens_it_without_hurry() {
    let mut world = World::closed();
    world.run(take_over(ANA));
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
    assert_eq!(world.state.session, 2);
    assert_eq!(
        world.state.deadlines,
        vec![],
        "the customer waits for nothing"
    );
}

#[test]
fn no_notice_leaves_when_the_window_is_closed() {
    let mut world = World::closed();
    world.pass(24 * 60 * 60);
    let decision = world.run(take_over(ANA));
    assert_eq!(decision.messages, vec![]);
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
}

fn assign_to_bia(handoff: HandoffId) -> Command {
    Command::Assign {
        by: ANA,
        handoff,
        to: BIA,
        name: "Bia".to_owned(),
        force: false,
    }
}

/// The conversation is closed, the customer asks for a person again: whoever still means the first
/// request does not get the second.
#[test]
fn an_assignment_of_an_earlier_request_is_refused() {
    let mut world = World::waiting();
    let first = awaited(&world.state);
    world.run(close(ANA));
    assert_eq!(world.refused(assign_to_bia(first)), Rejection::NotWaiting);
    world.says("oi");
    world.pass(60);
    world.says("atendente");
    let second = awaited(&world.state);
    assert_ne!(first, second);
    assert_eq!(world.refused(assign_to_bia(first)), Rejection::NotWaiting);
    world.run(assign_to_bia(second));
    assert_eq!(owner(&world.state), Some(Owner::User(BIA)));
}

#[test]
fn an_assignment_is_recorded_as_another_s_decision() {
    let mut world = World::waiting();
    let handoff = awaited(&world.state);
    let decision = world.run(assign_to_bia(handoff));
    assert_eq!(owner(&world.state), Some(Owner::User(BIA)));
    let [record] = records(&decision)[..] else {
        panic!("one record")
    };
    assert_eq!(
        (record.kind, record.by),
        (TransferKind::Assign, Originator::User(ANA))
    );
    assert_eq!(said(&decision), ["Agora você está falando com Bia."]);
}

#[test]
fn an_attendant_hands_over_with_a_note_that_stays_inside() {
    let mut world = World::led_by_ana();
    let Mode::Human { handoff, .. } = world.state.mode else {
        panic!("nobody leads")
    };
    let decision = world.run(Command::Transfer {
        by: ANA,
        force: false,
        to: to_bia(),
        note: Some("cliente antigo".to_owned()),
    });
    assert!(matches!(world.state.mode,
        Mode::Human { owner: Owner::User(BIA), handoff: kept, .. } if kept == handoff));
    assert_eq!(
        said(&decision),
        ["Seu atendimento foi transferido para Bia."]
    );
    let note = decision.messages.last().unwrap();
    assert_eq!(note.sender, Sender::Attendant(ANA));
    assert!(matches!(&note.body, Body::Note { text, .. } if text == "cliente antigo"));
    assert_eq!(
        records(&decision)[0].note.as_deref(),
        Some("cliente antigo")
    );
}

#[test]
fn a_transfer_to_a_department_waits_in_its_queue() {
    let mut world = World::led_by_ana();
    let decision = world.run(transfer(ANA, TransferTarget::Department(FINANCE)));
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
    assert_eq!(world.state.department, Some(FINANCE));
    assert_eq!(
        said(&decision),
        ["Seu atendimento foi transferido para Financeiro."]
    );
    assert!(matches!(
        handoffs(&decision)[..],
        [
            HandoffChange::Complete { .. },
            HandoffChange::Open {
                reason: HandoffReason::Department,
                ..
            }
        ]
    ));
    let [record] = records(&decision)[..] else {
        panic!("one record")
    };
    assert_eq!((record.from, record.to), (Some(Owner::User(ANA)), None));
    assert_eq!(record.department, Some(FINANCE));
}

#[test]
fn the_bot_gets_the_conversation_back_at_its_start() {
    for command in [
        Command::ReturnToBot {
            by: ANA,
            force: false,
        },
        transfer(ANA, TransferTarget::Bot),
    ] {
        let mut world = World::led_by_ana();
        let decision = world.run(command);
        assert_eq!(node(&world.state), Some("main"));
        assert_eq!(said(&decision)[0], texts::RETURNED_TO_BOT);
        assert!(said(&decision)[1].starts_with("Olá, Maria!"));
        assert_eq!(world.outbox.last().unwrap().1, Some(world.state.epoch));
        assert_eq!(records(&decision)[0].kind, TransferKind::Release);
        assert!(world.state.deadline(DeadlineKind::BotIdle).is_some());
    }
}

#[test]
fn back_with_the_bot_after_the_window_the_next_message_gets_the_menu() {
    let mut world = World::led_by_ana();
    world.pass(25 * 60 * 60);
    let decision = world.run(Command::ReturnToBot {
        by: ANA,
        force: false,
    });
    assert_eq!(decision.messages, vec![]);
    assert_eq!(node(&world.state), None);
    let decision = world.says("1");
    assert!(
        said(&decision)[0].starts_with("Olá"),
        "a number answers nothing yet"
    );
}

#[test]
fn closing_says_the_tenant_s_words_if_there_are_any() {
    let mut world = World::led_by_ana();
    assert_eq!(world.run(close(ANA)).messages, vec![]);
    let mut world = World::led_by_ana();
    world.policy.texts.closed = Some("Até a próxima!".to_owned());
    assert_eq!(said(&world.run(close(ANA))), ["Até a próxima!"]);
    assert_eq!((world.state.unread, world.state.deadlines.len()), (0, 0));
}

/// Between a look at a request and its completion it may end, and the customer ask anew.
#[test]
fn who_completes_a_request_does_not_end_a_later_one() {
    let complete = |handoff| Command::Close {
        by: ANA,
        force: true,
        handoff: Some(handoff),
        resolution: None,
        satisfaction: None,
    };
    let mut world = World::waiting();
    let first = awaited(&world.state);
    world.run(take_over(ANA));
    world.run(close(ANA));
    world.pass(60);
    world.says("atendente");
    let second = awaited(&world.state);
    assert_ne!(first, second);
    for quarantined in [false, true] {
        if quarantined {
            world.run(Command::Quarantine);
        }
        let refused = world.refused(complete(first));
        assert_eq!(refused, Rejection::AlreadyClosed);
    }
    world.run(complete(second));
    assert!(matches!(world.state.mode, Mode::Closed { .. }));
}

#[test]
fn stars_and_words_have_their_limits() {
    let mut world = World::led_by_ana();
    for stars in [0, 6] {
        let refused = world.refused(Command::Close {
            by: ANA,
            force: false,
            handoff: None,
            resolution: None,
            satisfaction: Some(stars),
        });
        assert!(matches!(
            refused,
            Rejection::Invalid {
                field: "satisfaction",
                ..
            }
        ));
    }
    let refused = world.refused(Command::Transfer {
        by: ANA,
        force: false,
        to: to_bia(),
        note: Some("x".repeat(4097)),
    });
    assert!(matches!(refused, Rejection::Invalid { field: "note", .. }));
    assert_eq!(owner(&world.state), Some(Owner::User(ANA)));
}
