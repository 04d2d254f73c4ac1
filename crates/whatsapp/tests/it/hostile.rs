//! Bodies that Meta would never send. Whatever comes, nothing panics, an owner that the parser
//! sees was seen by the look before it, and what is kept can be stored and read back.

use crate::fixture::{bytes, names};
use papo_domain::Content;
use papo_domain::ports::InboxItem;
use papo_whatsapp::{EnvelopeError, Item, RoutingError, read_items, read_routes};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use proptest::sample::Index;
use proptest::strategy::BoxedStrategy;
use serde_json::{Map, Value, json};

fn check(body: &[u8]) -> Vec<Item> {
    let routes = read_routes(body);
    let Ok(items) = read_items(body) else {
        return Vec::new();
    };
    for item in &items {
        match &routes {
            Ok(routes) => {
                let account = &item.account;
                assert!(
                    account.is_empty() || routes.accounts.contains(account),
                    "{account}"
                );
                let number = item.number.as_ref();
                assert!(
                    number.is_none_or(|n| routes.numbers.contains(n)),
                    "{number:?}"
                );
            }
            Err(RoutingError::NoRoute) => assert_eq!(item.route(), ""),
            Err(_) => {}
        }
        let key = &item.external_id;
        assert!(
            !key.is_empty() && key.len() <= 255 && !key.contains('\0'),
            "{key:?}"
        );
        if let InboxItem::Message { peer, .. } | InboxItem::Echo { peer, .. } = &item.item {
            assert!(!peer.aliases.is_empty());
        }
        let stored = serde_json::to_string(&item.item).unwrap();
        assert!(!stored.contains("\\u0000"), "{stored}");
        serde_json::from_str::<InboxItem>(&stored).unwrap();
    }
    assert!(items.len() >= listed(body), "something was dropped");
    items
}

/// How many messages, statuses and echoes a body lists.
fn listed(body: &[u8]) -> usize {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return 0;
    };
    let array = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let entries = array(&body, "entry");
    let changes = entries.iter().flat_map(|entry| array(entry, "changes"));
    let lists = changes.map(|change| match change["field"].as_str() {
        Some("messages") => {
            array(&change["value"], "messages").len() + array(&change["value"], "statuses").len()
        }
        Some("smb_message_echoes") => array(&change["value"], "message_echoes").len(),
        _ => 0,
    });
    lists.sum()
}

fn with_text(json_string: &str) -> Vec<u8> {
    let body = String::from_utf8(bytes("message_text")).unwrap();
    let marked = body.replace("\"Olá, vocês abrem hoje?\"", json_string);
    assert_ne!(body, marked);
    marked.into_bytes()
}

fn text_of(body: &[u8]) -> String {
    let mut items = check(body);
    assert_eq!(items.len(), 1);
    match items.remove(0).item {
        InboxItem::Message { inbound, .. } => match inbound.content {
            Content::Text { body } => body,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn nul_becomes_the_replacement_character_everywhere() {
    assert_eq!(text_of(&with_text(r#""a\u0000b""#)), "a\u{FFFD}b");

    let body = String::from_utf8(bytes("message_unknown_type")).unwrap();
    let body = body.replace("\"planes\"", r#""pla\u0000nes":["\u0000"],"planes""#);
    let item = check(body.as_bytes()).remove(0).item;
    let stored = serde_json::to_value(item).unwrap();
    let depth = &stored["inbound"]["content"]["detail"]["hologram"]["depth"];
    assert_eq!(depth["pla\u{FFFD}nes"], json!(["\u{FFFD}"]));

    let form = r#"{"type":"nfm_reply","nfm_reply":{"response_json":"{\"a\":\"\\u0000\"}"}}"#;
    let body = String::from_utf8(bytes("message_text")).unwrap();
    let body = body.replace(
        "\"type\": \"text\"",
        &format!(r#""type":"interactive","interactive":{form}"#),
    );
    let item = check(body.as_bytes()).remove(0).item;
    let stored = serde_json::to_value(item).unwrap();
    assert_eq!(
        stored["inbound"]["content"]["response"],
        json!({"a": "\u{FFFD}"})
    );
}

#[test]
fn nul_in_an_id_routes_the_same_before_and_after() {
    let body = String::from_utf8(bytes("message_text")).unwrap();
    let body = body.replace("\"100200300400500\"", r#""1002\u000000500""#);
    let items = check(body.as_bytes());
    assert_eq!(items[0].number.as_deref(), Some("1002\u{FFFD}00500"));
}

#[test]
fn half_a_surrogate_pair_spoils_only_itself() {
    assert_eq!(text_of(&with_text(r#""oi \ud83d""#)), "oi \u{FFFD}");
    assert_eq!(text_of(&with_text(r#""\ud83d\ude00\ude00""#)), "😀\u{FFFD}");
}

#[test]
fn depth_is_refused_or_kept_as_it_can_be_read() {
    let nested = |depth: usize| with_text(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    // Nobody's text, so unknown, kept whole; and at the limit of what can be read at all.
    assert_eq!(check(&nested(118)).len(), 1);
    for depth in [120, 1_000, 1_000_000] {
        let body = nested(depth);
        assert!(read_routes(&body).is_ok());
        assert!(matches!(read_items(&body), Err(EnvelopeError::NotJson(_))));
    }

    let form = |depth: usize| {
        let answers = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let reply = json!({"type": "nfm_reply", "nfm_reply": {"response_json": answers}});
        let message = json!({"from": "1", "id": "2", "type": "interactive", "interactive": reply});
        let body = json!({"entry": [{"id": "1", "changes": [{"field": "messages",
            "value": {"messages": [message]}}]}]});
        let item = check(body.to_string().as_bytes()).remove(0).item;
        serde_json::to_value(item).unwrap()["inbound"]["content"]["response"].take()
    };
    assert!(form(64).is_array());
    for depth in [65, 127, 128, 100_000] {
        assert!(form(depth).is_string());
    }
}

#[test]
fn what_is_no_delivery_is_an_error() {
    for body in [&b""[..], b"{", b"\xff", b"{\"entry\":[{}]}x", b"nul"] {
        assert!(read_routes(body).is_err());
        let error = read_items(body).unwrap_err();
        assert!(!matches!(error, EnvelopeError::NoEntries));
    }
    for body in [&b"{}"[..], b"[]", b"null", br#"{"entry":{}}"#] {
        assert!(matches!(read_items(body), Err(EnvelopeError::NoEntries)));
    }
    assert!(matches!(
        read_items(b"\"\xff\""),
        Err(EnvelopeError::NotUtf8(_))
    ));
    let whole = bytes("batch");
    let end = whole.iter().rposition(|b| *b == b'}').unwrap();
    for cut in (0..end).step_by(7) {
        assert!(read_routes(&whole[..cut]).is_err());
        assert!(read_items(&whole[..cut]).is_err());
    }
}

fn any_json() -> BoxedStrategy<Value> {
    let key = prop_oneof![
        prop::sample::select(vec![
            "id",
            "from",
            "to",
            "type",
            "text",
            "body",
            "context",
            "contacts",
            "messages",
            "statuses",
            "status",
            "errors",
            "code",
            "metadata",
            "phone_number_id",
            "value",
            "changes",
            "entry",
            "system",
            "interactive",
            "button_reply",
            "response_json",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(json!("\0")),
        prop::sample::select(vec![
            "text",
            "image",
            "system",
            "interactive",
            "sent",
            "wamid.1"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
    .boxed()
}

/// The n-th value of a document, counted in order.
fn pick<'v>(value: &'v mut Value, n: &mut usize) -> Option<&'v mut Value> {
    if *n == 0 {
        return Some(value);
    }
    *n -= 1;
    match value {
        Value::Array(elements) => elements.iter_mut().find_map(|v| pick(v, n)),
        Value::Object(members) => members.values_mut().find_map(|v| pick(v, n)),
        _ => None,
    }
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

fn fixture() -> impl Strategy<Value = String> {
    prop::sample::select(names())
}

proptest! {
    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&body);
    }

    #[test]
    fn any_document(document in any_json()) {
        check(document.to_string().as_bytes());
        let value = json!({"entry": [{"id": "1", "changes": [{"field": "messages", "value": document}]}]});
        check(value.to_string().as_bytes());
        let message = json!({"entry": [{"id": "1", "changes": [{"field": "messages",
            "value": {"messages": [document], "statuses": [document], "contacts": [document]}}]}]});
        check(message.to_string().as_bytes());
    }

    #[test]
    fn fixtures_with_other_values_in_them(
        name in fixture(),
        places in prop::collection::vec((any::<Index>(), any_json()), 1..4),
    ) {
        let mut document: Value = serde_json::from_slice(&bytes(&name)).unwrap();
        for (place, value) in places {
            let mut n = place.index(size(&document));
            *pick(&mut document, &mut n).unwrap() = value;
        }
        check(document.to_string().as_bytes());
    }

    #[test]
    fn fixtures_with_other_bytes_in_them(
        name in fixture(),
        place in any::<Index>(),
        length in 0_usize..8,
        junk in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..4),
            prop::sample::select(vec![
                "\"id\":\"EVIL\",", "\"metadata\":{\"phone_number_id\":\"EVIL\"},",
                "\"entry\":[{\"id\":\"EVIL\"}],", "\\u0000", "\\ud83d", "\0", "[[[[", "}", "\"",
            ]).prop_map(|junk| junk.as_bytes().to_vec()),
        ],
    ) {
        let mut body = bytes(&name);
        let from = place.index(body.len());
        let to = (from + length).min(body.len());
        body.splice(from..to, junk);
        check(&body);
    }

    /// A second key of the same name anywhere never lets the parser see an owner that the look
    /// before it did not see.
    #[test]
    fn repeated_keys(name in fixture(), place in any::<Index>(), what in 0_usize..5) {
        let body = String::from_utf8(bytes(&name)).unwrap();
        let opens: Vec<usize> = body.match_indices('{').map(|(at, _)| at + 1).collect();
        let at = opens[place.index(opens.len())];
        let junk = [
            r#""id":"EVIL","#,
            r#""phone_number_id":"EVIL","#,
            r#""metadata":{"phone_number_id":"EVIL"},"#,
            r#""value":{"metadata":{"phone_number_id":"EVIL"}},"#,
            r#""entry":[{"id":"EVIL","changes":[]}],"#,
        ];
        let (before, after) = body.split_at(at);
        check(format!("{before}{}{after}", junk[what]).as_bytes());
        // And at the end of the object, where it wins.
        let closes: Vec<usize> = body.match_indices('}').map(|(at, _)| at).collect();
        let (before, after) = body.split_at(closes[place.index(closes.len())]);
        let junk = junk[what].trim_end_matches(',');
        check(format!("{before},{junk}{after}").as_bytes());
    }
}
