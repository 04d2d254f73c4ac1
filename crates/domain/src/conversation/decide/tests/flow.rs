//! A flow with one of everything, and a customer who stands at its menu.

use super::world::{FINANCE, World};
use crate::bot::{Flow, MenuOption, MenuStyle, Node, Validation};
use crate::conversation::{Decision, Priority};

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
                department: Some(FINANCE),
                priority: Priority::High,
                skills: Vec::new(),
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
pub(super) fn world() -> World {
    let mut world = World::new();
    world.flow = flow();
    world.says("oi");
    world.pass(60);
    world
}

/// Says something after a pause, so that it is no part of a burst.
pub(super) fn says(world: &mut World, text: &str) -> Decision {
    world.pass(60);
    world.says(text)
}
