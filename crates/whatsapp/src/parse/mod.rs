//! From the `value` of a change to inbox items, by docs/META.md. Tolerant by duty:
//! unknown types, fields and words are kept, never refused; a message that cannot be understood
//! is kept as unknown, and one without a sender as a notice. Works on parsed JSON whose strings
//! are already clean; no tenant, no clock.

mod content;
mod digest;
mod field;
mod message;
mod peer;
mod status;

pub(crate) use field::name;

use papo_domain::ports::InboxItem;
use serde_json::{Map, Value, json};

/// An external id and what is known under it.
pub(crate) type Keyed = (String, InboxItem);

/// The longest field name that is kept, in bytes.
const FIELD_MAX: usize = 64;

/// What the change of `field` in an entry of `time` says.
pub(crate) fn change(field: &str, time: Option<&Value>, value: &Value) -> Vec<Keyed> {
    match (field, value) {
        ("messages", Value::Object(members)) => messages(time, members),
        ("smb_message_echoes", Value::Object(members)) => echoes(time, members),
        _ => vec![notice(field, time, value.clone())],
    }
}

/// Keeps `value` whole. The time of its entry is part of the key, where there is one: the same
/// news may come again another day, while a repeated delivery has the same time.
pub(crate) fn notice(field: &str, time: Option<&Value>, value: Value) -> Keyed {
    let (field, _) = field.split_at(field.floor_char_boundary(FIELD_MAX));
    let digest = digest::of(&[time.unwrap_or(&Value::Null), &value]);
    (
        format!("notice:{field}:{digest}"),
        InboxItem::Notice {
            field: field.to_owned(),
            value,
        },
    )
}

fn messages(time: Option<&Value>, value: &Map<String, Value>) -> Vec<Keyed> {
    let contacts = elements(value, "contacts");
    let mut items = each(value, "messages", "messages", time, |raw| {
        message::inbound(raw, contacts)
    });
    items.extend(each(value, "statuses", "messages", time, status::parse));
    items.extend(leftover("messages", time, value, &["messages", "statuses"]));
    items
}

fn echoes(time: Option<&Value>, value: &Map<String, Value>) -> Vec<Keyed> {
    let contacts = elements(value, "contacts");
    let list = "message_echoes";
    let mut items = each(value, list, "smb_message_echoes", time, |raw| {
        message::echo(raw, contacts)
    });
    items.extend(leftover("smb_message_echoes", time, value, &[list]));
    items
}

/// Parses each element of `list`; what cannot be parsed becomes a notice in the same place.
fn each(
    value: &Map<String, Value>,
    list: &str,
    field: &str,
    time: Option<&Value>,
    parse: impl Fn(&Value) -> Option<Keyed>,
) -> Vec<Keyed> {
    elements(value, list)
        .iter()
        .map(|raw| parse(raw).unwrap_or_else(|| notice(field, time, json!({ list: [raw] }))))
        .collect()
}

/// What a value holds besides its `lists` and what describes them, such as system errors.
fn leftover(
    field: &str,
    time: Option<&Value>,
    value: &Map<String, Value>,
    lists: &[&str],
) -> Option<Keyed> {
    let is_list = |key: &str| lists.contains(&key) && value.get(key).is_some_and(Value::is_array);
    let described = value.keys().any(|key| is_list(key));
    let known = |key: &str| is_list(key) || described && DESCRIPTION.contains(&key);
    let rest: Map<String, Value> = value
        .iter()
        .filter(|(key, _)| !known(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (!rest.is_empty()).then(|| notice(field, time, Value::Object(rest)))
}

/// Members of a value that only describe its lists.
const DESCRIPTION: [&str; 3] = ["messaging_product", "metadata", "contacts"];

fn elements<'a>(value: &'a Map<String, Value>, list: &str) -> &'a [Value] {
    value
        .get(list)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
