//! What goes over the wire (docs/META.md, "Sending").

use crate::server::{Server, TOKEN, credentials, message};
use papo_domain::outbound::{Button, Outbound, Row, Section};
use papo_domain::ports::{Alias, AliasKind, OutboundMessage, SendError};
use papo_domain::template::{ButtonKind, Component, Parameter};
use papo_whatsapp::GraphSetupError;
use papo_whatsapp::{Credentials, GraphApi, GraphConfig};
use secrecy::SecretString;
use serde_json::{Value, json};

const ACCEPTED: &str = r#"{"messaging_product":"whatsapp",
    "contacts":[{"input":"5511900000001","wa_id":"5511900000001"}],
    "messages":[{"id":"wamid.HBgNnew","message_status":"accepted"}]}"#;

/// The body that is sent for a message.
async fn sent(message: OutboundMessage) -> Value {
    let mut server = Server::answering(200, ACCEPTED).await;
    let id = server.api().send(&credentials(), message, None).await;
    assert_eq!(id, Ok("wamid.HBgNnew".to_owned()));
    server.request().await.body
}

#[tokio::test]
async fn a_text_goes_to_the_numbers_messages_with_the_token() {
    let mut server = Server::answering(200, ACCEPTED).await;
    let text = message(Outbound::text("Olá 👋"));
    server.api().send(&credentials(), text, None).await.unwrap();
    let request = server.request().await;
    let head = request.head.to_lowercase();
    assert!(
        head.starts_with("post /v26.0/100200300400500/messages http/1.1\r\n"),
        "{head}"
    );
    assert!(request.head.contains(&format!("Bearer {TOKEN}")));
    assert!(head.contains("content-type: application/json"));
    let expected = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "5511900000001",
        "biz_opaque_callback_data": "00000000-0000-0000-0000-000000000007",
        "type": "text",
        "text": {"body": "Olá 👋", "preview_url": false},
    });
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn an_address_goes_into_the_member_of_its_kind() {
    let to = |kind, value: &str| OutboundMessage {
        to: Alias {
            kind,
            value: value.to_owned(),
        },
        ..message(Outbound::text("oi"))
    };
    let body = sent(to(AliasKind::Bsuid, "BR.1000000000000000001")).await;
    assert_eq!(body["recipient"], "BR.1000000000000000001");
    assert_eq!(body.get("to"), None);
    let body = sent(to(AliasKind::Group, "120363000000000001")).await;
    assert_eq!(body["to"], "120363000000000001");
    assert_eq!(body["recipient_type"], "group");
}

#[tokio::test]
async fn a_quote_is_the_context() {
    let body = sent(OutboundMessage {
        quote: Some("wamid.HBgNtheirs".to_owned()),
        ..message(Outbound::text("oi"))
    })
    .await;
    assert_eq!(body["context"], json!({"message_id": "wamid.HBgNtheirs"}));
}

#[tokio::test]
async fn buttons() {
    let button = |id: &str, title: &str| Button {
        id: id.to_owned(),
        title: title.to_owned(),
    };
    let body = sent(message(Outbound::Buttons {
        header: Some("Loja".to_owned()),
        body: "Como ajudamos?".to_owned(),
        footer: Some("Responda aqui".to_owned()),
        buttons: vec![button("a", "Vendas"), button("b", "Suporte")],
    }))
    .await;
    assert_eq!(body["type"], "interactive");
    let expected = json!({
        "type": "button",
        "header": {"type": "text", "text": "Loja"},
        "body": {"text": "Como ajudamos?"},
        "footer": {"text": "Responda aqui"},
        "action": {"buttons": [
            {"type": "reply", "reply": {"id": "a", "title": "Vendas"}},
            {"type": "reply", "reply": {"id": "b", "title": "Suporte"}},
        ]},
    });
    assert_eq!(body["interactive"], expected);
}

#[tokio::test]
async fn a_list() {
    let row = |id: &str, description: Option<&str>| Row {
        id: id.to_owned(),
        title: id.to_uppercase(),
        description: description.map(str::to_owned),
    };
    let section = |title: Option<&str>, rows| Section {
        title: title.map(str::to_owned),
        rows,
    };
    let list = |sections| Outbound::List {
        header: None,
        body: "Escolha".to_owned(),
        footer: None,
        button: "Ver".to_owned(),
        sections,
    };
    let sections = vec![
        section(Some("Um"), vec![row("a", Some("primeira")), row("b", None)]),
        section(Some("Dois"), vec![row("c", Some(""))]),
    ];
    let body = sent(message(list(sections))).await;
    let expected = json!({
        "type": "list",
        "body": {"text": "Escolha"},
        "action": {"button": "Ver", "sections": [
            {"title": "Um", "rows": [
                {"id": "a", "title": "A", "description": "primeira"},
                {"id": "b", "title": "B"},
            ]},
            {"title": "Dois", "rows": [{"id": "c", "title": "C"}]},
        ]},
    });
    assert_eq!(body["interactive"], expected);
    let untitled = sent(message(list(vec![section(None, vec![row("a", None)])]))).await;
    let rows = json!([{"rows": [{"id": "a", "title": "A"}]}]);
    assert_eq!(untitled["interactive"]["action"]["sections"], rows);
}

#[tokio::test]
async fn read_and_typing() {
    let success = r#"{"success":true}"#;
    for (typing, expected) in [
        (
            false,
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}),
        ),
        (
            true,
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1",
                "typing_indicator": {"type": "text"}}),
        ),
    ] {
        let mut server = Server::answering(200, success).await;
        let shown = server
            .api()
            .show_read(&credentials(), "wamid.1", typing)
            .await;
        assert_eq!(shown, Ok(()));
        let request = server.request().await;
        assert!(
            request
                .head
                .starts_with("POST /v26.0/100200300400500/messages ")
        );
        assert_eq!(request.body, expected);
    }
}

#[tokio::test]
async fn what_breaks_a_limit_never_leaves() {
    let mut server = Server::answering(200, ACCEPTED).await;
    let long = message(Outbound::text("x".repeat(4_097)));
    let refused = server.api().send(&credentials(), long, None).await;
    let Err(SendError::Permanent {
        code: 131_009,
        title,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(title.contains("body") && title.contains("4096"), "{title}");
    assert!(server.is_untouched());
}

#[tokio::test]
async fn a_token_that_is_none_never_leaves() {
    let mut server = Server::answering(200, ACCEPTED).await;
    for token in ["", "two\nlines", "caf\u{0}e"] {
        let credentials = Credentials {
            access_token: SecretString::from(token),
            ..credentials()
        };
        let refused = server
            .api()
            .send(&credentials, message(Outbound::text("oi")), None)
            .await;
        assert!(
            matches!(refused, Err(SendError::ChannelDown { code: 190, .. })),
            "{refused:?}"
        );
    }
    assert!(server.is_untouched());
}

#[tokio::test]
async fn a_number_id_cannot_leave_its_place_in_the_path() {
    let mut server = Server::answering(200, ACCEPTED).await;
    let credentials = Credentials {
        phone_number_id: "../me?x=1#".to_owned(),
        ..credentials()
    };
    server
        .api()
        .send(&credentials, message(Outbound::text("oi")), None)
        .await
        .unwrap();
    let head = server.request().await.head;
    assert!(
        head.starts_with("POST /v26.0/..%2Fme%3Fx=1%23/messages "),
        "{head}"
    );
}

#[test]
fn secrets_do_not_show() {
    let shown = format!("{:?}", credentials());
    assert!(
        shown.contains("100200300400500") && !shown.contains(TOKEN),
        "{shown}"
    );
}

#[test]
fn a_wrong_configuration_makes_no_client() {
    let new = |base: &str, version: &str| GraphApi::new(&GraphConfig::new(base, version));
    for base in ["", "graph.example.com", "ftp://graph.example.com", "/graph"] {
        assert!(
            matches!(new(base, "v26.0"), Err(GraphSetupError::BaseUrl(_))),
            "{base}"
        );
    }
    for version in ["", "26.0", "v26", "v26.", "v.0", "v26.0/x", "vx.y"] {
        let made = new("http://127.0.0.1:1", version);
        assert!(
            matches!(made, Err(GraphSetupError::Version(_))),
            "{version}"
        );
    }
}

#[tokio::test]
async fn a_base_may_have_a_path() {
    let mut server = Server::answering(200, ACCEPTED).await;
    let config = GraphConfig::new(format!("http://{}/graph/", server.address), "v25.0");
    let api = crate::server::api(&config);
    api.send(&credentials(), message(Outbound::text("oi")), None)
        .await
        .unwrap();
    let head = server.request().await.head;
    assert!(
        head.starts_with("POST /graph/v25.0/100200300400500/messages "),
        "{head}"
    );
}

#[tokio::test]
async fn a_template_goes_with_what_fills_its_gaps() {
    let text = |text: &str, name: Option<&str>| Parameter::Text {
        text: text.to_owned(),
        name: name.map(str::to_owned),
    };
    let template = |components| Outbound::Template {
        name: "pedido".to_owned(),
        language: "pt_BR".to_owned(),
        components,
        text: "Olá".to_owned(),
        header: None,
        footer: Some("Padaria".to_owned()),
        buttons: vec!["Ver".to_owned()],
    };
    let plain = sent(message(template(Vec::new()))).await;
    assert_eq!(plain["type"], "template");
    let expected = json!({ "name": "pedido", "language": { "code": "pt_BR" } });
    assert_eq!(plain["template"], expected);
    let link = "https://example.com/f.pdf".to_owned();
    let filled = sent(message(template(vec![
        Component::Header {
            parameters: vec![Parameter::Document { link }],
        },
        Component::Body {
            parameters: vec![text("Ana", None), text("42", Some("pedido"))],
        },
        Component::Button {
            kind: ButtonKind::Url,
            index: 1,
            parameters: vec![text("x", None)],
        },
        Component::Button {
            kind: ButtonKind::CopyCode,
            index: 2,
            parameters: vec![Parameter::CouponCode {
                code: "PIX10".to_owned(),
            }],
        },
        Component::Button {
            kind: ButtonKind::QuickReply,
            index: 3,
            parameters: vec![Parameter::Payload {
                payload: "csat:1:5".to_owned(),
            }],
        },
    ])))
    .await;
    let expected = json!([
        { "type": "header", "parameters": [
            { "type": "document", "document": { "link": "https://example.com/f.pdf" } },
        ] },
        { "type": "body", "parameters": [
            { "type": "text", "text": "Ana" },
            { "type": "text", "text": "42", "parameter_name": "pedido" },
        ] },
        { "type": "button", "sub_type": "url", "index": "1",
          "parameters": [{ "type": "text", "text": "x" }] },
        { "type": "button", "sub_type": "copy_code", "index": "2",
          "parameters": [{ "type": "coupon_code", "coupon_code": "PIX10" }] },
        { "type": "button", "sub_type": "quick_reply", "index": "3",
          "parameters": [{ "type": "payload", "payload": "csat:1:5" }] },
    ]);
    assert_eq!(filled["template"]["components"], expected);
}

#[tokio::test]
async fn templates_are_listed_in_pages() {
    let listed = r#"{"data":[{"id":"1","name":"pedido","language":"pt_BR","status":"APPROVED",
        "category":"UTILITY","components":[{"type":"BODY","text":"Oi"}]}],
        "paging":{"cursors":{"before":"a","after":"b"},"next":"https://graph.example.com/x"}}"#;
    let mut server = Server::answering(200, listed).await;
    let page = server
        .api()
        .templates(&credentials(), "77", Some("a"))
        .await
        .unwrap();
    assert_eq!(page.next.as_deref(), Some("b"));
    assert_eq!(page.templates.len(), 1);
    let head = server.request().await.head;
    assert!(head.starts_with("GET /v26.0/77/message_templates?fields="));
    assert!(head.contains("after=a"), "{head}");
    assert!(head.contains(&format!("Bearer {TOKEN}")));

    let last = r#"{"data":[],"paging":{"cursors":{"before":"a","after":"b"}}}"#;
    let server = Server::answering(200, last).await;
    let page = server.api().templates(&credentials(), "77", None).await;
    assert_eq!(page.unwrap().next, None);

    for (status, body) in [
        (200, "nothing"),
        (500, "{}"),
        (401, r#"{"error":{"code":190,"message":"x"}}"#),
    ] {
        let server = Server::answering(status, body).await;
        let refused = server.api().templates(&credentials(), "77", None).await;
        assert!(refused.is_err(), "{status}");
    }
}
