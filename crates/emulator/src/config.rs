//! What an emulator can be told at its start: where it listens, which of Meta's rules it
//! enforces, how phones acknowledge, how webhooks are retried, and how much it may hold.
//! Figures are Meta's as noted beside each; nothing here decides anything.

use crate::faults::Faults;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Settings of one emulator. The default listens on a free port of the loopback interface,
/// enforces every rule and has no faults.
#[derive(Clone, Debug)]
pub struct EmulatorConfig {
    /// Address to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Threads that serve HTTP.
    pub workers: usize,
    /// Every fault decision is a function of this and of what was asked, never of timing.
    pub seed: u64,
    pub rules: Rules,
    pub receipts: Receipts,
    pub faults: Faults,
    pub retry: Retry,
    pub bounds: Bounds,
    /// The longest a webhook call may take before it counts as failed.
    pub post_timeout: Duration,
    /// Where customers and chats outlive the emulator; `None`: they do not.
    pub state: Option<PathBuf>,
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            workers: 1,
            seed: 0,
            rules: Rules::default(),
            receipts: Receipts::default(),
            faults: Faults::default(),
            retry: Retry::default(),
            bounds: Bounds::default(),
            post_timeout: Duration::from_secs(10),
            state: None,
        }
    }
}

/// Which of Meta's rules hold. `null` (`None`) switches a rule off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Customer service window; Meta's is 24 h from the customer's last message (131047).
    pub window_seconds: Option<u64>,
    /// Rate of one number towards one customer (131056).
    pub pair: Option<PairRule>,
    /// Messages per second of a number, in and out; Meta starts at 80 (130429).
    pub throughput_per_second: Option<u32>,
    /// Whether only registered customers have WhatsApp (131026).
    pub known_recipients: bool,
    /// Where 131026 and 131047 are told. Meta does both, depending on how early it notices.
    pub refusals: RefusedIn,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window_seconds: Some(24 * 60 * 60),
            pair: Some(PairRule::default()),
            throughput_per_second: Some(80),
            known_recipients: true,
            refusals: RefusedIn::Answer,
        }
    }
}

/// One message per `interval_ms`; up to `burst` within one interval, paid back by silence:
/// after 20 at once the next is accepted 20 intervals later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PairRule {
    pub interval_ms: u32,
    pub burst: u32,
}

impl Default for PairRule {
    fn default() -> Self {
        Self {
            interval_ms: 6_000,
            burst: 45,
        }
    }
}

/// Where a refusal that Meta may notice late is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedIn {
    /// In the HTTP answer.
    #[default]
    Answer,
    /// Accepted first, then a `failed` status.
    Status,
}

/// When a phone acknowledges what it was sent, counted from the moment Meta accepted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    pub sent_ms: u32,
    pub delivered_ms: u32,
    pub read_ms: u32,
    pub read: ReadBy,
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            sent_ms: 20,
            delivered_ms: 60,
            read_ms: 200,
            read: ReadBy::Itself,
        }
    }
}

/// What makes a customer read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    /// Every message is read soon after it arrives.
    #[default]
    Itself,
    /// A message is read when the chat is opened on the phone page or by the control API.
    Opening,
    /// Nothing is ever read.
    Nothing,
}

/// Retries of a webhook call that was not answered with 200. Meta goes on for 7 days, less and
/// less often; here attempts are counted so that a test ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Pause after the first failure.
    pub first: Duration,
    /// No pause is longer; each is twice the one before, with jitter from the seed.
    pub longest: Duration,
    /// Attempts in all before a call is given up and counted as abandoned.
    pub attempts: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(60),
            attempts: 60,
        }
    }
}

/// How much is held. What exceeds a log's bound pushes out the oldest; what exceeds another
/// bound is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub numbers: usize,
    pub customers: usize,
    /// Chats remembered; the oldest is forgotten with its window.
    pub chats: usize,
    /// Messages kept of one chat.
    pub transcript: usize,
    /// Messages kept of all chats.
    pub messages: usize,
    /// Graph calls kept.
    pub calls: usize,
    /// Webhook calls kept.
    pub deliveries: usize,
    /// Updates waiting for the product, retries included. Beyond it, Graph calls are answered
    /// 131016 and customers cannot write.
    pub queue: usize,
    /// Webhook calls at the same time.
    pub in_flight: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            numbers: 4_096,
            customers: 50_000,
            chats: 50_000,
            transcript: 500,
            messages: 200_000,
            calls: 2_000,
            deliveries: 2_000,
            queue: 100_000,
            in_flight: 128,
        }
    }
}
