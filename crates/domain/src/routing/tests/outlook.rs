//! What is told about the wait.

use super::world::{ANA, BIA, SALES, World, attendant, conversation};
use crate::DepartmentId;
use crate::conversation::{Command, Priority};
use crate::routing::{Availability, Strategy, arrival};
use chrono::TimeDelta;
use uuid::Uuid;

fn serves(world: &mut World, number: u128, minutes: i64) {
    world.asks(number, Some(SALES), Priority::Medium, &[]);
    let lead = Command::TakeOver {
        by: ANA,
        name: String::new(),
        force: true,
    };
    world.run(conversation(number), &lead).unwrap();
    world.pass(minutes * 60);
    world.closes(number);
    world.tell();
}

/// Place and most likely limit of the wait of the customer who waits, or would.
fn place(world: &World, number: u128) -> (u32, Option<u32>) {
    let outlook = world
        .desk
        .outlook(&world.policy, &world.departments, world.now);
    let arrival = arrival(world.now, Priority::Medium, world.policy.aging);
    let handoff = world.handoff(conversation(number));
    let place = outlook
        .place(Some(SALES), (arrival, handoff), world.now)
        .unwrap();
    (place.position, place.minutes)
}

#[test]
fn the_wait_is_guessed_only_from_enough_and_recent_services() {
    let mut world = World::with(Strategy::Pull, vec![attendant(ANA, 2)]);
    for (number, minutes) in [(1, 4), (2, 20)] {
        serves(&mut world, number, minutes);
    }
    assert_eq!(place(&world, 99), (1, None));
    serves(&mut world, 3, 16);
    // Sixteen minutes, two at once.
    assert_eq!(place(&world, 99), (1, Some(15)));
    for number in 11..=14 {
        world.asks(number, Some(SALES), Priority::High, &[]);
    }
    world.tell();
    // Forty.
    assert_eq!(place(&world, 99), (5, Some(60)));
    // Nobody is there: no guess, but a place.
    world.people.get_mut(&ANA).unwrap().availability = Availability::Away;
    world.tell_people();
    assert_eq!(place(&world, 99), (5, None));
    world.people.get_mut(&ANA).unwrap().availability = Availability::Available;
    world.tell_people();
    world.now += TimeDelta::hours(2);
    assert_eq!(place(&world, 99).1, None, "too long ago");
}

/// Offers are made in one order of all queues, so the older line is served first.
#[test]
fn an_older_line_of_another_queue_of_the_same_people_counts() {
    let support = DepartmentId(Uuid::from_u128(0xf2));
    let mut world = World::with(
        Strategy::LeastBusy,
        vec![attendant(ANA, 1), attendant(BIA, 1)],
    );
    let mut department = world.departments[0].clone();
    department.id = support;
    world.departments.push(department);
    for person in world.people.values_mut() {
        person.departments.push(support);
    }
    world.tell_people();
    for number in 1..=3 {
        serves(&mut world, number, 10);
    }
    let free = |world: &World| {
        let outlook = world
            .desk
            .outlook(&world.policy, &world.departments, world.now);
        let arrival = arrival(world.now, Priority::Medium, world.policy.aging);
        let request = (arrival, world.handoff(conversation(99)));
        let place = outlook.place(Some(SALES), request, world.now).unwrap();
        place.free
    };
    // Ten minutes, two at once.
    assert_eq!((place(&world, 99), free(&world)), ((1, Some(5)), true));
    for number in 11..=16 {
        world.asks(number, Some(support), Priority::Medium, &[]);
    }
    world.pass(60);
    world.tell();
    // Seven of ten minutes.
    assert_eq!((place(&world, 99), free(&world)), ((1, Some(60)), false));
    let views = world
        .desk
        .queues(&world.policy, &world.departments, world.now);
    assert_eq!(views[1].minutes, Some(35));
    // Who is closed is not served before anybody.
    let closed = serde_json::json!({"weekly": {"7": ["03:00-03:01"]}});
    world.departments[1].business_hours = serde_json::from_value(closed).unwrap();
    assert_eq!(place(&world, 99), (1, Some(5)));
    world.departments[1].business_hours = None;
    // Nor are those whom other people serve.
    world.people.get_mut(&ANA).unwrap().departments = vec![SALES];
    world.people.get_mut(&BIA).unwrap().departments = vec![support];
    world.tell_people();
    assert_eq!((place(&world, 99), free(&world)), ((1, Some(15)), true));
}

#[test]
fn a_view_shows_the_queue_and_who_serves_it() {
    let mut world = World::with(
        Strategy::LeastBusy,
        vec![attendant(ANA, 2), attendant(BIA, 5)],
    );
    world.here.remove(&BIA);
    world.tell_people();
    for number in 1..=3 {
        world.asks(number, Some(SALES), Priority::Medium, &[]);
        world.pass(60);
    }
    world.works();
    let views = world
        .desk
        .queues(&world.policy, &world.departments, world.now);
    assert_eq!(views.len(), 2);
    let sales = &views[1];
    assert_eq!(sales.department, Some(SALES));
    assert_eq!((sales.waiting, sales.offered, sales.open), (3, 2, true));
    assert_eq!(sales.longest_since, Some(world.now - TimeDelta::minutes(3)));
    let people: Vec<_> = sales
        .people
        .iter()
        .map(|person| (person.user, person.online, person.load, person.capacity))
        .collect();
    assert_eq!(people, [(ANA, true, 2, 2), (BIA, false, 0, 5)]);
    assert_eq!((views[0].waiting, views[0].longest_since), (0, None));
}
