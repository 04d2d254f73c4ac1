//! The flow a new tenant starts with: a greeting with a menu, the business hours, a person, an
//! end. It needs no setting up and names no company, department or hour.

use super::flow::{Flow, MenuOption, MenuStyle, Node};
use crate::conversation::Priority;

const GREETING: &str = "Olá, {name}! 👋 Como podemos ajudar?\n\n\
    A qualquer momento, envie *menu* para voltar ao início ou *atendente* para falar com uma \
    pessoa.";
const OPEN: &str = "Estamos atendendo agora. 😊 Posso ajudar em mais alguma coisa?";
const CLOSED: &str = "No momento estamos fora do horário de atendimento, mas você pode deixar o \
    seu pedido registrado. Como prefere continuar?";
const GOODBYE: &str = "Obrigado pelo contato! Quando precisar, é só mandar uma mensagem. 👋";

/// The flow a new tenant starts with. Its start is `main`, and it passes [`Flow::check`].
#[must_use]
pub fn default_flow() -> Flow {
    let hours = option(
        "hours",
        "Ver horário",
        &["horario", "horarios", "horario de atendimento"],
        "hours",
    );
    let attendant = option(
        "attendant",
        "Falar com atendente",
        &["pessoa", "humano", "falar com uma pessoa", "atendimento"],
        "attendant",
    );
    let close = option(
        "close",
        "Encerrar",
        &["sair", "tchau", "fim", "encerrar atendimento"],
        "close",
    );
    let back = option("back", "Voltar ao início", &["voltar", "inicio"], "main");
    let after_hours = vec![attendant.clone(), back, close.clone()];
    let nodes = [
        ("main", menu(GREETING, vec![hours, attendant, close])),
        (
            "hours",
            Node::Hours {
                department: None,
                open: "open".to_owned(),
                closed: "closed".to_owned(),
            },
        ),
        ("open", menu(OPEN, after_hours.clone())),
        ("closed", menu(CLOSED, after_hours)),
        (
            "attendant",
            Node::Handoff {
                text: None,
                department: None,
                priority: Priority::Medium,
                skills: Vec::new(),
            },
        ),
        (
            "close",
            Node::Close {
                text: Some(GOODBYE.to_owned()),
            },
        ),
    ];
    Flow {
        start: "main".to_owned(),
        nodes: nodes.map(|(id, node)| (id.to_owned(), node)).into(),
    }
}

fn menu(text: &str, options: Vec<MenuOption>) -> Node {
    Node::Menu {
        text: text.to_owned(),
        style: MenuStyle::Auto,
        header: None,
        footer: None,
        button: None,
        options,
    }
}

fn option(id: &str, title: &str, keywords: &[&str], next: &str) -> MenuOption {
    MenuOption {
        id: id.to_owned(),
        title: title.to_owned(),
        description: None,
        keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
        next: next.to_owned(),
    }
}
