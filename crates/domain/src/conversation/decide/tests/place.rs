//! What customers hear of the queue.

use super::world::{ANA, BIA, World, accept, offer, said, take_over, tell_place};
use crate::bot::texts;
use crate::conversation::{Decision, Effect, Event, SendClass, State};
use crate::ids::ConversationId;
use crate::role::Role;
use crate::routing::{
    Attendant, Availability, Desk, DeskRecord, Led, Service, Strategy, TELL_AGAIN_AFTER,
};
use chrono::TimeDelta;
use uuid::Uuid;

/// A customer comes after two others to a queue that Ana serves, who has room for three and leads
/// `led`; services lately took so many minutes.
fn behind_others(led: u128, services: &[i64]) -> World {
    let mut world = World::at_menu();
    world.policy.routing.strategy = Strategy::RoundRobin;
    let waits = |n| State {
        conversation: ConversationId(Uuid::from_u128(n)),
        ..World::waiting().state
    };
    let leads = |n| Led {
        conversation: ConversationId(Uuid::from_u128(100 + n)),
        user: ANA,
        department: None,
        since: world.now,
        paused: false,
    };
    let service = |minutes: &i64| Service {
        ended_at: world.now,
        took: TimeDelta::minutes(*minutes),
    };
    let record = DeskRecord {
        waiting: (1..=2).map(waits).collect(),
        led: (0..led).map(leads).collect(),
        services: services.iter().map(|m| (None, service(m))).collect(),
        given: Vec::new(),
        dismissed: Vec::new(),
    };
    let mut desk = Desk::restore(record, TimeDelta::zero(), world.now);
    let ana = Attendant {
        user: ANA,
        name: "Ana".to_owned(),
        role: Role::Attendant,
        departments: Vec::new(),
        availability: Availability::Available,
        capacity: 3,
        skills: Vec::new(),
    };
    desk.set_people(vec![ana], world.now);
    desk.see(&[ANA].into(), world.now);
    world.pass(120);
    world.outlook = desk.outlook(&world.policy, &world.departments, world.now);
    world
}

/// The notice goes as what a machine says, which whoever leads next makes void.
fn is_void_when_somebody_leads(decision: &Decision) -> bool {
    let mut sends = decision.effects.iter().rev();
    matches!(
        sends.find(|effect| matches!(effect, Effect::Send { .. })),
        Some(Effect::Send {
            class: SendClass::Bot,
            epoch: Some(_),
            ..
        })
    )
}

#[test]
fn who_comes_after_others_hears_how_many() {
    let mut world = behind_others(3, &[]);
    let decision = world.says("atendente");
    assert_eq!(said(&decision), [texts::HANDOFF, "Sua posição na fila: 3."]);
    assert!(is_void_when_somebody_leads(&decision));
}

#[test]
fn how_long_it_takes_is_told_where_enough_is_known_in_the_tenant_s_words() {
    // Three services of ten minutes, three at once.
    let mut world = behind_others(3, &[8, 10, 12]);
    let usual = "Sua posição na fila: 3. Tempo estimado de espera: até 15 minutos.";
    assert_eq!(said(&world.says("atendente")), [texts::HANDOFF, usual]);
    let mut world = behind_others(3, &[8, 10, 12]);
    world.policy.texts.queue_estimate = Some("{name}: {position}, {minutes} min".to_owned());
    let decision = world.says("atendente");
    assert_eq!(said(&decision), [texts::HANDOFF, "Maria: 3, 15 min"]);
    // An hour and forty minutes: nothing that anybody would stand for.
    let mut world = behind_others(3, &[100, 100, 100]);
    let decision = world.says("atendente");
    assert_eq!(said(&decision)[1], "Sua posição na fila: 3.");
    // The evening before says nothing of the morning after.
    let mut world = behind_others(3, &[8, 10, 12]);
    world.pass(12 * 60 * 60);
    world.says("oi");
    world.pass(60);
    let decision = world.says("atendente");
    assert_eq!(said(&decision)[1], "Sua posição na fila: 3.");
}

#[test]
fn nothing_is_told_where_there_is_nothing_to_tell() {
    // There is room for all three.
    let mut world = behind_others(0, &[8, 10, 12]);
    assert_eq!(said(&world.says("atendente")), [texts::HANDOFF]);
    // An empty queue, of which nothing is known.
    let mut world = World::at_menu();
    let desk = Desk::restore(DeskRecord::default(), TimeDelta::zero(), world.now);
    world.outlook = desk.outlook(&world.policy, &world.departments, world.now);
    assert_eq!(said(&world.says("atendente")), [texts::HANDOFF]);
    // Silence was asked for.
    let mut world = behind_others(3, &[]);
    world.policy.texts.queue_position = Some(String::new());
    assert_eq!(said(&world.says("atendente")), [texts::HANDOFF]);
    // Nobody serves at this hour.
    let mut world = behind_others(3, &[]);
    let closed = serde_json::json!({"weekly": {"dom": "09:00-10:00"}});
    world.policy.business_hours = serde_json::from_value(closed).unwrap();
    assert_eq!(said(&world.says("atendente")), [texts::OUT_OF_HOURS]);
}

#[test]
fn a_customer_who_waits_hears_of_it_again_but_not_too_often() {
    let mut world = behind_others(3, &[]);
    world.says("atendente");
    let soon = tell_place(&world.state, 1, Some(5));
    world.now += TELL_AGAIN_AFTER - TimeDelta::seconds(1);
    assert_eq!(world.run(soon.clone()), Decision::default());
    world.pass(1);
    let decision = world.run(soon.clone());
    let words = "Sua posição na fila: 1. Tempo estimado de espera: até 5 minutos.";
    assert_eq!(said(&decision), [words]);
    assert!(is_void_when_somebody_leads(&decision));
    assert!(matches!(
        decision.events.last(),
        Some(Event::PlaceTold {
            position: 1,
            minutes: Some(5),
            ..
        })
    ));
    assert_eq!(world.run(soon), Decision::default());
}

#[test]
fn who_is_about_to_be_served_or_is_served_hears_nothing_of_the_queue() {
    let mut world = World::waiting();
    let place = tell_place(&world.state, 2, None);
    world.run(offer(&world.state, BIA));
    assert_eq!(world.run(place.clone()), Decision::default());
    world.run(accept(&world.state, BIA));
    assert_eq!(world.run(place), Decision::default());
    // A place in an earlier request is not one in this.
    let mut world = World::waiting();
    let old = tell_place(&world.state, 2, None);
    world.run(super::world::request(
        None,
        crate::conversation::Priority::Low,
    ));
    assert_eq!(world.run(old), Decision::default());
    // Outside of the window nothing may be said, and so it was not told.
    let mut world = World::waiting();
    world.pass(25 * 60 * 60);
    let late = tell_place(&world.state, 2, None);
    assert_eq!(world.run(late), Decision::default());
    world.run(take_over(ANA));
}
