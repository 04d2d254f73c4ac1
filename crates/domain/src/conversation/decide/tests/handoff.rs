//! Asking for a person, in and out of business hours.

use super::world::{
    ANA, FINANCE, SUPPORT, World, handoffs, noon, request, said, take_over, transfer,
};
use crate::bot::texts;
use crate::conversation::{
    Body, Command, DeadlineKind, HandoffChange, HandoffReason, Mode, Priority, Rejection, Sender,
    TransferTarget,
};
use crate::ids::HandoffId;
use crate::tenant::BusinessHours;
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

/// Open Monday to Friday, 9 to 18 in São Paulo.
fn office() -> BusinessHours {
    serde_json::from_value(serde_json::json!({
        "weekly": {"seg": "09:00-18:00", "ter": "09:00-18:00", "qua": "09:00-18:00",
                   "qui": "09:00-18:00", "sex": "09:00-18:00"}
    }))
    .unwrap()
}

#[test]
fn out_of_hours_the_request_is_kept_and_the_customer_is_told() {
    let mut world = World::at_menu();
    world.policy.business_hours = office();
    // Wednesday, 20:00.
    world.pass(8 * 60 * 60);
    world.says("oi");
    world.pass(60);
    let decision = world.says("atendente");
    assert_eq!(said(&decision), [texts::OUT_OF_HOURS]);
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
    // Nobody is late while it is closed: Thursday 9:00 and ten minutes, in UTC.
    let opening = DateTime::parse_from_rfc3339("2026-11-26T12:00:00Z").unwrap();
    let armed = world.state.deadline(DeadlineKind::WaitingTooLong).unwrap();
    assert_eq!(armed.at, opening.to_utc() + TimeDelta::minutes(10));
}

#[test]
fn a_department_s_own_hours_go_before_the_tenant_s() {
    let mut world = World::at_menu();
    world.departments[0].business_hours = Some(office());
    world.now = noon() + TimeDelta::hours(8);
    world.says("oi");
    world.run(request(Some(SUPPORT), Priority::Medium));
    assert_eq!(world.state.department, Some(SUPPORT));
    let mut world = World::at_menu();
    world.departments[0].business_hours = Some(office());
    world.now = noon() + TimeDelta::hours(8);
    world.says("oi");
    let decision = world.run(request(Some(FINANCE), Priority::Medium));
    assert_eq!(said(&decision), [texts::OUT_OF_HOURS]);
}

#[test]
fn staff_moves_a_waiting_request_without_a_word_and_without_losing_its_place() {
    let mut world = World::waiting();
    let Mode::Waiting {
        handoff: old,
        since,
        ..
    } = world.state.mode
    else {
        panic!("not waiting")
    };
    let epoch = world.state.epoch;
    let decision = world.run(request(Some(FINANCE), Priority::Urgent));
    assert_eq!(said(&decision), Vec::<&str>::new());
    let id = HandoffId::of(world.state.conversation, epoch + 1);
    assert_ne!(id, old);
    assert!(matches!(
        handoffs(&decision)[..],
        [
            HandoffChange::Cancel { id: cancelled, .. },
            HandoffChange::Open { id: opened, priority: Priority::Urgent,
                reason: HandoffReason::Staff, department: Some(FINANCE), .. },
        ] if *cancelled == old && *opened == id
    ));
    assert!(matches!(world.state.mode,
        Mode::Waiting { handoff, since: kept, priority: Priority::Urgent, .. }
        if handoff == id && kept == since));
}

#[test]
fn an_unknown_department_is_refused() {
    let unknown = crate::DepartmentId(Uuid::from_u128(0xdead));
    let mut world = World::at_menu();
    let refused = world.refused(request(Some(unknown), Priority::Low));
    assert_eq!(refused, Rejection::UnknownDepartment);
    let mut world = World::led_by_ana();
    let refused = world.refused(transfer(ANA, TransferTarget::Department(unknown)));
    assert_eq!(refused, Rejection::UnknownDepartment);
}

#[test]
fn a_new_session_belongs_to_no_department() {
    let mut world = World::at_menu();
    world.run(request(Some(FINANCE), Priority::Medium));
    world.run(take_over(ANA));
    assert_eq!(world.state.department, Some(FINANCE));
    world.run(super::world::close(ANA));
    assert_eq!(world.state.department, Some(FINANCE));
    world.says("oi");
    assert_eq!(world.state.department, None);
}

fn closed_with(words: Option<&str>, satisfaction: Option<u8>) -> Command {
    Command::Close {
        by: ANA,
        force: false,
        handoff: None,
        resolution: words.map(str::to_owned),
        satisfaction,
    }
}

#[test]
fn handoff_is_completed_when_the_attendant_closes_with_what_came_of_it() {
    // Also where nobody took it: what was told must not be lost.
    for mut world in [World::led_by_ana(), World::waiting()] {
        let decision = world.run(closed_with(Some("produto trocado"), Some(4)));
        assert!(matches!(
            handoffs(&decision)[..],
            [HandoffChange::Complete { resolution: Some(words), satisfaction: Some(4), .. }]
            if words == "produto trocado"
        ));
        assert_eq!(decision.messages, vec![]);
    }
    let stars = World::waiting().run(closed_with(None, Some(4)));
    assert!(matches!(
        handoffs(&stars)[..],
        [HandoffChange::Complete { .. }]
    ));
    let nothing = World::waiting().run(closed_with(Some("  "), None));
    assert!(matches!(
        handoffs(&nothing)[..],
        [HandoffChange::Cancel { .. }]
    ));
}

#[test]
fn without_a_handoff_what_came_of_it_is_a_note() {
    let taken = || {
        let mut world = World::at_menu();
        world.run(take_over(ANA));
        world
    };
    for mut world in [taken(), World::at_menu()] {
        let decision = world.run(closed_with(Some("produto trocado"), Some(4)));
        assert_eq!(handoffs(&decision), Vec::<&HandoffChange>::new());
        let [note] = &decision.messages[..] else {
            panic!("{:?}", decision.messages)
        };
        assert_eq!(note.sender, Sender::Attendant(ANA));
        let text = "produto trocado\nAvaliação do cliente: 4 de 5".to_owned();
        assert_eq!(
            note.body,
            Body::Note {
                text,
                mentions: Vec::new()
            }
        );
        assert!(matches!(world.state.mode, Mode::Closed { .. }));
    }
    let nothing = taken().run(closed_with(None, None));
    assert_eq!(nothing.messages, vec![]);
}
