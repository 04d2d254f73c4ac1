//! The other fields of docs/META.md, "Other fields" are kept whole, under a key that a repeated
//! delivery shares and a later event of the same words does not.

use crate::fixture::{bytes, item, names};
use papo_domain::ports::InboxItem;
use papo_whatsapp::{Item, read_items};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const FIELDS: [&str; 18] = [
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "message_template_components_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "business_capability_update",
    "user_preferences",
    "user_id_update",
    "history",
    "smb_app_state_sync",
    "flows",
    "calls",
    "messaging_handovers",
    "security",
];

fn value(fixture: &str) -> Value {
    let mut body: Value = serde_json::from_slice(&bytes(fixture)).unwrap();
    body["entry"][0]["changes"][0]["value"].take()
}

#[test]
fn every_other_field_is_kept_whole() {
    let listed: BTreeSet<String> = FIELDS.iter().map(|f| format!("field_{f}")).collect();
    let present = names().into_iter().filter(|n| n.starts_with("field_"));
    assert_eq!(present.collect::<BTreeSet<_>>(), listed);

    let mut keys = BTreeSet::new();
    for field in FIELDS {
        let fixture = format!("field_{field}");
        let value = value(&fixture);
        let item = item(&fixture);
        let number = value["metadata"]["phone_number_id"].as_str();
        let route = number.unwrap_or("900800700600500");
        assert_eq!(item.route(), route, "{field}");
        assert!(item.external_id.starts_with(&format!("notice:{field}:")));
        keys.insert(item.external_id);
        let field = field.to_owned();
        assert_eq!(item.item, InboxItem::Notice { field, value });
    }
    assert_eq!(keys.len(), FIELDS.len());
}

#[test]
fn a_system_error_is_a_notice() {
    let item = item("system_error");
    let InboxItem::Notice { field, value } = item.item else {
        panic!("{item:?}");
    };
    assert_eq!(field, "messages");
    assert_eq!(value["errors"][0]["code"], 131_000);
}

fn notice(entry: Value) -> Item {
    let body = json!({ "entry": [entry] }).to_string();
    let mut items = read_items(body.as_bytes()).unwrap();
    assert_eq!(items.len(), 1);
    items.remove(0)
}

#[test]
fn the_key_is_the_same_for_a_repetition_and_another_for_the_next_time() {
    let flagged = |time: u64, event: &str| {
        let change = json!({"field": "phone_number_quality_update", "value": {"event": event}});
        notice(json!({"id": "1", "time": time, "changes": [change]})).external_id
    };
    assert_eq!(flagged(1, "FLAGGED"), flagged(1, "FLAGGED"));
    assert_ne!(flagged(1, "FLAGGED"), flagged(2, "FLAGGED"));
    assert_ne!(flagged(1, "FLAGGED"), flagged(1, "UNFLAGGED"));
}

#[test]
fn a_key_is_short_whatever_the_field_is_called() {
    let change = json!({"field": "x".repeat(10_000), "value": 1});
    let item = notice(json!({"id": "1", "changes": [change]}));
    assert!(item.external_id.len() < 255);
}

#[test]
fn damaged_changes_and_entries_are_kept_too() {
    for (entry, field) in [
        (
            json!({"id": "1", "changes": [{"field": "messages"}]}),
            "change",
        ),
        (json!({"id": "1", "changes": [{"value": {}}]}), "change"),
        (json!({"id": "1", "changes": ["x"]}), "change"),
        (
            json!({"id": "1", "changes": [{"field": "messages", "value": "x"}]}),
            "messages",
        ),
        (
            json!({"id": "1", "changes": [{"field": "messages", "value": {"messages": {}}}]}),
            "messages",
        ),
        (
            json!({"id": "1", "changes": [{"field": "smb_message_echoes", "value": 1}]}),
            "smb_message_echoes",
        ),
        (json!({"id": "1", "changes": {}}), "entry"),
        (json!({"id": "1"}), "entry"),
        (json!("x"), "entry"),
    ] {
        let item = notice(entry.clone());
        let InboxItem::Notice { field: kept, .. } = item.item else {
            panic!("{item:?}");
        };
        assert_eq!(kept, field, "{entry}");
    }
}
