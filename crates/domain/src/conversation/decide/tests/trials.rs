//! A flow tried by one customer, and one played to nobody.

use super::flow::{flow, says};
use super::world::{World, node, noon, said, words};
use crate::bot::{Trial, default_flow};
use crate::conversation::{DeadlineKind, Rehearsal, Turn};
use crate::ids::CustomerId;
use crate::tenant::TenantPolicy;
use chrono::TimeDelta;
use uuid::Uuid;

#[test]
fn what_another_flow_asked_is_not_answered_by_this_one() {
    let mut world = World::at_menu();
    let begun = world.now;
    world.pass(1);
    // The default flow has an option 1 as well.
    world.flow = flow();
    world.flow_since = Some(begun);
    let first = says(&mut world, "1");
    assert_eq!(said(&first), ["Escolha:"]);
    says(&mut world, "1");
    assert_eq!(
        node(&world.state),
        Some("number"),
        "its own question counts"
    );

    world.flow = default_flow();
    world.flow_since = Some(world.now);
    let back = says(&mut world, "4711");
    assert!(said(&back)[0].contains("Como podemos ajudar?"), "{back:?}");
    assert_eq!(node(&world.state), Some("main"));
}

#[test]
fn a_burst_that_another_flow_asked_for_begins_this_one() {
    let mut world = World::new();
    world.says("oi");
    world.says("hmm");
    assert!(world.state.turn.is_some(), "it waits for more");
    world.flow = flow();
    world.flow_since = Some(world.now + TimeDelta::milliseconds(1));
    let ended = world.rings(DeadlineKind::BotTurn);
    assert_eq!(said(&ended), ["Escolha:"]);
}

#[test]
fn a_trial_has_a_beginning_and_an_end() {
    let (draft, usual) = (flow(), default_flow());
    let trial = Trial {
        customer: CustomerId(Uuid::from_u128(1)),
        flow: draft.clone(),
        since: noon(),
        until: noon() + TimeDelta::hours(1),
    };
    let at = |minutes| trial.served(&usual, noon() + TimeDelta::minutes(minutes));
    assert_eq!(at(-1), (&usual, None));
    assert_eq!(at(0), (&draft, Some(trial.since)));
    assert_eq!(at(59), (&draft, Some(trial.since)));
    assert_eq!(at(60), (&usual, Some(trial.until)));
}

fn play(said: &[&str]) -> Vec<Turn> {
    let policy = TenantPolicy::default();
    let rehearsal = Rehearsal {
        now: noon(),
        policy: &policy,
        flow: &flow(),
        departments: &[],
        customer_name: Some("Maria"),
    };
    rehearsal.play(said.iter().map(|text| words(text)).collect())
}

fn told(turn: &Turn) -> Vec<&str> {
    turn.told.iter().map(|outbound| outbound.body()).collect()
}

#[test]
fn a_rehearsal_says_what_a_conversation_would() {
    let turns = play(&["oi", "1", "4711", "troca", "o quê?", "atendente", "alô?"]);
    assert_eq!(told(&turns[0]), ["Escolha:"]);
    assert_eq!(turns[1].node.as_deref(), Some("number"));
    assert_eq!(
        told(&turns[3])[0],
        "Pedido 4711, sobre troca. Obrigado, Maria!"
    );
    // It need not wait for the end of a burst.
    assert_eq!((turns[4].mode, told(&turns[4]).len()), ("bot", 1));
    assert_eq!((turns[5].mode, &turns[5].node), ("waiting", &None));
    assert_eq!(turns[6].told, []);
    assert_eq!(play(&["oi", "5"])[1].mode, "closed");
    assert_eq!(play(&[]), []);
}

#[test]
fn a_rehearsal_asks_for_a_person_where_a_flow_cannot_go_on() {
    let turns = play(&["oi", "4"]);
    assert_eq!(turns[1].mode, "waiting");
}
