//! The form of each request and the code that each mistake gets.

use super::draft::{Recipient, Request, parse};
use serde_json::{Value, json};

fn message(kind: &str, content: Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": "5511900000001", "type": kind, kind: content})
}

fn interactive(content: Value) -> Value {
    message("interactive", content)
}

fn buttons(buttons: &[(&str, &str)]) -> Value {
    let buttons: Vec<_> = buttons
        .iter()
        .map(|(id, title)| json!({"type": "reply", "reply": {"id": id, "title": title}}))
        .collect();
    interactive(json!({"type": "button", "body": {"text": "?"}, "action": {"buttons": buttons}}))
}

/// A list with sections of these sizes.
fn list(sizes: &[usize], titled: bool) -> Value {
    let mut ids = 0..;
    let sections: Vec<_> = sizes
        .iter()
        .map(|size| {
            let rows: Vec<_> = ids
                .by_ref()
                .take(*size)
                .map(|id| json!({"id": format!("{id}"), "title": "Row"}))
                .collect();
            if titled {
                json!({"title": "Section", "rows": rows})
            } else {
                json!({"rows": rows})
            }
        })
        .collect();
    interactive(json!({
        "type": "list",
        "body": {"text": "?"},
        "action": {"button": "Open", "sections": sections},
    }))
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

fn without(mut body: Value, parent: &str, field: &str) -> Value {
    let parent = body.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().remove(field).unwrap();
    body
}

fn code(body: &Value) -> Option<u32> {
    parse(body.to_string().as_bytes())
        .err()
        .map(|error| error.code)
}

#[track_caller]
fn accepts(body: &Value) {
    if let Err(error) = parse(body.to_string().as_bytes()) {
        panic!("{error:?} for {body}");
    }
}

#[track_caller]
fn refuses(wanted: u32, body: &Value) {
    assert_eq!(code(body), Some(wanted), "{body}");
}

fn long(length: usize) -> String {
    // Limits count characters, not bytes.
    "é".repeat(length)
}

#[test]
fn every_type_of_the_list_is_accepted() {
    for body in [
        message("text", json!({"body": "Oi", "preview_url": true})),
        message(
            "image",
            json!({"link": "https://example.com/a.png", "caption": "a"}),
        ),
        message("video", json!({"id": "123"})),
        message("audio", json!({"id": "123", "voice": true})),
        message(
            "document",
            json!({"id": "123", "filename": "a.pdf", "caption": "a"}),
        ),
        message("sticker", json!({"id": "123"})),
        message(
            "location",
            json!({"latitude": -23.5, "longitude": "-46.6", "name": "SP"}),
        ),
        message(
            "contacts",
            json!([{"name": {"formatted_name": "Ana", "first_name": "Ana"}}]),
        ),
        message("reaction", json!({"message_id": "wamid.x", "emoji": ""})),
        message(
            "template",
            json!({"name": "oi", "language": {"code": "pt_BR"}, "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": []},
            ]}),
        ),
        buttons(&[("a", "A"), ("b", "B"), ("c", "C")]),
        list(&[10], false),
        list(&[1; 10], true),
        interactive(json!({"type": "cta_url", "body": {"text": "?"}, "action": {
            "name": "cta_url", "parameters": {"display_text": "Ver", "url": "https://example.com"}}})),
        interactive(
            json!({"type": "location_request_message", "body": {"text": "?"},
            "action": {"name": "send_location"}}),
        ),
        interactive(
            json!({"type": "request_contact_info", "body": {"text": "?"},
            "action": {"name": "request_contact_info"}}),
        ),
    ] {
        accepts(&body);
    }
}

#[test]
fn the_envelope_is_refused_as_a_bad_parameter() {
    let good = message("text", json!({"body": "Oi"}));
    accepts(&good);
    refuses(100, &without(good.clone(), "", "messaging_product"));
    refuses(100, &with(good.clone(), "/messaging_product", json!("sms")));
    refuses(100, &without(good.clone(), "", "to"));
    refuses(100, &with(good.clone(), "/type", json!("poem")));
    refuses(100, &json!([1]));
    assert_eq!(parse(b"{nonsense").unwrap_err().code, 100);
    refuses(131_051, &message("order", json!({})));
    refuses(131_008, &without(good.clone(), "", "text"));
    refuses(131_009, &with(good, "/text", json!("Oi")));
}

#[test]
fn phone_wins_over_user_id() {
    let recipient = |body: Value| match parse(body.to_string().as_bytes()).unwrap() {
        Request::Send(draft) => draft.to,
        Request::Read { .. } => panic!("not a message"),
    };
    let mut body = message("text", json!({"body": "Oi"}));
    body["recipient"] = json!("BR.1");
    assert_eq!(
        recipient(body.clone()),
        Recipient::Phone("5511900000001".into())
    );
    assert_eq!(
        recipient(without(body, "", "to")),
        Recipient::UserId("BR.1".into())
    );
}

#[test]
fn text_is_1_to_4096_characters() {
    let text = |length| message("text", json!({ "body": long(length) }));
    accepts(&text(4_096));
    refuses(100, &text(4_097));
    refuses(100, &text(0));
    refuses(131_008, &message("text", json!({})));
}

#[test]
fn tracking_data_is_at_most_512_characters() {
    let mut body = message("text", json!({"body": "Oi"}));
    body["biz_opaque_callback_data"] = json!(long(512));
    accepts(&body);
    body["biz_opaque_callback_data"] = json!(long(513));
    refuses(131_009, &body);
}

#[test]
fn buttons_keep_their_limits() {
    accepts(&buttons(&[(&long(256), &long(20))]));
    refuses(131_009, &buttons(&[(&long(257), "A")]));
    refuses(131_009, &buttons(&[("a", &long(21))]));
    refuses(
        131_009,
        &buttons(&[("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]),
    );
    refuses(131_009, &buttons(&[]));
    refuses(131_009, &buttons(&[("a", "A"), ("b", "A")]));
    refuses(131_009, &buttons(&[("a", "A"), ("a", "B")]));
    refuses(131_009, &buttons(&[("", "A")]));

    let good = buttons(&[("a", "A")]);
    let reply = "/interactive/action/buttons/0";
    refuses(131_008, &without(good.clone(), reply, "reply"));
    refuses(
        131_009,
        &with(good.clone(), &format!("{reply}/type"), json!("url")),
    );
    refuses(131_008, &without(good.clone(), "/interactive", "body"));
    refuses(131_008, &without(good.clone(), "/interactive", "action"));
    let body = |text| with(good.clone(), "/interactive/body/text", json!(text));
    accepts(&body(long(1_024)));
    refuses(131_009, &body(long(1_025)));
}

#[test]
fn headers_and_footers_keep_their_limits() {
    let dressed = |field: &str, value: Value| {
        let mut body = buttons(&[("a", "A")]);
        body["interactive"][field] = value;
        body
    };
    accepts(&dressed("footer", json!({"text": long(60)})));
    refuses(131_009, &dressed("footer", json!({"text": long(61)})));
    accepts(&dressed(
        "header",
        json!({"type": "text", "text": long(60)}),
    ));
    refuses(
        131_009,
        &dressed("header", json!({"type": "text", "text": long(61)})),
    );
    accepts(&dressed(
        "header",
        json!({"type": "image", "image": {"id": "1"}}),
    ));

    let mut body = list(&[1], false);
    body["interactive"]["header"] = json!({"type": "image", "image": {"id": "1"}});
    refuses(131_009, &body);
}

#[test]
fn lists_keep_their_limits() {
    refuses(131_009, &list(&[11], false));
    refuses(131_009, &list(&[5, 6], true));
    refuses(131_009, &list(&[1; 11], true));
    refuses(131_009, &list(&[0], false));
    refuses(131_008, &list(&[1, 1], false));
    let row = "/interactive/action/sections/0/rows/0";
    let set = |pointer: String, text: String| with(list(&[2], true), &pointer, json!(text));
    accepts(&set(format!("{row}/id"), long(200)));
    refuses(131_009, &set(format!("{row}/id"), long(201)));
    refuses(131_009, &set(format!("{row}/id"), "1".into()));
    accepts(&set(format!("{row}/title"), long(24)));
    refuses(131_009, &set(format!("{row}/title"), long(25)));
    refuses(131_009, &set("/interactive/action/button".into(), long(21)));
    refuses(
        131_009,
        &set("/interactive/action/sections/0/title".into(), long(25)),
    );
    accepts(&set("/interactive/body/text".into(), long(4_096)));
    refuses(131_009, &set("/interactive/body/text".into(), long(4_097)));
    let mut described = list(&[1], false);
    described["interactive"]["action"]["sections"][0]["rows"][0]["description"] = json!(long(72));
    accepts(&described);
    described["interactive"]["action"]["sections"][0]["rows"][0]["description"] = json!(long(73));
    refuses(131_009, &described);
}

#[test]
fn other_kinds_of_interactive_keep_theirs() {
    let link = |text: &str, url: &str| {
        interactive(json!({"type": "cta_url", "body": {"text": "?"}, "action": {
            "name": "cta_url", "parameters": {"display_text": text, "url": url}}}))
    };
    refuses(131_009, &link(&long(21), "https://example.com"));
    refuses(131_009, &link("Ver", "javascript:alert(1)"));
    refuses(
        131_009,
        &interactive(json!({
        "type": "hologram", "body": {"text": "?"}, "action": {}})),
    );
    let products = |count: usize| {
        let items = vec![json!({"product_retailer_id": "1"}); count];
        interactive(json!({"type": "product_list", "body": {"text": "?"},
            "header": {"type": "text", "text": "H"},
            "action": {"catalog_id": "1", "sections": [{"title": "S", "product_items": items}]}}))
    };
    accepts(&products(30));
    refuses(131_009, &products(31));
}

#[test]
fn files_need_one_source_and_a_fitting_caption() {
    refuses(131_008, &message("image", json!({})));
    refuses(
        131_009,
        &message("image", json!({"id": "1", "link": "https://example.com"})),
    );
    refuses(
        131_009,
        &message("image", json!({"link": "file:///etc/passwd"})),
    );
    accepts(&message(
        "image",
        json!({"id": "1", "caption": long(1_024)}),
    ));
    refuses(
        131_009,
        &message("image", json!({"id": "1", "caption": long(1_025)})),
    );
    refuses(
        131_009,
        &message("audio", json!({"id": "1", "caption": "a"})),
    );
    refuses(
        131_009,
        &message("image", json!({"id": "1", "filename": "a.png"})),
    );
}

#[test]
fn places_cards_and_reactions() {
    refuses(131_008, &message("location", json!({"latitude": 1})));
    refuses(
        131_009,
        &message("location", json!({"latitude": 91, "longitude": 0})),
    );
    let card = json!({"name": {"formatted_name": "Ana", "first_name": "Ana"}});
    accepts(&message("contacts", json!(vec![card.clone(); 257])));
    refuses(131_009, &message("contacts", json!(vec![card; 258])));
    refuses(
        131_008,
        &message("contacts", json!([{"name": {"formatted_name": "Ana"}}])),
    );
    refuses(
        131_008,
        &message("reaction", json!({"message_id": "wamid.x"})),
    );
    refuses(131_008, &message("reaction", json!({"emoji": "👍"})));
}

#[test]
fn templates_need_name_language_and_known_components() {
    let good = message(
        "template",
        json!({"name": "oi", "language": {"code": "pt_BR"},
        "components": [{"type": "body", "parameters": []}]}),
    );
    refuses(131_008, &without(good.clone(), "/template", "name"));
    refuses(
        131_008,
        &without(good.clone(), "/template/language", "code"),
    );
    refuses(
        131_009,
        &with(good, "/template/components/0/type", json!("soul")),
    );
}

#[test]
fn read_receipts_are_told_from_messages() {
    let read = |extra: Value| {
        let mut body = json!({
            "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        parse(body.to_string().as_bytes()).map_err(|error| error.code)
    };
    let wanted = |typing| {
        Ok(Request::Read {
            message_id: "wamid.x".into(),
            typing,
        })
    };
    assert_eq!(read(json!({})), wanted(false));
    assert_eq!(
        read(json!({"typing_indicator": {"type": "text"}})),
        wanted(true)
    );
    assert_eq!(
        read(json!({"typing_indicator": {"type": "dance"}})),
        Err(131_009)
    );
    assert_eq!(read(json!({"status": "delivered"})), Err(100));
}
