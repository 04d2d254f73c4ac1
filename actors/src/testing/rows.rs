//! The rows of the fake database, as plain values.

use papo_domain::content::MessageKind;
use papo_domain::conversation::{
    Audience, Body, HandoffChange, Listing, SendClass, Sender, State, TransferRecord, decode,
};
use papo_domain::ports::{Alias, ClaimId, DeliveryStatus, EventBody, ProviderError, TenantRecord};
use papo_domain::{ChannelId, ConversationId, CustomerId, MessageId, TenantId, Timestamp};

/// A stored message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    pub id: MessageId,
    pub seq: u64,
    pub sender: Sender,
    pub kind: MessageKind,
    /// `None` once erased.
    pub body: Option<Body>,
    pub external_id: Option<String>,
    pub quoted: Option<String>,
    pub sent_at: Timestamp,
    pub late: bool,
    /// `None` for messages that are not sent.
    pub status: Option<DeliveryStatus>,
    pub error: Option<ProviderError>,
}

/// How far an inbox row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InboxState {
    Pending,
    Parked,
    Done,
    Dead,
}

/// A row of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEntry {
    pub id: i64,
    pub tenant: TenantId,
    pub channel: ChannelId,
    pub external_id: String,
    /// The item's JSON; nulled when it is done.
    pub item: Option<String>,
    pub state: InboxState,
    pub attempts: u32,
    /// When a parked row is looked at again.
    pub next_at: Option<Timestamp>,
    pub received_at: Timestamp,
    /// Provider id that a parked status waits for.
    pub wake_key: Option<String>,
    /// Why it is dead.
    pub reason: Option<String>,
}

/// How far a send is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SendState {
    Queued,
    Sending,
    Unknown,
    Unconfirmed,
    Sent,
    Failed,
    Cancelled,
}

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: MessageId,
    pub tenant: TenantId,
    pub conversation: ConversationId,
    pub seq: u64,
    pub channel: ChannelId,
    pub class: SendClass,
    /// `None` for people's words and notices.
    pub epoch: Option<u64>,
    pub state: SendState,
    /// Counted tries.
    pub attempts: u32,
    /// When it may be claimed; when unknown, when it becomes unconfirmed.
    pub due_at: Timestamp,
    /// Of the newest claim.
    pub claimed_at: Option<Timestamp>,
    pub claims: u32,
    /// The provider's id, once it is known.
    pub external_id: Option<String>,
    /// Why the provider refused it.
    pub error: Option<ProviderError>,
    /// A commit that raised the epoch counted it as on the wire.
    pub announced: bool,
    /// Requests that began under the newest claim.
    pub(super) requests: u32,
}

impl OutboxRow {
    /// The newest claim.
    #[must_use]
    pub fn claim(&self) -> ClaimId {
        ClaimId(i64::from(self.claims))
    }
}

#[derive(Debug)]
pub(super) struct LeaseRow {
    pub(super) node: Option<String>,
    /// Which life of the node; 0 for none.
    pub(super) process: u64,
    pub(super) epoch: u64,
    pub(super) until: Timestamp,
}

#[derive(Debug)]
pub(super) struct TenantRow {
    pub(super) record: TenantRecord,
    pub(super) events: Vec<EventRow>,
}

#[derive(Clone, Debug)]
pub(super) struct EventRow {
    pub(super) conversation: ConversationId,
    pub(super) version: Option<u64>,
    pub(super) at: Timestamp,
    pub(super) body: EventBody,
    pub(super) audience: Audience,
    pub(super) prior: Option<Audience>,
    /// The message that is joined to it.
    pub(super) message_seq: Option<u64>,
}

#[derive(Debug)]
pub(super) struct ConversationRow {
    pub(super) tenant: TenantId,
    pub(super) channel: ChannelId,
    pub(super) customer: CustomerId,
    /// Where messages are sent to.
    pub(super) address: Alias,
    pub(super) version: u64,
    pub(super) epoch: u64,
    /// Who may see it.
    pub(super) audience: Audience,
    /// A lower bound of the next deadline.
    pub(super) wake_at: Option<Timestamp>,
    /// The snapshot. There is no other copy of the state.
    pub(super) payload: String,
    pub(super) listing: Listing,
    /// The message of `seq` n is at n − 1.
    pub(super) messages: Vec<MessageRow>,
    pub(super) transfers: Vec<TransferRecord>,
    pub(super) handoffs: Vec<HandoffChange>,
}

impl ConversationRow {
    pub(super) fn message(&self, seq: u64) -> Option<&MessageRow> {
        self.messages.get(place(seq)?)
    }

    pub(super) fn message_mut(&mut self, seq: u64) -> Option<&mut MessageRow> {
        self.messages.get_mut(place(seq)?)
    }

    /// The stored state; `None` if the snapshot cannot be read.
    pub(super) fn state(&self) -> Option<State> {
        decode(&self.payload).ok()
    }
}

/// Where number `seq` (counted from 1) lies in a list.
pub(super) fn place(seq: u64) -> Option<usize> {
    usize::try_from(seq).ok()?.checked_sub(1)
}

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

pub(super) fn bound(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
