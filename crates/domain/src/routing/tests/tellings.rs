//! Which customers hear how the queue moves, and when the desk has anything to do at all.

use super::world::{ANA, World, attendant, conversation};
use crate::conversation::{Command, Priority};
use crate::routing::{Strategy, TELL_AGAIN_AFTER};
use chrono::TimeDelta;

/// So many customers wait for nobody.
fn queue(length: u128) -> World {
    let mut world = World::new(Strategy::Pull);
    for number in 1..=length {
        world.arrives(number, Priority::Medium);
        world.pass(1);
    }
    world.tell();
    world
}

/// The first of the queue are served.
fn served(world: &mut World, numbers: std::ops::RangeInclusive<u128>) {
    for number in numbers {
        let take = Command::TakeOver {
            by: ANA,
            name: String::new(),
            force: true,
        };
        world.run(conversation(number), &take).unwrap();
    }
}

fn wait(world: &mut World) {
    world.now += TELL_AGAIN_AFTER;
}

#[test]
fn who_waits_is_told_once_and_then_when_half_of_those_before_them_are_gone() {
    let mut world = queue(9);
    assert_eq!(world.tellings(), [], "not so soon after they asked");
    wait(&mut world);
    let told: Vec<_> = (2..=9u128).zip(2..=9u32).collect();
    let named = |(number, position): (u128, u32)| (conversation(number), position);
    assert_eq!(
        world.tellings(),
        told.iter().copied().map(named).collect::<Vec<_>>(),
        "all but the first, for whom there is nothing to tell"
    );
    for (number, position) in told {
        world.told(number, position);
    }
    served(&mut world, 1..=4);
    world.pass(60);
    assert_eq!(world.tellings(), [], "again after a while at the soonest");
    wait(&mut world);
    // From 5, 6, 7, 8, 9 to 1, 2, 3, 4, 5.
    let halved: Vec<_> = (5..=8u128).zip(1..=4u32).map(named).collect();
    assert_eq!(world.tellings(), halved);
}

#[test]
fn who_is_asked_for_now_is_not_told_how_long_it_takes() {
    let mut world = World::with(Strategy::RoundRobin, vec![attendant(ANA, 1)]);
    for number in 1..=2 {
        world.asks(number, Some(super::world::SALES), Priority::Medium, &[]);
        world.pass(1);
    }
    let asked = world.works();
    assert_eq!(asked, [(conversation(1), ANA)]);
    wait(&mut world);
    assert_eq!(world.tellings(), [(conversation(2), 2)]);
}

#[test]
fn after_a_restart_nobody_hears_the_same_again() {
    let mut world = queue(4);
    wait(&mut world);
    assert_eq!(world.tellings().len(), 3);
    for (number, position) in [(2, 2), (3, 3), (4, 4)] {
        world.told(number, position);
    }
    world.crash();
    wait(&mut world);
    assert_eq!(world.tellings(), []);
    served(&mut world, 1..=2);
    world.pass(60);
    assert_eq!(
        world.tellings(),
        [(conversation(4), 2), (conversation(3), 1)]
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_desk_has_something_to_do_only_when_something_happened_or_somebody_waits() {
    let mut world = World::with(Strategy::RoundRobin, vec![attendant(ANA, 1)]);
    let look = |world: &mut World| {
        let moves = world.moves();
        let departments = &world.departments;
        drop(
            world
                .desk
                .take_outlook(&world.policy, departments, world.now),
        );
        moves.len()
    };
    assert!(world.desk.is_due(world.now), "it was told who works");
    look(&mut world);
    for _ in 0..10 {
        world.now += TimeDelta::hours(1);
        // The same people in the same places are no news.
        world.tell_people();
        assert!(!world.desk.is_due(world.now));
    }
    world.asks(1, Some(super::world::SALES), Priority::Medium, &[]);
    world.tell();
    assert!(world.desk.is_due(world.now));
    assert_eq!(look(&mut world), 1);
    assert!(!world.desk.is_due(world.now));
    world.pass(1);
    assert!(
        world.desk.is_due(world.now),
        "pauses end while somebody waits"
    );
    look(&mut world);
    world.here.clear();
    world.tell_people();
    assert!(world.desk.is_due(world.now), "somebody has gone");
}
