//! The objects that customers' messages are made of: an answer to a button or a list is found
//! in the message that offered it, and what a sender leaves out is filled in.

use super::chat::{Author, ChatKey};
use super::customer::Customer;
use super::refusal::Refusal;
use super::{World, fresh_wamid};
use serde_json::{Map, Value, json};

impl World {
    pub(super) fn display_phone(&self, number: &str) -> String {
        self.line(number)
            .map(|line| line.number.display_phone_number.clone())
            .unwrap_or_default()
    }

    /// Fills `id` and `timestamp`; returns the id.
    pub(super) fn stamp(
        &self,
        message: &mut Map<String, Value>,
        customer: &Customer,
        now: i64,
    ) -> String {
        default_to(message, "id", || Some(fresh_wamid(customer.id())));
        default_to(message, "timestamp", || Some((now / 1_000).to_string()));
        let id = message.get("id").and_then(Value::as_str);
        id.unwrap_or_default().to_owned()
    }

    pub(super) fn tap(
        &mut self,
        key: &ChatKey,
        message_id: &str,
        button_id: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        let shown = self.shown(key, message_id)?;
        let buttons = shown.pointer("/interactive/action/buttons");
        let reply = elements(buttons)
            .filter_map(|button| button.get("reply"))
            .find(|reply| is(reply, "id", button_id))
            .map(|reply| {
                json!({"type": "interactive", "interactive": {
                    "type": "button_reply", "button_reply": picked(reply, &["id", "title"]),
                }})
            });
        let quick_reply = || {
            elements(shown.pointer("/template/components"))
                .filter(|component| is(component, "sub_type", "quick_reply"))
                .find_map(|component| {
                    let payload = component.pointer("/parameters/0/payload")?;
                    (payload.as_str() == Some(button_id)).then_some((component, payload))
                })
                .map(|(component, payload)| {
                    let index = match component.get("index") {
                        Some(Value::String(index)) => index.parse().ok(),
                        index => index.and_then(Value::as_u64),
                    };
                    let index = index.and_then(|index| usize::try_from(index).ok());
                    let titles = shown.get("buttons").and_then(Value::as_array);
                    let title = titles.zip(index).and_then(|(titles, at)| titles.get(at));
                    let text = title.unwrap_or(payload);
                    json!({"type": "button", "button": {"payload": payload, "text": text}})
                })
        };
        let answer = reply.or_else(quick_reply);
        self.answer_to(key, message_id, button_id, answer)
    }

    pub(super) fn choose(
        &mut self,
        key: &ChatKey,
        message_id: &str,
        row_id: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        let shown = self.shown(key, message_id)?;
        let answer = elements(shown.pointer("/interactive/action/sections"))
            .flat_map(|section| elements(section.get("rows")))
            .find(|row| is(row, "id", row_id))
            .map(|row| {
                json!({"type": "interactive", "interactive": {
                    "type": "list_reply",
                    "list_reply": picked(row, &["id", "title", "description"]),
                }})
            });
        self.answer_to(key, message_id, row_id, answer)
    }

    /// The message of the business with this id in this chat.
    fn shown(&mut self, key: &ChatKey, message_id: &str) -> Result<Value, Refusal> {
        let here = self
            .chats
            .locate(message_id)
            .is_some_and(|(at, _)| at == key);
        self.chats
            .message(message_id)
            .filter(|entry| here && entry.author == Author::Business)
            .map(|entry| entry.message.clone())
            .ok_or_else(|| Refusal::UnknownMessage(message_id.to_owned()))
    }

    fn answer_to(
        &self,
        key: &ChatKey,
        message_id: &str,
        choice: &str,
        answer: Option<Value>,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut answer = object(answer.ok_or_else(|| Refusal::NoSuchChoice {
            message_id: message_id.to_owned(),
            choice: choice.to_owned(),
        })?)?;
        let from = self.display_phone(&key.number);
        answer.insert("context".into(), json!({"from": from, "id": message_id}));
        Ok(answer)
    }
}

/// Whether Meta counts it as the customer having written.
pub(super) fn opens_window(message: &Map<String, Value>) -> bool {
    let kind = message.get("type").and_then(Value::as_str);
    !matches!(kind, Some("reaction" | "system" | "edit" | "revoke"))
}

pub(super) fn object(message: Value) -> Result<Map<String, Value>, Refusal> {
    match message {
        Value::Object(fields) if fields.get("type").is_some_and(Value::is_string) => Ok(fields),
        _ => Err(Refusal::Invalid(
            "a message is an object with a type".to_owned(),
        )),
    }
}

/// Sets a field that was not given. Given as `null` it stays away.
pub(super) fn default_to(
    fields: &mut Map<String, Value>,
    name: &str,
    value: impl FnOnce() -> Option<String>,
) {
    match fields.get(name) {
        Some(Value::Null) => drop(fields.remove(name)),
        Some(_) => {}
        None => {
            if let Some(value) = value() {
                fields.insert(name.to_owned(), value.into());
            }
        }
    }
}

fn elements(array: Option<&Value>) -> impl Iterator<Item = &Value> {
    array.and_then(Value::as_array).into_iter().flatten()
}

fn is(object: &Value, field: &str, value: &str) -> bool {
    object.get(field).and_then(Value::as_str) == Some(value)
}

fn picked(object: &Value, fields: &[&str]) -> Value {
    let present = fields
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), object.get(*field)?.clone())));
    Value::Object(present.collect())
}
