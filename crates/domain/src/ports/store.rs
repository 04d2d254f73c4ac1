//! Durable state, as the engine needs it. Every write is fenced by a [`Lease`] and goes through
//! a group-commit lane; one call is one atomic outcome.

use super::PortFuture;
use super::events::LiveEvent;
use super::inbox::{DeliveryStatus, InboxItem, Peer, ProviderError, StatusUpdate};
use crate::Timestamp;
use crate::bot::Flow;
use crate::conversation::{
    Audience, Event, HandoffChange, Listing, MessageDraft, RecentMessage, SendClass, State,
    TransferRecord,
};
use crate::ids::{ChannelId, ConversationId, CustomerId, MessageId, Shard, TenantId, UserId};
use crate::outbound::Outbound;
use crate::tenant::{Department, TenantPolicy};
use thiserror::Error;

/// This node's title to a shard. A write under an older epoch than the stored one is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    pub shard: Shard,
    pub epoch: u64,
}

/// Why a store call failed, by what the caller may do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Try again later.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The lane is full; try again later.
    #[error("the store is busy")]
    Busy,
    /// Another node holds the shard: stop serving it.
    #[error("the shard was taken over")]
    Fenced,
    #[error("not found")]
    NotFound,
    /// Stored data cannot be read. A bug or damage; the text names row and field.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// Written by a newer version than this one: give the shard back.
    #[error("written by a newer version")]
    TooNew,
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

/// What the owner of a tenant starts from.
#[derive(Clone, Debug)]
pub struct TenantRecord {
    pub tenant: TenantId,
    pub shard: Shard,
    pub slug: String,
    /// Serves customers; a suspended tenant still stores what arrives.
    pub active: bool,
    pub policy: TenantPolicy,
    pub flow: Flow,
    pub departments: Vec<Department>,
    /// Those in use.
    pub channels: Vec<ChannelRecord>,
    /// `seq` of the newest event; 0 before the first.
    pub head: u64,
}

/// What the sender of a number starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRecord {
    pub id: ChannelId,
    /// Messages a second that the number may send.
    pub throughput: u32,
    /// As it was kept last.
    pub health: ChannelHealth,
}

/// A pending item.
#[derive(Clone, Debug)]
pub struct InboxRow {
    /// Grows with arrival.
    pub id: i64,
    pub channel: ChannelId,
    pub external_id: String,
    /// `None` when the stored JSON cannot be read by this version.
    pub item: Option<InboxItem>,
    /// How often deciding it was begun without an end.
    pub attempts: u32,
}

/// What becomes of an item that is not done by a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboxVerdict {
    /// Nothing is to be done with it.
    Done { id: i64 },
    /// Try again at `at`.
    Retry { id: i64, at: Timestamp },
    /// Given up; kept for a person to look at.
    Dead { id: i64, reason: String },
}

/// "Whose conversation is this?"
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerQuery {
    pub channel: ChannelId,
    pub peer: Peer,
    /// Name for a customer that is seen for the first time.
    pub name: Option<String>,
}

/// "This one's." Created if it was nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedPeer {
    pub conversation: ConversationId,
    pub customer: CustomerId,
}

/// What a conversation actor starts from.
#[derive(Clone, Debug)]
pub struct Activation {
    pub version: u64,
    pub state: State,
    pub channel: ChannelId,
    /// The customer's name, for texts.
    pub name: Option<String>,
    /// Newest messages, oldest first.
    pub recent: Vec<RecentMessage>,
    /// Messages that hold collected inputs, where older than `recent`.
    pub answers: Vec<RecentMessage>,
}

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

/// What became of a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusOutcome {
    /// Applied, or older than what stands, or given up: the row is dead.
    Applied,
    /// No message of this id is known yet; parked until one is.
    Parked,
    /// A refusal: becomes a command, whose commit marks the row done.
    Failed {
        inbox: i64,
        conversation: ConversationId,
        seq: u64,
        code: i64,
    },
}

/// One claim of a message, among all of the same message. Means nothing to anybody but the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimId(pub i64);

/// A message that counts as on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenClaim {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub claim: ClaimId,
}

/// A message taken from the outbox for sending.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub claim: ClaimId,
    pub seq: u64,
    pub to: super::Recipient,
    pub outbound: Outbound,
    pub quote: Option<String>,
    pub class: SendClass,
    /// Earlier tries.
    pub attempts: u32,
}

impl Claimed {
    /// The claim alone.
    #[must_use]
    pub fn open(&self) -> OpenClaim {
        OpenClaim {
            id: self.id,
            conversation: self.conversation,
            claim: self.claim,
        }
    }
}

/// The result of a send.
#[derive(Clone, Debug)]
pub struct SendReport {
    pub id: MessageId,
    pub conversation: ConversationId,
    /// What it is the result of. A report that comes twice, or late, changes nothing under a
    /// later claim; but that the provider has the message is true under any.
    pub claim: ClaimId,
    pub outcome: SendOutcome,
}

/// How a send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider has it under this id.
    Sent {
        external_id: String,
    },
    /// Back into the queue, if its epoch still holds; else cancelled. `counted` tells whether
    /// this was a try.
    Requeue {
        at: Timestamp,
        counted: bool,
    },
    Failed {
        error: ProviderError,
    },
    /// The answer never came.
    Unknown,
}

/// A conversation that wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    pub conversation: ConversationId,
    pub at: Timestamp,
}

/// Something that supervision did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// `conversation`, `channel`, `attendant` or `tenant`.
    pub actor: &'static str,
    pub conversation: Option<ConversationId>,
    pub kind: IncidentKind,
    /// For people; holds no words of customers.
    pub reason: String,
}

/// What supervision did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncidentKind {
    /// An actor crashed and was started again.
    Restart,
    /// Its normal decisions were taken away.
    Quarantine,
    /// A person gave them back.
    Resume,
    /// An item was given up.
    DeadLetter,
}

impl IncidentKind {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Quarantine => "quarantine",
            Self::Resume => "resume",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// How a channel is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelHealth {
    pub level: HealthLevel,
    /// The provider's code that led here.
    pub code: Option<i64>,
    /// For people; holds no secrets.
    pub detail: Option<String>,
}

/// How well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HealthLevel {
    #[default]
    Green,
    /// Slowed down or failing now and then.
    Yellow,
    /// Nothing is sent until a person acts.
    Red,
}

impl HealthLevel {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// The level of a stored word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Green, Self::Yellow, Self::Red]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// The engine's storage.
pub trait EngineStore: Send + Sync + 'static {
    /// Takes every shard that is this node's own, free, or whose lease has run out, raising its
    /// epoch; marks sends of older leases as unknown. Returns all that this node now holds.
    fn take_leases(&self) -> PortFuture<Result<Vec<Lease>, StoreError>>;
    /// Takes shards whose lease has run out, whoever held them, raising their epoch; marks their
    /// sends as unknown. Returns what was taken.
    fn take_expired(&self) -> PortFuture<Result<Vec<Lease>, StoreError>>;
    /// Extends the given leases. Returns those still held.
    fn renew_leases(&self, held: Vec<Lease>) -> PortFuture<Result<Vec<Lease>, StoreError>>;
    /// Ends the given leases at once.
    fn release_leases(&self, held: Vec<Lease>) -> PortFuture<Result<(), StoreError>>;

    /// Tenants of these shards that have something due now: pending items, queued sends, or
    /// deadlines. Asked every second, so it must read partial indexes only.
    fn busy_tenants(&self, shards: Vec<Shard>) -> PortFuture<Result<Vec<TenantId>, StoreError>>;
    /// Everything the tenant's actor starts from.
    fn load_tenant(&self, tenant: TenantId) -> PortFuture<Result<TenantRecord, StoreError>>;

    /// Pending items that are due, with `id > after`, in order.
    fn due_inbox(
        &self,
        tenant: TenantId,
        after: i64,
        limit: u32,
    ) -> PortFuture<Result<Vec<InboxRow>, StoreError>>;
    /// Adds one attempt to each item and returns the new counts in the same order.
    fn count_attempts(
        &self,
        lease: Lease,
        tenant: TenantId,
        ids: Vec<i64>,
    ) -> PortFuture<Result<Vec<u32>, StoreError>>;
    /// Settles items outside of a conversation's commit.
    fn settle_inbox(
        &self,
        lease: Lease,
        tenant: TenantId,
        verdicts: Vec<InboxVerdict>,
    ) -> PortFuture<Result<(), StoreError>>;
    /// Finds or creates customer, aliases and conversation of each peer, in the same order.
    fn resolve_peers(
        &self,
        lease: Lease,
        tenant: TenantId,
        queries: Vec<PeerQuery>,
    ) -> PortFuture<Result<Vec<ResolvedPeer>, StoreError>>;

    /// Loads a conversation.
    fn activate(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
    ) -> PortFuture<Result<Activation, StoreError>>;
    /// Commits a conversation's change.
    fn commit(&self, lease: Lease, commit: Commit) -> PortFuture<Result<Committed, CommitError>>;

    /// Applies statuses set-based and marks their items done, parked, or leaves them to a
    /// command; outcomes in the same order.
    fn apply_statuses(
        &self,
        lease: Lease,
        tenant: TenantId,
        statuses: Vec<(i64, ChannelId, StatusUpdate)>,
    ) -> PortFuture<Result<Vec<StatusOutcome>, StoreError>>;

    /// Takes up to `limit` messages of `channel` for sending: valid epoch, the oldest of its
    /// conversation, none of its conversation on the way; by class, then age.
    fn claim(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        limit: u32,
    ) -> PortFuture<Result<Vec<Claimed>, StoreError>>;
    /// Messages of `channel` that were claimed under this lease and have no result yet. Only
    /// read; what the caller makes of it is fenced.
    fn open_claims(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
    ) -> PortFuture<Result<Vec<OpenClaim>, StoreError>>;
    /// Records how sends ended.
    fn settle_sends(
        &self,
        lease: Lease,
        tenant: TenantId,
        reports: Vec<SendReport>,
    ) -> PortFuture<Result<(), StoreError>>;
    /// Turns sends that have been unknown for too long into unconfirmed ones.
    fn expire_unknown(&self, lease: Lease, tenant: TenantId) -> PortFuture<Result<(), StoreError>>;
    /// When the tenant's next queued send is due, if any is.
    fn next_send(&self, tenant: TenantId) -> PortFuture<Result<Option<Timestamp>, StoreError>>;

    /// Keeps what happened to an actor, for people to read.
    fn record_incident(
        &self,
        lease: Lease,
        tenant: TenantId,
        incident: Incident,
    ) -> PortFuture<Result<(), StoreError>>;
    /// Keeps a channel's health, for people to read.
    fn set_channel_health(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        health: ChannelHealth,
    ) -> PortFuture<Result<(), StoreError>>;

    /// Conversations whose `wake_at` lies before `before`, earliest first.
    fn due_wakes(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> PortFuture<Result<Vec<Wake>, StoreError>>;

    /// Events with `seq > after`, oldest first, at most `limit`.
    fn events_after(
        &self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> PortFuture<Result<Vec<LiveEvent>, StoreError>>;
    /// `seq` of the newest event; 0 before the first.
    fn head(&self, tenant: TenantId) -> PortFuture<Result<u64, StoreError>>;
}

impl From<DeliveryStatus> for i16 {
    fn from(status: DeliveryStatus) -> Self {
        status.rank()
    }
}
