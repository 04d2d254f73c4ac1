//! A client's picture of what it may see, folded from frames by the rules of
//! `docs/REALTIME.md` and nothing else. Two pictures are equal if their users would see the same:
//! one followed frames for a while, the other was just loaded from the API.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How far a sent message may have come, lowest first.
const STATUSES: [&str; 10] = [
    "queued",
    "cancelled",
    "sending",
    "unknown",
    "unconfirmed",
    "sent",
    "failed",
    "delivered",
    "read",
    "played",
];
/// Fields of a conversation that frames set.
const FIELDS: [&str; 9] = [
    "mode",
    "status",
    "assigned_user_id",
    "department_id",
    "priority",
    "quarantined",
    "archived_at",
    "snoozed_until",
    "rating",
];

/// Conversations by id.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    known: BTreeMap<String, Conversation>,
    /// Frames about conversations that must be loaded first.
    waiting: BTreeMap<String, Vec<Value>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Conversation {
    fields: BTreeMap<&'static str, Value>,
    labels: BTreeSet<String>,
    unread: u64,
    last_seq: u64,
    messages: BTreeMap<u64, Message>,
}

#[derive(Clone, Debug, PartialEq)]
struct Message {
    id: String,
    sender: String,
    kind: String,
    text: String,
    status: Option<String>,
}

impl PartialEq for Mirror {
    fn eq(&self, other: &Self) -> bool {
        self.known == other.known
    }
}

impl Mirror {
    /// Folds a frame.
    ///
    /// # Errors
    /// It is not as documented.
    pub fn take(&mut self, frame: &Value) -> Result<()> {
        let event = string(frame, "event")?;
        let payload = frame.get("payload").unwrap_or(&Value::Null);
        match event {
            "conversation:granted" => {
                let id = string(payload, "id")?;
                self.known.remove(id);
                self.waiting.insert(id.to_owned(), Vec::new());
            }
            "conversation:revoked" => {
                let id = string(payload, "id")?;
                self.known.remove(id);
                self.waiting.remove(id);
            }
            "message:new" | "message:status" | "conversation:updated" => {
                let id = string(payload, "conversation_id")?;
                match self.known.get_mut(id) {
                    Some(conversation) => conversation.apply(event, payload)?,
                    None => {
                        let waiting = self.waiting.entry(id.to_owned()).or_default();
                        waiting.push(frame.clone());
                    }
                }
            }
            // Notices and signals say nothing that lasts.
            _ => {}
        }
        Ok(())
    }

    /// Conversations that must be loaded from the API now.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<String> {
        self.waiting.keys().cloned().collect()
    }

    /// Takes a conversation as the API shows it, with all its messages, then what has come for
    /// it meanwhile.
    ///
    /// # Errors
    /// It is not as documented.
    pub fn load(&mut self, conversation: &Value, messages: &[Value]) -> Result<()> {
        let id = string(conversation, "id")?.to_owned();
        let loaded = Conversation::load(conversation, messages)?;
        self.known.insert(id.clone(), loaded);
        for frame in self.waiting.remove(&id).unwrap_or_default() {
            self.take(&frame)?;
        }
        Ok(())
    }

    /// A conversation that the API does not show (any more): its user may not see it.
    pub fn unseen(&mut self, id: &str) {
        self.known.remove(id);
        self.waiting.remove(id);
    }

    /// Where the two differ, for a person to read.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let ids: BTreeSet<_> = self.known.keys().chain(other.known.keys()).collect();
        ids.into_iter()
            .filter(|id| self.known.get(*id) != other.known.get(*id))
            .map(|id| {
                let (ours, theirs) = (self.known.get(id), other.known.get(id));
                format!("{id}:\n  {ours:?}\n  {theirs:?}")
            })
            .collect()
    }
}

impl Conversation {
    fn load(shown: &Value, messages: &[Value]) -> Result<Self> {
        let mut loaded = Self {
            unread: number(shown, "unread_count")?,
            last_seq: number(shown, "last_seq")?,
            labels: ids(shown.get("labels"), "/id"),
            ..Self::default()
        };
        for field in FIELDS {
            let value = match field {
                "assigned_user_id" => shown.pointer("/assigned_user/id"),
                "department_id" => shown.pointer("/department/id"),
                _ => shown.get(field),
            };
            loaded
                .fields
                .insert(field, value.cloned().unwrap_or_default());
        }
        for message in messages {
            let seq = number(message, "seq")?;
            loaded.messages.insert(seq, Message::of(message)?);
        }
        Ok(loaded)
    }

    fn apply(&mut self, event: &str, payload: &Value) -> Result<()> {
        match event {
            "message:new" => self.add(payload)?,
            "message:status" => {
                let seq = number(payload, "seq")?;
                if let Some(message) = self.messages.get_mut(&seq) {
                    message.come_to(string(payload, "status")?);
                }
            }
            _ => {
                let set = payload.get("set").and_then(Value::as_object);
                for (field, value) in set.context("an update without set")? {
                    if let Some(field) = FIELDS.iter().find(|f| *f == field) {
                        self.fields.insert(field, value.clone());
                    }
                }
                self.labels.extend(ids(payload.get("labels_added"), ""));
                for gone in ids(payload.get("labels_removed"), "") {
                    self.labels.remove(&gone);
                }
                if let Some(upto) = payload.get("read_upto_seq").and_then(Value::as_u64) {
                    self.unread = self.unread.min(self.last_seq.saturating_sub(upto));
                }
                let marked = payload.get("unread_upto_seq").and_then(Value::as_u64);
                if marked.is_some_and(|upto| self.last_seq <= upto) {
                    self.unread = self.unread.max(1);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, payload: &Value) -> Result<()> {
        let seq = number(payload, "seq")?;
        let message = Message::of(payload)?;
        self.messages.entry(seq).or_insert(message);
        if seq > self.last_seq {
            self.last_seq = seq;
            match payload.get("unread").and_then(Value::as_str) {
                Some("raise") => self.unread += 1,
                Some("clear") => self.unread = 0,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Message {
    /// Of a frame or of the API.
    fn of(shown: &Value) -> Result<Self> {
        let either = |one, other| string(shown, one).or_else(|_| string(shown, other));
        Ok(Self {
            id: string(shown, "id")?.to_owned(),
            sender: either("sender_type", "sender")?.to_owned(),
            kind: either("message_type", "kind")?.to_owned(),
            text: string(shown, "text")?.to_owned(),
            status: string(shown, "status").ok().map(str::to_owned),
        })
    }

    /// Statuses only move forward.
    fn come_to(&mut self, status: &str) {
        let rank = |status: &str| STATUSES.iter().position(|s| *s == status);
        if rank(status) > self.status.as_deref().and_then(rank) {
            self.status = Some(status.to_owned());
        }
    }
}

/// The ids in a list; each stands at `pointer` in its item.
fn ids(list: Option<&Value>, pointer: &str) -> BTreeSet<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    let ids = items.filter_map(|item| item.pointer(pointer)?.as_str());
    ids.map(str::to_owned).collect()
}

fn string<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    let found = value.get(field).and_then(Value::as_str);
    found.with_context(|| format!("no {field} in {value}"))
}

fn number(value: &Value, field: &str) -> Result<u64> {
    let found = value.get(field).and_then(Value::as_u64);
    found.with_context(|| format!("no {field} in {value}"))
}

#[cfg(test)]
mod tests;
