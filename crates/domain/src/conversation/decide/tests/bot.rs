//! The bot's part: menus, inputs, misses, the words that work everywhere, and where a flow leads.

use super::flow::{says, world};
use super::world::{FINANCE, World, handoffs, node, picture, said, words};
use crate::bot::texts;
use crate::conversation::{
    Command, Effect, Event, HandoffChange, HandoffReason, Mode, Originator, Priority, SendClass,
    Sender,
};
use chrono::TimeDelta;

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
            department: Some(FINANCE),
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
