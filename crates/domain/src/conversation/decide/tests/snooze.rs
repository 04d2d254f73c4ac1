//! What is out of the way comes back.

use super::world::{ANA, BIA, World, close, happened, reply, take_by_force};
use crate::conversation::{Command, DeadlineKind, Decision, Event, Listing, Originator, Rejection};
use chrono::TimeDelta;

fn snooze(world: &World, days: i64) -> Command {
    Command::Snooze {
        by: ANA,
        force: false,
        until: world.now + TimeDelta::days(days),
    }
}

fn snoozed() -> World {
    let mut world = World::led_by_ana();
    let until = snooze(&world, 3);
    world.run(until);
    world
}

#[test]
fn it_comes_back_unread_at_its_time() {
    let mut world = World::led_by_ana();
    world.run(reply(ANA, "falamos na segunda"));
    let until = world.now + TimeDelta::days(3);
    world.run(snooze(&world, 3));
    assert_eq!(Listing::of(&world.state).snoozed_until, Some(until));
    assert_eq!(world.state.wake_at(), Some(until));
    let decision = world.rings(DeadlineKind::Snooze);
    assert_eq!(happened(&decision), ["snooze_ended", "marked_unread"]);
    let listing = Listing::of(&world.state);
    assert_eq!((listing.snoozed_until, listing.unread), (None, 1));
}

/// Whoever put it away knows that the customer waits: it is not taken from them meanwhile, and
/// they have the whole time when it is back.
#[test]
fn nobody_is_late_with_an_answer_meanwhile() {
    let mut world = World::led_by_ana();
    assert!(world.state.deadline(DeadlineKind::HumanIdle).is_some());
    world.run(snooze(&world, 3));
    assert_eq!(world.state.deadline(DeadlineKind::HumanIdle), None);
    let decision = world.rings(DeadlineKind::Snooze);
    let idle = TimeDelta::seconds(i64::from(world.policy.human_idle));
    let late = world.state.deadline(DeadlineKind::HumanIdle).unwrap();
    assert_eq!(late.at, world.now + idle);
    // It was unread all the time.
    assert_eq!(happened(&decision), ["snooze_ended", "deadline_armed"]);
}

#[test]
fn the_customer_staff_and_whoever_leads_next_bring_it_back() {
    let mut world = snoozed();
    let decision = world.says("já voltei");
    let back = decision.events.iter().find_map(|event| match event {
        Event::SnoozeEnded { by, .. } => Some(*by),
        _ => None,
    });
    assert_eq!(back, Some(Originator::Customer));
    assert_eq!(world.state.snoozed_until(), None);
    assert!(world.state.deadline(DeadlineKind::HumanIdle).is_some());

    let end = |by, force| Command::EndSnooze { by, force };
    let mut world = snoozed();
    assert_eq!(
        world.refused(end(BIA, false)),
        Rejection::AssignedToAnother { by: Some(ANA) }
    );
    world.run(end(BIA, true));
    assert_eq!(world.state.snoozed_until(), None);
    assert_eq!(world.run(end(ANA, false)), Decision::default());

    for command in [take_by_force(BIA), close(ANA)] {
        let mut world = snoozed();
        world.run(command);
        assert_eq!(world.state.snoozed_until(), None);
    }
}

#[test]
fn a_later_snooze_takes_the_place_of_the_first() {
    let mut world = snoozed();
    let first = *world.state.deadline(DeadlineKind::Snooze).unwrap();
    world.run(snooze(&world, 5));
    world.now = first.at;
    let overtaken = world.run(Command::DeadlineFired {
        kind: DeadlineKind::Snooze,
        generation: first.generation,
    });
    assert_eq!(overtaken, Decision::default());
    assert!(world.state.snoozed_until().is_some());
}

#[test]
fn only_who_leads_puts_it_away_and_not_for_ever() {
    for (mut world, refused) in [
        (World::at_menu(), Rejection::NotInHumanMode),
        (World::waiting(), Rejection::NotInHumanMode),
        (World::closed(), Rejection::AlreadyClosed),
    ] {
        assert_eq!(world.refused(snooze(&world, 1)), refused);
    }
    let mut world = World::led_by_ana();
    for days in [-1, 0, 366] {
        let refused = world.refused(snooze(&world, days));
        assert!(matches!(refused, Rejection::Invalid { field: "until", .. }));
    }
    world.run(snooze(&world, 365));
}
