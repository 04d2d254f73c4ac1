//! Several messages in a row: the bot waits for the end of a burst, and answers it once.

use super::flow::{flow, says, world};
use super::world::{ANA, World, happened, node, picture, reaction, said, take_over};
use crate::bot::Node;
use crate::conversation::{Command, DeadlineKind, Decision, Effect, Mode};
use chrono::TimeDelta;

/// The customer has just been greeted with `flow`'s menu: what comes now may be a burst.
fn greeted() -> World {
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(1);
    world
}

#[test]
fn a_burst_of_free_text_counts_as_one_answer() {
    let mut world = greeted();
    let began = world.now;
    let first = world.says("então");
    assert_eq!(
        happened(&first),
        ["message_added", "turn_pending", "deadline_armed"]
    );
    assert!(
        first
            .effects
            .iter()
            .any(|e| matches!(e, Effect::ShowRead { typing: true, .. }))
    );
    world.pass(1);
    let second = world.says("eu queria");
    assert_eq!(happened(&second), ["message_added", "deadline_armed"]);
    let due = world.state.deadline(DeadlineKind::BotTurn).unwrap().at;
    assert_eq!(due, began + TimeDelta::seconds(3));
    let ended = world.rings(DeadlineKind::BotTurn);
    assert_eq!(said(&ended).len(), 1);
    assert!(matches!(&world.state.mode, Mode::Bot(bot) if bot.misses == 1));
    assert_eq!(world.state.turn, None);
}

#[test]
fn a_burst_is_waited_for_no_longer_than_the_tenant_wants() {
    let mut world = greeted();
    let began = world.now;
    for _ in 0..8 {
        world.says("e mais");
        world.pass(1);
    }
    let due = world.state.deadline(DeadlineKind::BotTurn).unwrap().at;
    assert_eq!(due, began + TimeDelta::seconds(8));
}

#[test]
fn an_answer_in_the_middle_of_a_burst_settles_it_at_once() {
    let mut world = greeted();
    world.says("quero");
    let decision = world.says("1");
    assert!(happened(&decision).contains(&"turn_settled"));
    assert_eq!(node(&world.state), Some("number"));
    assert_eq!(world.state.deadline(DeadlineKind::BotTurn), None);
}

#[test]
fn a_burst_that_a_changed_menu_understands_is_answered() {
    let mut world = greeted();
    world.says("boleto");
    world.says("por favor");
    if let Some(Node::Menu { options, .. }) = world.flow.nodes.get_mut("main") {
        options[0].keywords.push("boleto".to_owned());
    }
    world.rings(DeadlineKind::BotTurn);
    assert_eq!(node(&world.state), Some("number"));
}

#[test]
fn a_note_among_staff_answers_nothing() {
    let mut world = greeted();
    world.says("xyz");
    world.run(Command::AddNote {
        by: ANA,
        text: "1".to_owned(),
        mentions: Vec::new(),
    });
    world.rings(DeadlineKind::BotTurn);
    assert_eq!(node(&world.state), Some("main"));
}

#[test]
fn what_is_no_answer_cannot_become_one_when_the_burst_ends() {
    let mut world = world();
    says(&mut world, "1");
    says(&mut world, "40");
    world.pass(1);
    world.hears(picture(Some("legenda")));
    world.hears(reaction());
    world.rings(DeadlineKind::BotTurn);
    assert_eq!(node(&world.state), Some("subject"));
    assert!(matches!(&world.state.mode, Mode::Bot(bot) if bot.misses == 1));
}

#[test]
fn without_a_quiet_period_everything_is_answered_at_once() {
    let mut world = World::new();
    world.policy.coalesce_quiet_ms = 0;
    world.says("oi");
    let decision = world.says("xyz");
    assert_eq!(said(&decision).len(), 1);
    assert_eq!(world.state.turn, None);
}

#[test]
fn takeover_ends_a_burst_without_an_answer() {
    let mut world = World::at_menu();
    world.says("xyz");
    world.pass(1);
    world.says("abc");
    let overtaken = world
        .state
        .deadline(DeadlineKind::BotTurn)
        .copied()
        .unwrap();
    world.run(take_over(ANA));
    let decision = world.run(Command::DeadlineFired {
        kind: DeadlineKind::BotTurn,
        generation: overtaken.generation,
    });
    assert_eq!(decision, Decision::default());
}

#[test]
fn a_burst_that_outlived_the_window_is_no_miss() {
    let mut world = World::at_menu();
    world.says("xyz");
    world.says("abc");
    world.says("menu");
    world.says("então");
    world.pass(25 * 60 * 60);
    let ended = world.rings(DeadlineKind::BotTurn);
    assert_eq!(happened(&ended), ["turn_settled"]);
    assert!(matches!(&world.state.mode, Mode::Bot(bot) if bot.misses == 0));
}
