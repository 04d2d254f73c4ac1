//! The order of service, and what a queue's rules may be.

use super::world::{ANA, World, attendant, conversation};
use crate::conversation::Priority;
use crate::routing::{Routing, Strategy, arrival, skills_problem};
use chrono::{DateTime, TimeDelta};

#[test]
fn a_step_of_priority_is_worth_so_much_waiting_and_no_more() {
    let since = DateTime::UNIX_EPOCH;
    let later = |minutes| since + TimeDelta::minutes(minutes);
    let low = arrival(since, Priority::Low, 600);
    assert!(arrival(later(29), Priority::Urgent, 600) < low);
    assert!(arrival(later(31), Priority::Urgent, 600) > low);
    assert!(arrival(later(9), Priority::Medium, 600) < low);
    assert!(arrival(later(11), Priority::Medium, 600) > low);
    // Without aging the first to come is the first.
    assert!(arrival(later(1), Priority::Urgent, 0) > low);
}

#[test]
fn an_old_request_is_served_though_urgent_ones_never_end() {
    let mut world = World::with(Strategy::RoundRobin, vec![attendant(ANA, 1)]);
    world.arrives(1, Priority::Urgent);
    world.arrives(0, Priority::Low);
    for minute in 2.. {
        let asked = world.works();
        let [(served, ANA)] = asked[..] else {
            panic!("{asked:?}")
        };
        if served == conversation(0) {
            assert_eq!(minute, 33, "three steps of ten minutes");
            return;
        }
        assert!(minute < 33, "somebody waits for ever");
        world.arrives(minute, Priority::Urgent);
        world.closes(minute - 1);
        world.pass(60);
    }
}

#[test]
fn rules_are_checked() {
    let rules = |offer_seconds, skills: &[&str]| Routing {
        offer_seconds,
        skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        ..Routing::default()
    };
    assert_eq!(rules(5, &["ingles", "troca-2"]).faults(), []);
    for seconds in [0, 4, 601, u32::MAX] {
        assert_eq!(rules(seconds, &[]).faults()[0].0, "offer_seconds");
    }
    let long = "x".repeat(21);
    for skills in [
        &["a", "b", "c"][..],
        &["a", "a"],
        &[""],
        &["É"],
        &["A"],
        &[&long],
    ] {
        assert_eq!(rules(30, skills).faults()[0].0, "skills", "{skills:?}");
    }
    let many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    assert_eq!(skills_problem(&many, 30), None);
}
