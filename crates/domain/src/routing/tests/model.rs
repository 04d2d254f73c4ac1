//! What holds of any history and strategy: people come and go, answer or do not, take what they
//! like, capacities and hours change, the process ends at any moment, and the desk hears of it late.

use super::world::{ANA, BIA, CAU, CHIEF, SALES, World, attendant, conversation};
use crate::conversation::{Command, Mode, Priority, State, TransferTarget};
use crate::ids::UserId;
use crate::routing::desk::{Presence, Request};
use crate::routing::moves::Rules;
use crate::routing::{ASK_AGAIN_AFTER, Availability, MoveEnd, Strategy};
use crate::tenant::BusinessHours;
use proptest::prelude::{ProptestConfig, any, proptest};
use std::collections::BTreeMap;

const PEOPLE: [UserId; 3] = [ANA, BIA, CAU];
const CONVERSATIONS: u128 = 8;
const STEPS: u8 = 20;

fn start(strategy: Strategy) -> World {
    let people = [(ANA, 1), (BIA, 2), (CAU, 3)].map(|(user, capacity)| attendant(user, capacity));
    let mut people = people.to_vec();
    people[1].skills = vec!["ingles".to_owned()];
    people[2].departments.clear();
    World::with(strategy, people)
}

fn step(world: &mut World, step: u8, arg: u8) {
    let number = u128::from(arg) % CONVERSATIONS;
    let user = PEOPLE[usize::from(arg) % PEOPLE.len()];
    let asked = world
        .states
        .get(&conversation(number))
        .and_then(State::offer);
    match step {
        0..=3 => asks(world, number, arg),
        4 | 5 => {
            if let Some(offer) = asked {
                world.answers(number, offer.to, step == 4);
            }
        }
        6 => world.pass(i64::from(arg)),
        7 if arg.is_multiple_of(2) => drop(world.here.remove(&user)),
        7 => drop(world.here.insert(user)),
        8 => {
            let person = world.people.get_mut(&user).unwrap();
            person.availability = match person.availability {
                Availability::Available => Availability::Away,
                Availability::Away => Availability::Available,
            };
        }
        9 => world.people.get_mut(&user).unwrap().capacity = u32::from(arg % 4),
        10 | 11 => world.closes(number),
        12 => {
            let name = String::new();
            let take = Command::TakeOver {
                by: user,
                name,
                force: true,
            };
            drop(world.run(conversation(number), &take));
        }
        13 => {
            let move_on = Command::Transfer {
                by: CHIEF,
                force: true,
                to: TransferTarget::Department(SALES),
                note: None,
            };
            drop(world.run(conversation(number), &move_on));
        }
        14 => world.crash(),
        15 => {
            let urgency = Command::SetPriority {
                by: CHIEF,
                priority: [Priority::Low, Priority::High, Priority::Urgent][usize::from(arg % 3)],
            };
            drop(world.run(conversation(number), &urgency));
        }
        16 => {
            let person = world.people.get_mut(&user).unwrap();
            person.departments = match person.departments.is_empty() {
                true => vec![SALES],
                false => Vec::new(),
            };
        }
        17 => takes_the_next(world, user),
        18 => opens_or_closes(world),
        // The desk acts on what it knows, which may be old: the commit decides.
        _ => {
            for wanted in world.moves() {
                world.make(&wanted);
            }
        }
    }
    world.ring();
    world.tell_people();
}

fn asks(world: &mut World, number: u128, arg: u8) {
    let department = arg.is_multiple_of(2).then_some(SALES);
    let priority = [Priority::Low, Priority::Medium, Priority::Urgent][usize::from(arg % 3)];
    let skills: &[&str] = match arg.is_multiple_of(5) {
        true => &["ingles"],
        false => &[],
    };
    world.asks(number, department, priority, skills);
}

fn opens_or_closes(world: &mut World) {
    let hours = &mut world.departments[0].business_hours;
    *hours = match hours {
        Some(_) => None,
        None => Some(on_sundays()),
    };
    world.desk.stir();
}

fn on_sundays() -> BusinessHours {
    let hours = serde_json::json!({"weekly": {"7": ["03:00-03:01"]}});
    serde_json::from_value(hours).unwrap()
}

/// Somebody takes the best of what is there for them. What the desk does not know yet, the commit
/// does.
fn takes_the_next(world: &mut World, by: UserId) {
    for (conversation, handoff) in world.desk.choices(by, &world.policy) {
        let name = String::new();
        let take = Command::Assign {
            by,
            handoff,
            to: by,
            name,
            force: false,
        };
        if world.run(conversation, &take).is_ok() {
            return;
        }
    }
}

/// What the desk keeps of each request, and whose it is.
fn kept(world: &World) -> BTreeMap<u128, String> {
    let mut kept = BTreeMap::new();
    for (conversation, request) in &world.desk.queue {
        let Request {
            handoff,
            since,
            priority,
            department,
            skills,
            offer,
            ..
        } = request;
        let words = (handoff, since, priority, department, skills, offer);
        let held = world.desk.holder(*conversation);
        kept.insert(conversation.0.as_u128(), format!("{words:?} {held:?}"));
    }
    kept
}

/// Nobody is asked what they do not serve.
fn offers_are_of_those_who_serve(world: &World) {
    for (conversation, request) in &world.desk.queue {
        if let Some(offer) = request.offer {
            let person = &world.people[&offer.to];
            let fit = person.serves(request.department) && person.lacks(&request.skills).is_empty();
            let tried = request.not_before.is_some_and(|at| at > world.now);
            assert!(fit || tried, "{person:?} is asked about {conversation}");
        }
    }
}

/// A desk that knows everything has the books of the database.
fn books_agree(world: &World) {
    for user in PEOPLE {
        let stored = world.held(user).count();
        assert_eq!(
            usize::try_from(world.desk.load(user)).unwrap(),
            stored,
            "{user}"
        );
    }
    let waiting = |state: &&State| matches!(state.mode, Mode::Waiting { .. });
    let stored: Vec<_> = world
        .states
        .values()
        .filter(waiting)
        .map(|s| s.conversation)
        .collect();
    let known: Vec<_> = world.desk.queue.keys().copied().collect();
    assert_eq!(known, stored);
    for (conversation, request) in &world.desk.queue {
        assert_eq!(request.offer, world.states[conversation].offer());
    }
}

/// Nobody waits unasked whom somebody could serve now; where nobody is asked, they could take
/// somebody.
fn everybody_is_asked_for(world: &World) {
    for request in world.desk.queue.values().filter(|r| r.offer.is_none()) {
        let rules = Rules::of(&world.policy, &world.departments, request.department);
        let pulled = rules.routing.strategy == Strategy::Pull;
        for (user, person) in &world.people {
            let known = &world.desk.people[user];
            let here = known.presence == Presence::Here;
            let works = here && person.availability == Availability::Available;
            let room = world.held(*user).count() < usize::try_from(person.capacity).unwrap();
            let fit = person.serves(request.department) && person.lacks(&request.skills).is_empty();
            let rests = request
                .passed
                .iter()
                .any(|(passed, at)| passed == user && world.now - *at < ASK_AGAIN_AFTER);
            let tried =
                request.not_before.is_some_and(|at| at > world.now) || !known.is_rested(world.now);
            let could = works && room && fit;
            if pulled {
                let offered = !world.desk.choices(*user, &world.policy).is_empty();
                assert!(!could || offered, "{user} could take {request:?}");
            } else {
                assert!(
                    !could || rests || tried || !rules.is_open(world.now),
                    "{user} could serve {request:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_the_promises(
        strategy in proptest::sample::select(
            vec![Strategy::Pull, Strategy::RoundRobin, Strategy::LeastBusy],
        ),
        steps in proptest::collection::vec((0..STEPS, any::<u8>()), 1..60),
    ) {
        let mut world = start(strategy);
        for (kind, arg) in steps {
            step(&mut world, kind, arg);
            if arg % 3 == 0 {
                // Told everything, it asks only who may be asked: `works` finds no move refused.
                world.desk.look_at = world.now;
                settle_down(&mut world);
                books_agree(&world);
                offers_are_of_those_who_serve(&world);
                everybody_is_asked_for(&world);
            }
            if arg % 7 == 0 {
                settle_down(&mut world);
                let before = kept(&world);
                world.crash();
                assert_eq!(kept(&world), before, "lost or doubled by a crash");
                books_agree(&world);
            }
        }
        all_are_served(&mut world);
    }
}

/// Moves that old knowledge led to have ended; new ones follow from what is so.
fn settle_down(world: &mut World) {
    world.tell();
    for wanted in world.moves() {
        assert_eq!(world.make(&wanted), MoveEnd::Done, "{wanted:?}");
    }
    world.works();
}

/// From any state: while those who are able work, every request comes to its end.
fn all_are_served(world: &mut World) {
    for person in world.people.values_mut() {
        person.availability = Availability::Available;
        person.capacity = person.capacity.max(1);
        person.departments = vec![SALES];
    }
    world.here.extend(PEOPLE);
    world.tell_people();
    world.departments[0].business_hours = None;
    world.desk.stir();
    for _ in 0..2 * CONVERSATIONS {
        world.pass(61);
        world.ring();
        settle_down(world);
        if world.policy.routing.strategy == Strategy::Pull {
            for user in PEOPLE {
                takes_the_next(world, user);
            }
        }
        for number in 0..CONVERSATIONS {
            let state = world.states.get(&conversation(number));
            if let Some(offer) = state.and_then(State::offer) {
                world.answers(number, offer.to, true);
            }
            if state_is_led(world, number) {
                world.closes(number);
            }
        }
    }
    world.tell();
    assert!(world.desk.queue.is_empty(), "{:?}", world.desk.queue);
}

fn state_is_led(world: &World, number: u128) -> bool {
    let state = world.states.get(&conversation(number));
    state.is_some_and(|state| matches!(state.mode, Mode::Human { .. }))
}
