//! The engine's public door: what the root may ask of it, and what it answers. Everything here
//! is a value; no actor address leaves the crate.

use papo_domain::conversation::{Command, Listing, Rejection};
use papo_domain::ports::StoreError;
use papo_domain::{
    ChannelId, ConversationId, DepartmentId, MessageId, Role, Shard, TenantId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use thiserror::Error;

/// A command for one conversation.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    pub command: Command,
    /// The client's key, when it sent one.
    pub idempotency: Option<IdempotencyKey>,
}

/// A client's key with the digest of the request it belongs to.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub user: UserId,
    pub key: String,
    /// SHA-256 over method, path and body.
    pub request: [u8; 32],
}

/// What a command did. Also stored as the answer to its idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub conversation_id: ConversationId,
    /// The conversation's version after the command.
    pub version: u64,
    pub epoch: u64,
    /// `seq` of the conversation's newest message.
    pub seq: u64,
    /// The message the command wrote on behalf of its user, if it wrote one.
    pub message: Option<WrittenMessage>,
    /// Automatic messages that were withdrawn.
    #[serde(default)]
    pub cancelled: u32,
    /// Automatic messages that were already on their way to the customer.
    #[serde(default)]
    pub on_the_wire: u32,
    /// Whether an earlier request with the same key did this.
    #[serde(default, skip_serializing)]
    pub replayed: bool,
}

/// A message written by a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenMessage {
    pub id: MessageId,
    pub seq: u64,
}

/// Why a command was not carried out.
#[derive(Debug, Error)]
pub enum DispatchError {
    /// A rule of the domain.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too much is waiting for this conversation or tenant.
    #[error("the conversation is busy")]
    Busy,
    /// The conversation was restarted while the command waited; it was not carried out.
    #[error("the conversation was restarted")]
    Gone,
    /// No answer in time. It may still be carried out: repeat with the same key.
    #[error("no answer in time")]
    Timeout,
    /// The database went away while it was being stored. It is carried out or not: repeat with
    /// the same key.
    #[error("the outcome is unknown")]
    Unknown,
    /// Another node serves this tenant.
    #[error("another node serves this tenant")]
    NotHere,
    /// The engine is shutting down.
    #[error("shutting down")]
    Draining,
    /// The key was used for another request.
    #[error("idempotency key reused for another request")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A person at a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub tenant: TenantId,
    pub user: UserId,
    pub role: Role,
    pub departments: Vec<DepartmentId>,
}

/// Settings of the engine; `config/` fills them.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Threads that run actors.
    pub arbiters: usize,
    /// How long a caller waits for a command's outcome.
    pub command_timeout: Duration,
    /// Commands and items that may wait in one conversation.
    pub conversation_queue: usize,
    /// Inbox items in hand per tenant, at most.
    pub tenant_in_hand: usize,
    /// Items of one conversation in hand.
    pub conversation_in_hand: usize,
    /// Rows the pump reads at once, and only while there is room for all of them; at most half of
    /// `tenant_in_hand`.
    pub pump_page: u32,
    /// Conversations of a tenant that may be loading at once.
    pub loading: usize,
    /// Quiet time after which a conversation's actor leaves memory.
    pub passivate_after: Duration,
    /// Quiet time after which a tenant's actor, and all that it keeps, leaves memory.
    pub retire_after: Duration,
    /// Sockets of one person at once. One that has gone counts until the person's actor hears of
    /// it, so this leaves room above what the door lets in.
    pub sockets_per_user: usize,
    /// How long what somebody is asked outlives their last socket.
    pub offer_grace: Duration,
    pub conversations: RestartPolicy,
    pub tenants: RestartPolicy,
    pub channels: RestartPolicy,
    pub attendants: RestartPolicy,
    /// How often leases are renewed; they last three times as long.
    pub lease_renewal: Duration,
    /// How long a drain may take.
    pub drain: Duration,
    pub channel: ChannelConfig,
    pub replay: ReplayConfig,
}

/// Settings of sending.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// Requests to the provider under way at once, per number.
    pub concurrency: usize,
    /// A claimed message must be on its way within this time.
    pub start_within: Duration,
    /// Tries of a message that the provider refuses for now.
    pub max_attempts: u32,
    /// First pause after a refusal; doubles, with jitter.
    pub backoff: Duration,
    /// Longest pause.
    pub backoff_max: Duration,
}

/// What a returning socket may be replayed.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    pub max_rows: u64,
    pub max_age: Duration,
}

/// How crashes of one kind of actor are met.
#[derive(Clone, Debug)]
pub struct RestartPolicy {
    /// Restarts within `window` before `on_exhausted` happens.
    pub max_restarts: u32,
    pub window: Duration,
    pub backoff: Backoff,
    /// Tries of one item before it is dead-lettered.
    pub max_attempts: u32,
    pub on_exhausted: OnExhausted,
}

/// Pauses between restarts: `initial`, doubled each time, at most `max`, off by up to `jitter`.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    pub initial: Duration,
    pub max: Duration,
    /// Fraction of the pause, 0 to 1.
    pub jitter: f64,
}

/// A list of the tenant that clients keep. That it changed is told to everybody who is online.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    Labels,
    CannedReplies,
    Departments,
}

impl Listed {
    /// The name that clients know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::CannedReplies => "canned_replies",
            Self::Departments => "departments",
        }
    }
}

/// What happens when restarts do not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExhausted {
    /// Only record, and wait for a person.
    Quarantine,
    /// Keep restarting at the longest pause.
    KeepTrying,
}

/// The engine as a person sees it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TenantReport {
    pub tenant: Option<TenantId>,
    pub shard: Option<Shard>,
    /// Highest event `seq` handed to live clients.
    pub last_seq: u64,
    /// Inbox items in hand.
    pub in_hand: usize,
    pub conversations: Vec<ConversationReport>,
    /// Conversations in memory, of which `conversations` shows the busiest.
    pub active: usize,
    pub attendants: Vec<AttendantReport>,
    pub channels: Vec<ChannelReport>,
    /// Crashes of this tenant's actors since it came into this node's memory, newest last.
    pub restarts: Vec<RestartReport>,
}

/// One conversation's actor.
#[derive(Clone, Debug, Serialize)]
pub struct ConversationReport {
    pub id: ConversationId,
    /// `loading`, `up`, `leaving` or `backoff`.
    pub state: &'static str,
    /// Items and commands waiting.
    pub queued: usize,
    /// Items in hand.
    pub in_hand: usize,
}

/// One attendant's actor.
#[derive(Clone, Debug, Serialize)]
pub struct AttendantReport {
    pub user: UserId,
    pub sockets: usize,
}

/// One channel's actor.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelReport {
    pub id: ChannelId,
    /// `green`, `yellow` or `red`.
    pub health: &'static str,
    pub code: Option<i64>,
    pub sending: usize,
}

/// One crash.
#[derive(Clone, Debug, Serialize)]
pub struct RestartReport {
    pub at: Timestamp,
    pub actor: String,
    pub reason: String,
}

/// A view of one conversation straight from its actor.
#[derive(Clone, Debug)]
pub struct ConversationView {
    pub version: u64,
    pub listing: Listing,
}
