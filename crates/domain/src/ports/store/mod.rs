//! Durable state, as the engine needs it. Every write is fenced by a [`Lease`] and goes through
//! a group-commit lane; one call is one atomic outcome.
//!
//! | file | holds |
//! |---|---|
//! | `records` | what the actors start from |
//! | `items` | items of the inbox, and whose they are |
//! | `commit` | one conversation's change |
//! | `customers` | changes of what is known of customers |
//! | `sends` | messages on their way out |
//! | `supervision` | incidents, and how a channel is |

mod commit;
mod customers;
mod items;
mod records;
mod sends;
mod supervision;

pub use commit::{
    Commit, CommitError, Committed, EventDraft, ExpectedMedia, Idempotency, JobDraft, MediaChange,
    OutboxDraft,
};
pub use customers::{CustomerChange, CustomerFields, CustomerOutcome, CustomerRefusal};
pub use items::{InboxRow, InboxVerdict, PeerQuery, ResolvedPeer, StatusOutcome};
pub use records::{Activation, ChannelRecord, TenantRecord};
pub use sends::{ClaimId, Claimed, OpenClaim, SendOutcome, SendReport};
pub use supervision::{ChannelHealth, HealthLevel, Incident, IncidentKind};

use super::{LiveEvent, PortFuture, StatusUpdate};
use crate::Timestamp;
use crate::ids::{ChannelId, ConversationId, Shard, TenantId};
use crate::routing::DeskRecord;
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

/// A conversation that wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    pub conversation: ConversationId,
    pub at: Timestamp,
}

/// The engine's storage.
pub trait EngineStore: Send + Sync + 'static {
    /// Takes every shard that is this node's own, free, or whose lease has run out, raising its
    /// epoch; marks sends of older leases as unknown. Returns all that this node now holds.
    fn take_leases(&self) -> PortFuture<Result<Vec<Lease>, StoreError>>;
    /// Takes shards that are free or whose lease has run out, whoever held them, but for `except`,
    /// raising their epoch; marks their sends as unknown. Returns what was taken.
    fn take_expired(&self, except: Vec<Shard>) -> PortFuture<Result<Vec<Lease>, StoreError>>;
    /// Extends the given leases. Returns those still held.
    fn renew_leases(&self, held: Vec<Lease>) -> PortFuture<Result<Vec<Lease>, StoreError>>;
    /// Ends the given leases at once.
    fn release_leases(&self, held: Vec<Lease>) -> PortFuture<Result<(), StoreError>>;

    /// Tenants of these shards that have something due now: pending items, queued sends, or
    /// deadlines. Asked every second, so it must read partial indexes only.
    fn busy_tenants(&self, shards: Vec<Shard>) -> PortFuture<Result<Vec<TenantId>, StoreError>>;
    /// Everything the tenant's actor starts from.
    fn load_tenant(&self, tenant: TenantId) -> PortFuture<Result<TenantRecord, StoreError>>;
    /// Who waits for a person, who serves whom, and what came of it lately. Not older than the
    /// head that was loaded before.
    fn load_desk(&self, tenant: TenantId) -> PortFuture<Result<DeskRecord, StoreError>>;

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

    /// Changes what is known of customers, and tells the stream of their conversations.
    fn change_customer(
        &self,
        lease: Lease,
        tenant: TenantId,
        change: CustomerChange,
    ) -> PortFuture<Result<CustomerOutcome, StoreError>>;

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
    /// Messages of `channel` that were claimed under this lease and have no result yet, among them
    /// those of a claim whose answer was lost and that is stored only now.
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
    /// Turns sends that have been unknown for too long into unconfirmed ones, and fails what is
    /// queued for a channel that was retired.
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
