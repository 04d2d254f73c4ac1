//! One thing that the product is to be told: a customer's message, a status, an echo of the
//! owner's phone, or any other change.

use crate::world::{ChatKey, Tick};
use serde_json::Value;
use std::sync::Arc;

/// What an update tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Message,
    Status(Tick),
    Echo,
    /// Any other webhook field; `body` is the whole `value`.
    Change(String),
}

impl Kind {
    /// The webhook field that carries it.
    pub(crate) fn field(&self) -> &str {
        match self {
            Self::Message | Self::Status(_) => "messages",
            Self::Echo => "smb_message_echoes",
            Self::Change(field) => field,
        }
    }

    /// The array inside `value` that carries it; `None` if it is the whole value.
    pub(crate) fn list(&self) -> Option<&'static str> {
        match self {
            Self::Message => Some("messages"),
            Self::Status(_) => Some("statuses"),
            Self::Echo => Some("message_echoes"),
            Self::Change(_) => None,
        }
    }

    /// A word for logs.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Message => "message",
            Self::Status(Tick::Accepted | Tick::Sent) => "sent",
            Self::Status(Tick::Delivered) => "delivered",
            Self::Status(Tick::Read) => "read",
            Self::Status(Tick::Failed) => "failed",
            Self::Echo => "echo",
            Self::Change(field) => field,
        }
    }
}

/// One element of a webhook.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    /// `phone_number_id`.
    pub(crate) number: Arc<str>,
    /// Updates of one lane are posted one after another; without one, at once.
    pub(crate) lane: Option<ChatKey>,
    pub(crate) kind: Kind,
    /// The message it is about; empty for other changes.
    pub(crate) message_id: String,
    /// The element of `value.contacts` that goes with it.
    pub(crate) contact: Option<Value>,
    pub(crate) body: Value,
}

impl Update {
    /// Its share of a body in bytes, about.
    pub(crate) fn size(&self) -> usize {
        super::escaped(&self.body).len() + 400
    }
}
