//! Which values a template takes, and what becomes of them.

use super::{BodyValues, ButtonKind, Component, Form, Parameter, Values};
use crate::outbound::Outbound;
use serde_json::{Value, json};

fn numbered(values: &[&str]) -> Values {
    Values {
        body: BodyValues::Numbered(values.iter().map(|v| (*v).to_owned()).collect()),
        ..Values::default()
    }
}

fn named(values: &[(&str, &str)]) -> Values {
    let values = values.iter();
    Values {
        body: BodyValues::Named(
            values
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        ),
        ..Values::default()
    }
}

fn body(text: &str) -> Value {
    json!([{ "type": "BODY", "text": text }, { "type": "FOOTER", "text": "Padaria" }])
}

fn refused(components: &Value, values: &Values) -> String {
    let refused = Form::of(components).fill("t", "pt_BR", values);
    refused.expect_err("is refused").field
}

#[test]
fn numbered_gaps_take_values_in_the_order_of_their_numbers() {
    let form = Form::of(&body("Seu pedido {{2}}, {{1}}: {{2}}"));
    let Ok(Outbound::Template {
        components, text, ..
    }) = form.fill("t", "pt_BR", &numbered(&["Ana", "42"]))
    else {
        panic!("is refused");
    };
    assert_eq!(text, "Seu pedido 42, Ana: 42");
    let text = |text: &str| Parameter::Text {
        text: text.to_owned(),
        name: None,
    };
    let parameters = vec![text("Ana"), text("42")];
    assert_eq!(components, [Component::Body { parameters }]);
    assert_eq!(
        refused(&body("Oi {{1}}"), &numbered(&[])),
        "body",
        "a value is missing"
    );
    assert_eq!(refused(&body("Oi"), &numbered(&["Ana"])), "body");
    assert_eq!(refused(&body("Oi {{1}}"), &named(&[("1", "Ana")])), "body");
}

#[test]
fn named_gaps_take_values_by_their_names() {
    let components = body("Oi {{nome}}, até {{dia}}");
    let form = Form::of(&components);
    let filled = form.fill("t", "pt_BR", &named(&[("dia", "sexta"), ("nome", "Ana")]));
    let Ok(Outbound::Template { text, .. }) = filled else {
        panic!("is refused");
    };
    assert_eq!(text, "Oi Ana, até sexta");
    assert_eq!(refused(&components, &named(&[("nome", "Ana")])), "body.dia");
    let stray = named(&[("nome", "Ana"), ("dia", "1"), ("mes", "2")]);
    assert_eq!(refused(&components, &stray), "body.mes");
    assert_eq!(refused(&components, &numbered(&["Ana", "1"])), "body");
}

#[test]
fn a_header_is_shown_with_its_gap_filled() {
    let components = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Oi, {{1}}!" },
        { "type": "BODY", "text": "Até logo" },
    ]);
    let form = Form::of(&components);
    let values = Values {
        header: Some("Ana".to_owned()),
        ..Values::default()
    };
    let Ok(Outbound::Template { header, .. }) = form.fill("t", "pt_BR", &values) else {
        panic!("is refused");
    };
    assert_eq!(header.as_deref(), Some("Oi, Ana!"));
}

#[test]
fn values_are_such_as_the_provider_takes() {
    for value in ["", "  ", "a\nb", "a\tb", "a     b", &"x".repeat(1_025)] {
        assert_eq!(refused(&body("Oi {{1}}"), &numbered(&[value])), "body[0]");
    }
}

/// Filled, a header has 60 characters at most, and a body that is not alone 1,024.
#[test]
fn what_is_filled_is_as_short_as_the_provider_wants() {
    let components = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Oi, {{1}}!" },
        { "type": "BODY", "text": "{{1}}" },
    ]);
    let filled = |header: usize, body: usize| Values {
        header: Some("x".repeat(header)),
        ..numbered(&[&"x".repeat(body)])
    };
    let form = Form::of(&components);
    assert!(form.fill("t", "pt_BR", &filled(55, 1_024)).is_ok());
    assert_eq!(refused(&components, &filled(56, 1)), "header");
    let components = json!([
        { "type": "BODY", "text": "{{1}}{{2}}" },
        { "type": "FOOTER", "text": "Padaria" },
    ]);
    let long = "x".repeat(1_000);
    assert_eq!(refused(&components, &numbered(&[&long, &long])), "body");
    let alone = Form::of(&json!([{ "type": "BODY", "text": "{{1}}{{2}}" }]));
    let filled = alone.fill("t", "pt_BR", &numbered(&[&long, &long]));
    assert!(filled.is_ok());
}

#[test]
fn headers_and_buttons_have_gaps_of_their_own() {
    let components = json!([
        { "type": "HEADER", "format": "DOCUMENT" },
        { "type": "BODY", "text": "Sua fatura" },
        { "type": "FOOTER", "text": "Padaria" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Ok" },
            { "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}" },
            { "type": "COPY_CODE", "text": "Copiar" },
        ] },
    ]);
    let mut values = Values {
        header: Some("https://example.com/f.pdf".to_owned()),
        ..Values::default()
    };
    assert_eq!(refused(&components, &values), "buttons.1");
    values.buttons.insert(1, "42".to_owned());
    values.buttons.insert(2, "PIX10".to_owned());
    let Ok(Outbound::Template {
        components: filled,
        header,
        footer,
        buttons,
        ..
    }) = Form::of(&components).fill("t", "pt_BR", &values)
    else {
        panic!("is refused");
    };
    assert_eq!(header.as_deref(), Some("https://example.com/f.pdf"));
    assert_eq!(footer.as_deref(), Some("Padaria"));
    assert_eq!(buttons, ["Ok", "Ver", "Copiar"]);
    assert!(matches!(
        filled.as_slice(),
        [
            Component::Header { .. },
            Component::Button {
                kind: ButtonKind::Url,
                index: 1,
                ..
            },
            Component::Button {
                kind: ButtonKind::CopyCode,
                index: 2,
                ..
            },
        ]
    ));
    values.buttons.insert(0, "x".to_owned());
    assert_eq!(refused(&components, &values), "buttons.0");
    values.buttons.remove(&0);
    values.header = Some("http://example.com/f.pdf".to_owned());
    assert_eq!(refused(&components, &values), "header");
    let stray = Values {
        header: Some("x".to_owned()),
        ..Values::default()
    };
    assert_eq!(refused(&body("Oi"), &stray), "header");
    let carousel = json!([{ "type": "BODY", "text": "Oi" }, { "type": "CAROUSEL" }]);
    assert_eq!(refused(&carousel, &Values::default()), "components");
}
