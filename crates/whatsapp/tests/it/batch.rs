//! A delivery with several entries, changes, messages and statuses, some of them damaged.

use crate::fixture::{bytes, items, names};
use papo_domain::ports::InboxItem;
use papo_whatsapp::{Item, read_items, read_routes};
use serde_json::{Value, json};

fn line(item: &Item) -> String {
    let what = match &item.item {
        InboxItem::Message { inbound, .. } => format!("message {}", inbound.content.text()),
        InboxItem::Echo { inbound, .. } => format!("echo {}", inbound.content.text()),
        InboxItem::Status(update) => format!("status {}", update.status.name()),
        InboxItem::Notice { field, value } => format!("notice {field} {value}"),
    };
    let key = item.external_id.split(':').next().unwrap();
    format!("{} {key} {what}", item.route())
}

#[test]
fn everything_in_a_delivery_becomes_an_item_of_its_own_route() {
    let lines: Vec<String> = items("batch").iter().map(line).collect();
    let expected = [
        "100200300400500 wamid.HBgNb1 message um",
        "100200300400500 wamid.HBgNb2 message dois",
        "100200300400500 wamid.HBgNb3 message três",
        r#"100200300400500 notice notice messages {"messages":[{"id":"wamid.HBgNb4","text":{"body":"de ninguém"},"timestamp":"1767225804","type":"text"}]}"#,
        r#"100200300400500 notice notice messages {"messages":["not an object"]}"#,
        "100200300400500 wamid.HBgNours status delivered",
        "100200300400500 wamid.HBgNours status read",
        r#"100200300400500 notice notice messages {"statuses":[{"status":"sent"}]}"#,
        r#"100200300400500 notice notice messages {"errors":[{"code":131000,"title":"Something went wrong"}]}"#,
        "100200300400501 wamid.HBgNother status sent",
        r#"900800700600500 notice notice account_update {"event":"VERIFIED_ACCOUNT"}"#,
        "100200300400502 wamid.HBgNb5 message outra conta",
        "100200300400502 wamid.HBgNb6 echo do celular",
        r#"900800700600501 notice notice change "not a change""#,
        r#"900800700600502 notice notice entry {"id":"900800700600502","messaging":[{"note":"an entry without changes"}]}"#,
    ];
    assert_eq!(lines, expected);
}

#[test]
fn names_in_a_batch_go_to_their_own_senders() {
    let names: Vec<Option<String>> = items("batch")
        .into_iter()
        .filter_map(|item| match item.item {
            InboxItem::Message { name, .. } => Some(name),
            _ => None,
        })
        .collect();
    let some = |name: &str| Some(name.to_owned());
    let (first, second) = (some("Cliente Exemplo"), some("Outra Pessoa"));
    assert_eq!(names, [first.clone(), second, first.clone(), first]);
}

#[test]
fn the_routes_of_a_batch_are_all_its_accounts_and_numbers() {
    let routes = read_routes(&bytes("batch")).unwrap();
    let accounts: Vec<_> = routes.accounts.iter().map(String::as_str).collect();
    assert_eq!(
        accounts,
        ["900800700600500", "900800700600501", "900800700600502"]
    );
    let numbers: Vec<_> = routes.numbers.iter().map(String::as_str).collect();
    assert_eq!(
        numbers,
        ["100200300400500", "100200300400501", "100200300400502"]
    );
}

#[test]
fn a_thousand_updates_in_one_delivery() {
    let messages: Vec<Value> = (0..1_000)
        .map(|i| {
            json!({"id": format!("wamid.{i}"), "from": "5511900000001", "type": "text",
            "timestamp": "1767225600", "text": {"body": i.to_string()}})
        })
        .collect();
    let body = json!({"entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"metadata": {"phone_number_id": "2"}, "messages": messages}}]}]});
    let items = read_items(body.to_string().as_bytes()).unwrap();
    assert_eq!(items.len(), 1_000);
    for (i, item) in items.iter().enumerate() {
        assert_eq!(line(item), format!("2 wamid.{i} message {i}"));
    }
}

#[test]
fn a_message_without_id_has_a_key_of_its_own() {
    let key = |body: &str| {
        let text = json!({"from": "5511900000001", "type": "text", "text": {"body": body}});
        let body = json!({"entry": [{"id": "1", "changes": [{"field": "messages",
            "value": {"messages": [text]}}]}]});
        read_items(body.to_string().as_bytes())
            .unwrap()
            .remove(0)
            .external_id
    };
    assert_eq!(key("a"), key("a"));
    assert_ne!(key("a"), key("b"));
    assert!(key("a").starts_with("message:"));
}

#[test]
fn every_fixture_is_readable_and_repeatable() {
    for name in names() {
        let once = items(&name);
        assert!(!once.is_empty(), "{name}");
        assert_eq!(once, items(&name));
    }
}
