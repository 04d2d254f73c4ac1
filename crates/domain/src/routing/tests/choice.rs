//! Who is asked.

use super::world::{ANA, BIA, CAU, SALES, World, attendant, conversation};
use crate::conversation::{Command, Mode, Priority, Rejection};
use crate::ids::UserId;
use crate::role::Role;
use crate::routing::{Attendant, Availability, MoveEnd, Strategy};
use crate::tenant::BusinessHours;
use chrono::TimeDelta;

fn asked(world: &mut World) -> Vec<UserId> {
    world.works().into_iter().map(|(_, user)| user).collect()
}

fn everybody(capacity: u32) -> Vec<Attendant> {
    [ANA, BIA, CAU]
        .map(|user| attendant(user, capacity))
        .to_vec()
}

#[test]
fn round_robin_asks_whoever_was_not_given_anything_for_the_longest_time() {
    let mut world = World::with(Strategy::RoundRobin, everybody(5));
    for number in 0..6 {
        world.arrives(number, Priority::Medium);
        world.pass(1);
    }
    assert_eq!(asked(&mut world), [ANA, BIA, CAU, ANA, BIA, CAU]);
}

#[test]
fn least_busy_asks_whoever_has_the_most_room_for_what_they_can_take() {
    let people = vec![attendant(ANA, 2), attendant(BIA, 8)];
    let mut world = World::with(Strategy::LeastBusy, people);
    for number in 0..6 {
        world.arrives(number, Priority::Medium);
        world.pass(1);
    }
    assert_eq!(asked(&mut world), [ANA, BIA, BIA, BIA, BIA, ANA]);
}

#[test]
fn nobody_is_asked_to_pull_nor_while_it_is_closed() {
    let mut world = World::with(Strategy::Pull, everybody(5));
    world.arrives(1, Priority::Medium);
    assert_eq!(asked(&mut world), []);
    let mut world = World::with(Strategy::RoundRobin, everybody(5));
    let closed = serde_json::json!({"weekly": {"7": ["03:00-03:01"]}});
    let closed: BusinessHours = serde_json::from_value(closed).unwrap();
    world.policy.business_hours = closed.clone();
    world.departments[0].business_hours = Some(BusinessHours::default());
    world.arrives(1, Priority::Medium);
    assert_eq!(asked(&mut world), []);
    world.asks(2, Some(SALES), Priority::Medium, &[]);
    assert_eq!(asked(&mut world).len(), 1, "the department is open");
    let opening = closed.next_opening(world.now).unwrap();
    world.now = opening - TimeDelta::seconds(1);
    assert_eq!(asked(&mut world), []);
    world.now = opening;
    assert_eq!(asked(&mut world).len(), 1, "whoever waited for it");
}

#[test]
fn only_those_are_asked_who_belong_there_and_can_do_it() {
    let mut people = everybody(5);
    people[0].departments.clear();
    people[1].skills = vec!["ingles".to_owned()];
    let mut world = World::with(Strategy::RoundRobin, people);
    world.asks(1, Some(SALES), Priority::Medium, &["ingles"]);
    world.asks(2, Some(SALES), Priority::Medium, &["ingles"]);
    assert_eq!(asked(&mut world), [BIA, BIA]);
    // A supervisor serves where they belong, and not everywhere.
    let mut chief = attendant(ANA, 5);
    chief.role = Role::Supervisor;
    let mut world = World::with(Strategy::RoundRobin, vec![chief]);
    world.arrives(1, Priority::Medium);
    world.asks(2, Some(SALES), Priority::Medium, &[]);
    assert_eq!(world.works(), [(conversation(2), ANA)]);
}

#[test]
fn who_is_away_full_or_gone_is_not_asked() {
    let mut people = everybody(1);
    people[0].availability = Availability::Away;
    let mut world = World::with(Strategy::RoundRobin, people);
    world.here.remove(&BIA);
    world.tell_people();
    for number in 0..3 {
        world.arrives(number, Priority::Medium);
    }
    assert_eq!(asked(&mut world), [CAU]);
}

#[test]
fn who_served_the_customer_before_is_asked_first() {
    let mut world = World::with(Strategy::RoundRobin, everybody(5));
    world.arrives(1, Priority::Medium);
    let lead = |by| Command::TakeOver {
        by,
        name: String::new(),
        force: true,
    };
    world.run(conversation(1), &lead(CAU)).unwrap();
    world.closes(1);
    // Their next session.
    let phone = serde_json::from_value(serde_json::json!({
        "external_id": "wamid.1", "sent_at": world.now, "quote": null,
        "content": {"type": "text", "body": "atendente"},
    }));
    let heard = Command::ReceiveInbound(phone.unwrap());
    world.run(conversation(1), &heard).unwrap();
    assert_eq!(asked(&mut world), [CAU]);
}

#[test]
fn who_let_it_go_is_asked_again_only_if_nobody_else_can_and_after_a_pause() {
    let mut world = World::with(Strategy::RoundRobin, everybody(5));
    world.arrives(1, Priority::Medium);
    for user in [ANA, BIA, CAU] {
        assert_eq!(asked(&mut world), [user]);
        assert!(world.answers(1, user, false));
        world.pass(10);
    }
    assert_eq!(asked(&mut world), []);
    world.pass(29);
    assert_eq!(asked(&mut world), [], "Ana has had 59 seconds");
    world.pass(1);
    assert_eq!(asked(&mut world), [ANA]);
    assert!(world.answers(1, ANA, true));
}

#[test]
fn what_somebody_is_asked_goes_back_when_they_are_gone_for_longer_than_a_moment() {
    let mut world = World::with(Strategy::RoundRobin, everybody(5));
    world.arrives(1, Priority::Medium);
    assert_eq!(asked(&mut world), [ANA]);
    world.here.remove(&ANA);
    world.tell_people();
    world.pass(9);
    assert_eq!(asked(&mut world), []);
    world.pass(1);
    assert_eq!(asked(&mut world), [BIA]);
    // Who says that they are away is not waited for.
    world.people.get_mut(&BIA).unwrap().availability = Availability::Away;
    world.tell_people();
    assert_eq!(asked(&mut world), [CAU]);
}

#[test]
fn what_somebody_is_asked_goes_back_when_they_serve_such_requests_no_more() {
    let mut world = World::with(Strategy::RoundRobin, everybody(5));
    for person in world.people.values_mut() {
        person.skills = vec!["ingles".to_owned()];
    }
    world.tell_people();
    world.asks(1, Some(SALES), Priority::Medium, &["ingles"]);
    assert_eq!(asked(&mut world), [ANA]);
    world.people.get_mut(&ANA).unwrap().departments.clear();
    world.tell_people();
    assert_eq!(asked(&mut world), [BIA], "Ana works elsewhere");
    world.people.get_mut(&BIA).unwrap().skills.clear();
    world.tell_people();
    assert_eq!(asked(&mut world), [CAU], "Bia cannot do it");
}

#[test]
fn a_move_that_fails_is_tried_again_and_leaves_nothing_behind() {
    let mut world = World::with(Strategy::RoundRobin, vec![attendant(ANA, 1)]);
    world.arrives(1, Priority::Medium);
    world.tell();
    let moves = world.moves();
    assert_eq!(world.desk.load(ANA), 1, "on its way");
    world.desk.settle(&moves[0], &MoveEnd::Failed, world.now);
    assert_eq!(world.desk.load(ANA), 0);
    assert_eq!(world.moves(), []);
    world.pass(5);
    assert_eq!(asked(&mut world), [ANA]);
    // One of which nothing is ever heard.
    let mut world = World::with(Strategy::RoundRobin, vec![attendant(ANA, 1)]);
    world.arrives(1, Priority::Medium);
    world.tell();
    assert_eq!(world.moves().len(), 1);
    world.pass(60);
    assert_eq!(asked(&mut world), [ANA]);
}

#[test]
fn what_somebody_leads_who_serves_no_more_goes_back_to_the_queue() {
    let people = vec![attendant(ANA, 5), attendant(BIA, 5)];
    let mut world = World::with(Strategy::RoundRobin, people);
    let lead = |by| Command::TakeOver {
        by,
        name: String::new(),
        force: true,
    };
    // Not of this staff, as those of the platform are not: nobody dismissed them.
    world.run(conversation(7), &lead(CAU)).unwrap();
    world.run(conversation(8), &lead(BIA)).unwrap();
    world.run(conversation(9), &lead(ANA)).unwrap();
    world.tell();
    assert_eq!(world.desk.reliefs(world.now), []);
    world.people.remove(&ANA);
    world.tell_people();
    assert!(world.desk.is_due(world.now));
    let reliefs = world.desk.reliefs(world.now);
    let [relief] = reliefs[..] else {
        panic!("{reliefs:?}")
    };
    assert_eq!((relief.conversation, relief.user), (conversation(9), ANA));
    // If nothing came of it, it is tried again; and it goes on where the process ended.
    assert_eq!(world.desk.reliefs(world.now), []);
    world.pass(30);
    assert_eq!(world.desk.reliefs(world.now), [relief]);
    let decision = world.run(conversation(9), &relief.command()).unwrap();
    assert!(matches!(world.run(conversation(9), &relief.command()),
        Ok(nothing) if nothing.events.is_empty()));
    assert!(decision.messages.is_empty(), "nobody waits for an answer");
    assert_eq!(world.works(), [(conversation(9), BIA)]);
    world.pass(30);
    assert_eq!(world.desk.reliefs(world.now), []);
}

/// Nobody has said no: the request is not put behind others for them, nor left alone for long.
#[test]
fn who_had_no_room_after_all_is_asked_in_turn_once_there_is() {
    let mut world = World::with(Strategy::RoundRobin, vec![attendant(ANA, 1)]);
    let lead = Command::TakeOver {
        by: ANA,
        name: String::new(),
        force: true,
    };
    world.arrives(1, Priority::Medium);
    world.tell();
    // The desk is not told yet.
    world.run(conversation(9), &lead).unwrap();
    let moves = world.moves();
    assert!(matches!(
        world.make(&moves[0]),
        MoveEnd::Refused(Rejection::AtCapacity { .. })
    ));
    world.pass(1);
    world.arrives(2, Priority::Medium);
    world.closes(9);
    assert_eq!(world.works(), [], "not in the same breath");
    world.pass(5);
    assert_eq!(world.works(), [(conversation(1), ANA)]);
    world.tell();
    let choices = world.desk.choices(ANA, &world.policy);
    assert_eq!(choices[0].0, conversation(1));
}

#[test]
fn what_staff_says_of_the_urgency_counts_at_once() {
    let mut world = World::with(Strategy::Pull, everybody(5));
    world.arrives(1, Priority::Medium);
    world.pass(1);
    world.arrives(2, Priority::Medium);
    let first = |world: &mut World| {
        world.tell();
        world.desk.choices(ANA, &world.policy)[0].0
    };
    assert_eq!(first(&mut world), conversation(1));
    for (priority, expected) in [(Priority::Urgent, 2), (Priority::Low, 1)] {
        let urgency = Command::SetPriority { by: BIA, priority };
        world.run(conversation(2), &urgency).unwrap();
        assert_eq!(first(&mut world), conversation(expected));
    }
}

#[test]
fn who_takes_the_next_one_gets_the_best_that_is_free() {
    let mut world = World::with(Strategy::Pull, everybody(5));
    world.arrives(1, Priority::Low);
    world.arrives(2, Priority::Urgent);
    world.asks(3, Some(SALES), Priority::Urgent, &["ingles"]);
    world.arrives(4, Priority::High);
    let handoff = world.handoff(conversation(4));
    let seconds = 30;
    let to = BIA;
    let offer = Command::Offer {
        handoff,
        to,
        seconds,
    };
    world.run(conversation(4), &offer).unwrap();
    world.tell();
    let choices = |world: &World, user| -> Vec<_> {
        let choices = world.desk.choices(user, &world.policy);
        choices.into_iter().map(|(choice, _)| choice).collect()
    };
    let of = |numbers: &[u128]| -> Vec<_> { numbers.iter().map(|n| conversation(*n)).collect() };
    assert_eq!(choices(&world, ANA), of(&[2, 1]));
    assert_eq!(
        choices(&world, BIA),
        of(&[4, 2, 1]),
        "one's own offer first"
    );
    assert!(world.answers(4, BIA, false));
    world.tell();
    assert_eq!(choices(&world, BIA), of(&[2, 1, 4]));
    assert!(matches!(
        world.states[&conversation(4)].mode,
        Mode::Waiting { .. }
    ));
}
