//! Bodies and queries of the control API.

use crate::faults::{Faults, Profile};
use crate::world::{Inbound, TokenState};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// The longest a long poll lasts.
const PATIENCE_MAX_MS: u64 = 60_000;
/// The most entries of a log in one answer.
const PAGE_MAX: usize = 1_000;

/// Which part of a log.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub(super) after: u64,
    limit: Option<usize>,
}

impl Page {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(PAGE_MAX)
    }
}

/// What to wait for, and how long.
#[derive(Debug, Deserialize)]
pub(super) struct Wait {
    #[serde(default)]
    pub(super) after: u64,
    timeout_ms: Option<u64>,
}

impl Wait {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.timeout_ms.unwrap_or(10_000).min(PATIENCE_MAX_MS))
    }
}

/// Looks at a chat; with `after_revision`, waits for a newer one.
#[derive(Debug, Deserialize)]
pub(super) struct ChatQuery {
    pub(super) after_revision: Option<u64>,
    timeout_ms: Option<u64>,
}

impl ChatQuery {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.timeout_ms.unwrap_or(25_000).min(PATIENCE_MAX_MS))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct CustomerQuery {
    #[serde(default)]
    pub(super) q: String,
    limit: Option<usize>,
}

impl CustomerQuery {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(100).min(PAGE_MAX)
    }
}

/// A customer sends: one of `text`, `tap`, `choose`, `message`.
#[derive(Debug, Deserialize)]
pub(super) struct Send {
    #[serde(flatten)]
    pub(super) what: Inbound,
    #[serde(default = "one")]
    pub(super) copies: u16,
}

fn one() -> u16 {
    1
}

/// Messages for one POST.
#[derive(Debug, Deserialize)]
pub(super) struct Together {
    pub(super) messages: Vec<TogetherItem>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TogetherItem {
    pub(super) phone_number_id: String,
    pub(super) customer: String,
    #[serde(flatten)]
    pub(super) what: Inbound,
}

/// The owner sends: `text` or a whole `message`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Echo {
    Text(String),
    Message(Value),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    pub(super) field: String,
    pub(super) value: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) state: TokenState,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Callback {
    pub(super) callback_url: Option<String>,
}

/// A named profile or single switches.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SetFaults {
    Profile(Profile),
    Faults(Box<Faults>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetClock {
    pub(super) offset_seconds: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Reset {
    pub(super) registrations: bool,
}
