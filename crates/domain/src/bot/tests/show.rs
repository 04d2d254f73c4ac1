//! How a menu looks, and when a reason shares its message.

use crate::bot::{
    Flow, MenuOption, MenuStyle, Node, Passage, Scene, Stop, Values, enter, prompt_again,
};
use crate::outbound::Outbound;

fn options(count: usize, title: impl Fn(usize) -> String) -> Vec<MenuOption> {
    (0..count)
        .map(|i| MenuOption {
            id: format!("id{i}"),
            title: title(i),
            description: None,
            keywords: Vec::new(),
            next: "main".to_owned(),
        })
        .collect()
}

fn flow(text: &str, style: MenuStyle, options: Vec<MenuOption>) -> Flow {
    let menu = Node::Menu {
        text: text.to_owned(),
        style,
        header: Some("Título".to_owned()),
        footer: Some("Rodapé".to_owned()),
        button: None,
        options,
    };
    Flow {
        start: "main".to_owned(),
        nodes: [("main".to_owned(), menu)].into(),
    }
}

fn says(flow: &Flow, why: Option<&str>) -> Vec<Outbound> {
    let values = Values::default();
    let scene = Scene {
        flow,
        step_limit: 32,
        values: &values,
        is_open: &|_| true,
    };
    let Passage { says, stop } = match why {
        Some(why) => prompt_again(&scene, &flow.start, why),
        None => enter(&scene, &flow.start),
    };
    assert_eq!(stop, Stop::Wait(&flow.start));
    says
}

fn shown(style: MenuStyle, options: Vec<MenuOption>) -> Outbound {
    let mut says = says(&flow("Escolha", style, options), None);
    assert_eq!(says.len(), 1);
    says.remove(0)
}

#[test]
fn few_short_options_are_buttons() {
    let Outbound::Buttons {
        header,
        body,
        footer,
        buttons,
    } = shown(MenuStyle::Auto, options(3, |i| format!("Opção {i}")))
    else {
        panic!("no buttons")
    };
    assert_eq!(
        (header.as_deref(), footer.as_deref()),
        (Some("Título"), Some("Rodapé"))
    );
    assert_eq!((body.as_str(), buttons.len()), ("Escolha", 3));
    assert_eq!(
        (buttons[1].id.as_str(), buttons[1].title.as_str()),
        ("id1", "Opção 1")
    );
}

#[test]
fn what_buttons_cannot_carry_is_a_list() {
    let title = |n: usize| move |i: usize| format!("{i}{}", "x".repeat(n - 1));
    let mut described = options(2, |i| i.to_string());
    described[0].description = Some("mais".to_owned());
    for options in [
        options(4, |i| i.to_string()),
        options(10, title(24)),
        options(2, title(21)),
        described,
    ] {
        let count = options.len();
        let Outbound::List { sections, .. } = shown(MenuStyle::Auto, options) else {
            panic!("no list")
        };
        assert_eq!(sections[0].rows.len(), count);
    }
    let long = flow(
        &"x".repeat(1025),
        MenuStyle::Auto,
        options(2, |i| i.to_string()),
    );
    assert!(matches!(says(&long, None)[0], Outbound::List { .. }));
}

#[test]
fn what_a_list_cannot_carry_is_numbered_lines() {
    for options in [
        options(11, |i| i.to_string()),
        options(2, |i| format!("{i:025}")),
    ] {
        let Outbound::Text { body, .. } = shown(MenuStyle::Auto, options.clone()) else {
            panic!("no text")
        };
        assert!(body.starts_with("*Título*\n\nEscolha\n\n1. "));
        assert!(body.ends_with("\n\n_Rodapé_"));
        for (number, option) in (1..).zip(&options) {
            assert!(
                body.contains(&format!("\n{number}. {}", option.title)),
                "{body}"
            );
        }
    }
}

#[test]
fn a_style_is_kept_to() {
    let three = || options(3, |i| format!("Opção {i}"));
    assert!(matches!(
        shown(MenuStyle::List, three()),
        Outbound::List { .. }
    ));
    assert!(matches!(
        shown(MenuStyle::Buttons, three()),
        Outbound::Buttons { .. }
    ));
    assert!(matches!(
        shown(MenuStyle::Numbers, three()),
        Outbound::Text { .. }
    ));
    // Unchecked flows are shown somehow rather than not at all.
    let four = options(4, |i| i.to_string());
    assert!(matches!(
        shown(MenuStyle::Buttons, four),
        Outbound::Text { .. }
    ));
}

#[test]
fn why_and_prompt_share_a_message_where_they_fit() {
    let menu = |length: usize, count| {
        flow(
            &"x".repeat(length),
            MenuStyle::Auto,
            options(count, |i| i.to_string()),
        )
    };
    let again = says(&menu(100, 3), Some("Não entendi."));
    assert_eq!(again.len(), 1);
    assert!(again[0].body().starts_with("Não entendi.\n\nxxx"));
    // A list of just the right length has no room for it, so two bubbles.
    let again = says(&menu(4090, 4), Some("Não entendi."));
    assert_eq!(again.len(), 2);
    assert_eq!(again[0], Outbound::text("Não entendi."));
    assert!(matches!(again[1], Outbound::List { .. }));
    // Buttons would have to give way to lines: rather two bubbles.
    let options = options(3, |i| i.to_string());
    let buttons = flow(&"x".repeat(1020), MenuStyle::Buttons, options);
    let again = says(&buttons, Some("Não entendi."));
    assert_eq!(again.len(), 2);
    assert!(matches!(again[1], Outbound::Buttons { .. }));
    let again = says(&menu(100, 3), Some("  "));
    assert_eq!(again, says(&menu(100, 3), None), "no reason, no words");
}

#[test]
fn a_prompt_that_no_channel_could_carry_is_a_fault() {
    let values = Values::default();
    let flow = flow(
        &"x".repeat(4097),
        MenuStyle::Buttons,
        options(3, |i| i.to_string()),
    );
    let scene = Scene {
        flow: &flow,
        step_limit: 32,
        values: &values,
        is_open: &|_| true,
    };
    let passage = enter(&scene, &flow.start);
    assert_eq!((passage.stop, passage.says), (Stop::Fault, vec![]));
}
