//! One conversation's commit: all that one decision changes, and why it may not have happened.
//! It is stored as a whole or not at all. What becomes of its messages afterwards is in
//! [`SendReport`](super::SendReport).

use crate::Timestamp;
use crate::conversation::{
    Audience, Event, HandoffChange, Listing, MessageDraft, NotificationDraft, Rejection, SendClass,
    Slot, State, TransferRecord,
};
use crate::ids::{ChannelId, ConversationId, MediaId, TenantId, UserId};
use crate::media::{MediaKind, MediaNews};
use std::time::Duration;
use thiserror::Error;

/// One conversation's change, whole.
#[derive(Clone, Debug)]
pub struct Commit {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    /// The version this was decided on; the commit makes it `+ 1`.
    pub expected_version: u64,
    pub state: State,
    /// What lists show, where it changed.
    pub listing: Option<Listing>,
    pub events: Vec<EventDraft>,
    pub messages: Vec<MessageDraft>,
    pub outbox: Vec<OutboxDraft>,
    pub cancel_automatic: bool,
    /// Messages the provider refused, with its code.
    pub failed: Vec<(u64, i64)>,
    pub transfers: Vec<TransferRecord>,
    pub handoffs: Vec<HandoffChange>,
    /// What single people are told of.
    pub notifications: Vec<NotificationDraft>,
    /// Work that follows from it.
    pub jobs: Vec<JobDraft>,
    /// Somebody must have room for it. What they have is counted in this very commit, with what
    /// other commits give them at the same time.
    pub slot: Option<Slot>,
    /// Files that it brings, sends, or has news of.
    pub media: Vec<MediaChange>,
    /// Inbox rows that this commit is the outcome of.
    pub inbox_done: Vec<i64>,
    pub idempotency: Option<Idempotency>,
}

/// An event with its audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    pub event: Event,
    pub audience: Audience,
    /// The audience before, where the commit changed it.
    pub prior: Option<Audience>,
}

/// A row for the outbox; the words are the message's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxDraft {
    pub seq: u64,
    pub channel: ChannelId,
    pub class: SendClass,
    pub epoch: Option<u64>,
}

/// Work to be done after a commit, at least once. A job of the same kind and key that is still open
/// stays as it is; one that has ended begins anew.
#[derive(Clone, Debug, PartialEq)]
pub struct JobDraft {
    /// Who does it: one of the kinds that the root runs.
    pub kind: &'static str,
    /// What it is about, unique among its kind in the tenant.
    pub key: String,
    /// Ids and numbers; never words of a customer.
    pub payload: serde_json::Value,
    /// When it may begin; `None`: at once.
    pub due: Option<Timestamp>,
}

/// What a commit does to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaChange {
    /// A message brings one, which is still at the provider.
    Expect(ExpectedMedia),
    /// One that was uploaded is sent as the message at `seq`. One that belongs to a conversation
    /// already stays where it is.
    Attach { id: MediaId, seq: u64 },
    /// It is in another state.
    Settle { id: MediaId, news: MediaNews },
}

/// A file at the provider, as its message announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedMedia {
    pub id: MediaId,
    /// Of its message.
    pub seq: u64,
    pub kind: MediaKind,
    /// The number that it came to.
    pub channel: ChannelId,
    pub provider_id: String,
    pub mime_type: Option<String>,
    pub sha256: Option<String>,
    pub filename: Option<String>,
    /// How long the provider keeps it.
    pub lives: Duration,
}

/// A client's key for a request that it may repeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Idempotency {
    pub user: UserId,
    /// 1 to 255 characters, chosen by the client.
    pub key: String,
    /// Digest of method, path and body.
    pub request: [u8; 32],
    /// What the first success answered; returned to every repetition. An object: where the commit
    /// withdrew something or came too late to, the store adds [`Committed::cancelled`] and
    /// [`Committed::on_the_wire`] under these names before it is stored.
    pub answer: serde_json::Value,
}

/// The outcome of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Stream `seq` of the first event; 0 if there was none.
    pub first_event: u64,
    /// Automatic messages that this commit withdrew.
    pub cancelled: u32,
    /// Automatic messages that were already on their way to the provider.
    pub on_the_wire: u32,
}

/// Why a commit did not happen. Nothing of it is stored, unless it is [`CommitError::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommitError {
    /// The stored version is another one: reload.
    #[error("version conflict")]
    Conflict,
    /// Another node holds the shard: stop serving it.
    #[error("the shard was taken over")]
    Fenced,
    /// The same key with the same request succeeded before; its answer.
    #[error("already done")]
    Replayed(serde_json::Value),
    /// The same key with another request.
    #[error("idempotency key reused for another request")]
    KeyReused,
    /// Whoever was to have it has no room: see [`Commit::slot`].
    #[error(transparent)]
    Refused(Rejection),
    /// This commit alone cannot be stored (a data error): counts as an attempt of its item.
    #[error("cannot be stored: {0}")]
    Poison(String),
    /// The database is away: reload before going on.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It was sent and its answer is lost: all of it is stored, or nothing. Reload before going
    /// on.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    /// The lane is full; nothing was tried.
    #[error("the store is busy")]
    Busy,
}
