//! The bot's part: menus, inputs, bursts, misses, and the words that work everywhere.

use super::world::{World, handoffs, happened, node, picture, said, words};
use crate::bot::texts;
use crate::bot::{Flow, MenuOption, MenuStyle, Node, Validation};
use crate::conversation::{
    Command, DeadlineKind, Decision, Effect, Event, HandoffChange, HandoffReason, Mode, Originator,
    Priority, SendClass, Sender,
};
use chrono::TimeDelta;

fn option(id: &str, next: &str) -> MenuOption {
    MenuOption {
        id: id.to_owned(),
        title: format!("Opção {id}"),
        description: None,
        keywords: vec![format!("palavra {id}")],
        next: next.to_owned(),
    }
}

fn collect(variable: &str, validation: Validation, next: &str) -> Node {
    Node::Collect {
        text: format!("Qual é: {variable}?"),
        variable: variable.to_owned(),
        validation,
        next: next.to_owned(),
    }
}

fn message(text: &str, next: &str) -> Node {
    Node::Message {
        text: text.to_owned(),
        next: next.to_owned(),
    }
}

/// A flow with one of everything.
pub(super) fn flow() -> Flow {
    let nodes = [
        (
            "main",
            Node::Menu {
                text: "Escolha:".to_owned(),
                style: MenuStyle::Auto,
                header: None,
                footer: None,
                button: None,
                options: vec![
                    option("order", "number"),
                    option("person", "farewell"),
                    option("circle", "a"),
                    option("broken", "gone"),
                    option("end", "end"),
                ],
            },
        ),
        ("number", collect("pedido", Validation::Number, "subject")),
        ("subject", collect("assunto", Validation::Any, "thanks")),
        (
            "thanks",
            message(
                "Pedido {pedido}, sobre {assunto}. Obrigado, {name}!",
                "main",
            ),
        ),
        (
            "farewell",
            message("Vou te passar para a equipe.", "person"),
        ),
        (
            "person",
            Node::Handoff {
                text: Some("Equipe avisada, {name}.".to_owned()),
                department: Some(super::world::FINANCE),
                priority: Priority::High,
            },
        ),
        ("a", message("a", "b")),
        ("b", message("b", "a")),
        (
            "end",
            Node::Close {
                text: Some("Até logo, {name}!".to_owned()),
            },
        ),
    ];
    Flow {
        start: "main".to_owned(),
        nodes: nodes.map(|(id, node)| (id.to_owned(), node)).into(),
    }
}

/// The customer stands at `flow`'s menu, and no burst can be meant.
fn world() -> World {
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(60);
    world
}

/// Says something after a pause, so that it is no part of a burst.
fn says(world: &mut World, text: &str) -> Decision {
    world.pass(60);
    world.says(text)
}

#[test]
fn an_option_is_chosen_by_tap_number_title_or_keyword() {
    for text in [
        "1",
        " 1. ",
        "1️⃣",
        "opção order",
        "OPCAO ORDER!",
        "Palavra  Order",
    ] {
        let mut world = world();
        says(&mut world, text);
        assert_eq!(node(&world.state), Some("number"), "{text}");
    }
    let mut world = world();
    world.taps("order", "whatever it was called");
    assert_eq!(node(&world.state), Some("number"));
}

#[test]
fn inputs_are_collected_by_place_and_shown_by_value() {
    let mut world = world();
    says(&mut world, "1");
    let ordered = says(&mut world, " 4711 ");
    let place = ordered.messages[0].seq;
    assert!(ordered.events.contains(&Event::InputCollected {
        variable: "pedido".to_owned(),
        seq: place
    }));
    let decision = says(&mut world, "{pedido} troca");
    assert_eq!(
        said(&decision)[0],
        "Pedido 4711, sobre {pedido} troca. Obrigado, Maria!"
    );
    assert_eq!(node(&world.state), Some("main"));
    let encoded = crate::conversation::encode(&world.state).unwrap();
    assert!(!encoded.contains("4711"), "the words stay in the message");
}

#[test]
fn an_erased_input_leaves_no_gap_in_the_text() {
    let mut world = world();
    says(&mut world, "1");
    says(&mut world, "4711");
    world.recent.clear();
    let decision = says(&mut world, "troca");
    assert_eq!(said(&decision)[0], "Pedido, sobre troca. Obrigado, Maria!");
}

#[test]
fn an_invalid_input_is_asked_for_again_and_a_picture_is_no_text() {
    let mut world = world();
    says(&mut world, "1");
    let decision = says(&mut world, "quarenta");
    let text = format!("{}\n\nQual é: pedido?", texts::INVALID_INPUT);
    assert_eq!(said(&decision), [text.as_str()]);
    says(&mut world, "40");
    assert_eq!(node(&world.state), Some("subject"));
    world.pass(60);
    let decision = world.hears(picture(Some("um assunto")));
    assert!(said(&decision)[0].starts_with(texts::INVALID_INPUT));
    assert_eq!(node(&world.state), Some("subject"));
}

#[test]
fn the_second_miss_in_a_row_asks_for_a_person() {
    let mut world = world();
    let first = says(&mut world, "xyz");
    assert_eq!(
        said(&first),
        [format!("{}\n\nEscolha:", texts::NOT_UNDERSTOOD)]
    );
    says(&mut world, "1");
    says(&mut world, "abc");
    assert!(
        matches!(world.state.mode, Mode::Bot(_)),
        "a good answer starts the count anew"
    );
    let second = says(&mut world, "abc");
    assert!(matches!(
        handoffs(&second)[..],
        [HandoffChange::Open {
            reason: HandoffReason::NotUnderstood,
            by: Originator::Bot,
            ..
        }]
    ));
    assert_eq!(said(&second), [texts::HANDOFF]);
}

#[test]
fn the_number_of_misses_is_the_tenant_s() {
    let mut world = world();
    world.policy.max_misses = 1;
    says(&mut world, "xyz");
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
}

#[test]
fn menu_and_atendente_work_everywhere() {
    for at in ["oi", "1"] {
        let mut there = world();
        says(&mut there, at);
        let back = says(&mut there, "  MENÚ! ");
        assert_eq!(node(&there.state), Some("main"));
        assert_eq!(said(&back), ["Escolha:"]);
        let mut there = world();
        says(&mut there, at);
        let person = says(&mut there, "Atendente");
        assert!(matches!(
            handoffs(&person)[..],
            [HandoffChange::Open {
                reason: HandoffReason::Keyword,
                by: Originator::Customer,
                ..
            }]
        ));
    }
    // Even as the very first word, and by the tenant's own words.
    let mut world = World::new();
    world.policy.handoff_keywords = vec!["Ajúda".to_owned()];
    world.says("ajuda");
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
}

#[test]
fn a_word_inside_a_sentence_is_not_a_keyword() {
    let mut world = world();
    says(&mut world, "não quero atendente nenhum");
    assert!(matches!(world.state.mode, Mode::Bot(_)));
}

#[test]
fn a_tapped_choice_goes_before_the_word_in_its_title() {
    let mut world = world();
    world.taps("order", "menu");
    assert_eq!(node(&world.state), Some("number"));
}

#[test]
fn a_burst_of_free_text_counts_as_one_answer() {
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(1);
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
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(1);
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
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(1);
    world.says("quero");
    let decision = world.says("1");
    assert!(happened(&decision).contains(&"turn_settled"));
    assert_eq!(node(&world.state), Some("number"));
    assert_eq!(world.state.deadline(DeadlineKind::BotTurn), None);
}

#[test]
fn a_burst_that_a_changed_menu_understands_is_answered() {
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(1);
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
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(1);
    world.says("xyz");
    world.run(Command::AddNote {
        by: super::world::ANA,
        text: "1".to_owned(),
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
    world.hears(super::world::reaction());
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
    world.run(super::world::take_over(super::world::ANA));
    let decision = world.run(Command::DeadlineFired {
        kind: DeadlineKind::BotTurn,
        generation: overtaken.generation,
    });
    assert_eq!(decision, Decision::default());
}

#[test]
fn what_is_said_on_the_way_into_a_handoff_survives_it() {
    let mut world = world();
    let decision = says(&mut world, "2");
    assert_eq!(
        said(&decision),
        ["Vou te passar para a equipe.", "Equipe avisada, Maria."]
    );
    let sends: Vec<_> = decision
        .effects
        .iter()
        .filter_map(|e| match e {
            Effect::Send { class, epoch, .. } => Some((*class, *epoch)),
            _ => None,
        })
        .collect();
    let epoch = Some(world.state.epoch);
    assert_eq!(sends, [(SendClass::Bot, epoch), (SendClass::Human, None)]);
    assert_eq!(decision.messages[2].sender, Sender::System);
    assert!(matches!(
        handoffs(&decision)[..],
        [HandoffChange::Open {
            reason: HandoffReason::Flow,
            priority: Priority::High,
            department: Some(super::world::FINANCE),
            ..
        }]
    ));
}

#[test]
fn a_flow_that_cannot_go_on_asks_for_a_person_and_says_nothing_else() {
    for option in ["3", "4"] {
        let mut world = world();
        let decision = says(&mut world, option);
        assert!(matches!(
            handoffs(&decision)[..],
            [HandoffChange::Open {
                reason: HandoffReason::FlowFault,
                ..
            }]
        ));
        assert_eq!(said(&decision), [texts::HANDOFF]);
    }
    let mut world = World::new();
    world.flow.start = "gone".to_owned();
    world.says("oi");
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
}

#[test]
fn a_turn_passes_no_more_nodes_than_the_tenant_allows() {
    let mut world = world();
    world.policy.step_limit = 1;
    let decision = says(&mut world, "2");
    assert!(matches!(
        handoffs(&decision)[..],
        [HandoffChange::Open {
            reason: HandoffReason::FlowFault,
            ..
        }]
    ));
    assert_eq!(said(&decision), [texts::HANDOFF]);
}

#[test]
fn a_customer_whose_node_was_deleted_starts_over() {
    let mut world = world();
    says(&mut world, "1");
    world.flow.nodes.remove("number");
    let decision = says(&mut world, "4711");
    assert_eq!(said(&decision), ["Escolha:"]);
    assert_eq!(node(&world.state), Some("main"));
}

#[test]
fn a_department_that_was_deleted_counts_as_none() {
    let mut world = world();
    world.departments.clear();
    says(&mut world, "2");
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
    assert_eq!(world.state.department, None);
}

#[test]
fn the_end_of_the_flow_closes_the_session_and_its_goodbye_is_still_said() {
    let mut world = world();
    let decision = says(&mut world, "5");
    assert_eq!(said(&decision), ["Até logo, Maria!"]);
    assert!(matches!(world.state.mode, Mode::Closed { .. }));
    let (_, epoch) = world.outbox.last().copied().unwrap();
    assert_eq!(epoch, Some(world.state.epoch));
}

#[test]
fn a_notice_of_the_tenant_replaces_the_default_and_an_empty_one_says_nothing() {
    let mut world = world();
    world.policy.texts.not_understood = Some("Hein, {name}?".to_owned());
    let decision = says(&mut world, "xyz");
    assert_eq!(said(&decision), ["Hein, Maria?\n\nEscolha:"]);
    let mut world = self::world();
    world.policy.texts.not_understood = Some(String::new());
    world.policy.texts.handoff = Some(String::new());
    let decision = says(&mut world, "xyz");
    assert_eq!(said(&decision), ["Escolha:"]);
    let decision = says(&mut world, "xyz");
    assert_eq!(said(&decision), Vec::<&str>::new());
    assert!(matches!(world.state.mode, Mode::Waiting { .. }));
}

#[test]
fn a_message_held_up_for_a_day_gets_no_automatic_answer() {
    let mut world = world();
    world.pass(25 * 60 * 60);
    let stale = |world: &mut World, text| {
        let mut inbound = world.inbound(words(text));
        inbound.sent_at = world.now - TimeDelta::hours(24);
        world.run(Command::ReceiveInbound(inbound))
    };
    for text in ["1", "xyz", "menu"] {
        let decision = stale(&mut world, text);
        assert_eq!(said(&decision), Vec::<&str>::new());
        assert_eq!(node(&world.state), Some("main"));
    }
    let decision = stale(&mut world, "atendente");
    assert_eq!(said(&decision), Vec::<&str>::new());
    assert!(
        matches!(world.state.mode, Mode::Waiting { .. }),
        "a person is asked for all the same"
    );
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

#[test]
fn read_receipts_can_be_switched_off() {
    let mut world = world();
    world.policy.show_read = false;
    let decision = says(&mut world, "1");
    let shows = |e: &Effect| matches!(e, Effect::ShowRead { .. });
    assert!(!decision.effects.iter().any(shows));
    world.policy.show_read = true;
    let decision = says(&mut world, "12");
    assert!(decision.effects.contains(&Effect::ShowRead {
        external_id: decision.messages[0].external_id.clone().unwrap(),
        typing: false
    }));
}
