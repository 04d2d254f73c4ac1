//! What comes in from providers, before and after it is durable.

use super::PortFuture;
use crate::Timestamp;
use crate::conversation::Inbound;
use crate::ids::{ChannelId, MessageId, TenantId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One thing a provider told us. Stored in the inbox as JSON under its external id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum InboxItem {
    /// A customer wrote.
    Message {
        peer: Peer,
        /// The name in the customer's profile.
        name: Option<String>,
        inbound: Inbound,
    },
    /// The owner of the number wrote to a customer, on the phone.
    Echo { peer: Peer, inbound: Inbound },
    /// News of a message that we sent.
    Status(StatusUpdate),
    /// Anything else, kept whole: account, template and quality news, unknown fields.
    Notice {
        field: String,
        value: serde_json::Value,
    },
}

/// Who is on the other side, by every name the provider gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// At least one, the preferred address for sending first.
    pub aliases: Vec<Alias>,
    /// A group rather than a person.
    #[serde(default)]
    pub group: bool,
}

/// A name of a customer at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    pub kind: AliasKind,
    /// As the provider spells it; this is what sends are addressed to.
    pub value: String,
}

/// What kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AliasKind {
    /// A phone number in international digits, WhatsApp's `wa_id`.
    WaId,
    /// A business-scoped user id (`BR.…`), since usernames exist.
    Bsuid,
    /// A group.
    Group,
}

impl AliasKind {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WaId => "wa_id",
            Self::Bsuid => "bsuid",
            Self::Group => "group",
        }
    }
}

impl Alias {
    /// The key under which this name is looked up. Brazilian mobile numbers exist with and
    /// without the ninth digit; both spellings share a key. Nothing is ever sent to a key.
    #[must_use]
    pub fn key(&self) -> String {
        let digits = &self.value;
        let mobile = self.kind == AliasKind::WaId
            && digits.len() == 13
            && digits.starts_with("55")
            && digits.get(4..5) == Some("9")
            && digits.get(5..6).is_some_and(|d| d >= "6");
        match (mobile, digits.get(..4), digits.get(5..)) {
            (true, Some(head), Some(tail)) => format!("{head}{tail}"),
            _ => digits.clone(),
        }
    }
}

/// How far a sent message has come. The order is the lattice: of two, the greater one stands.
/// `failed` beats `sent`, since it may come after it, and yields to a rare later `delivered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// In the outbox.
    Queued,
    /// Withdrawn before it was sent.
    Cancelled,
    /// Handed to the provider; the answer is awaited.
    Sending,
    /// The answer never came; the status webhook may still tell.
    Unknown,
    /// Nothing was heard for two minutes; only a person may send it again.
    Unconfirmed,
    /// The provider has it.
    Sent,
    Failed,
    Delivered,
    Read,
    /// A voice message was played.
    Played,
}

impl DeliveryStatus {
    /// Every status, lowest first.
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Cancelled,
        Self::Sending,
        Self::Unknown,
        Self::Unconfirmed,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
        Self::Played,
    ];

    /// Its place in the lattice; the stored number.
    #[must_use]
    pub fn rank(self) -> i16 {
        match self {
            Self::Queued => 0,
            Self::Cancelled => 5,
            Self::Sending => 10,
            Self::Unknown => 20,
            Self::Unconfirmed => 25,
            Self::Sent => 30,
            Self::Failed => 40,
            Self::Delivered => 50,
            Self::Read => 60,
            Self::Played => 70,
        }
    }

    /// The status of a stored number.
    #[must_use]
    pub fn from_rank(rank: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.rank() == rank)
    }

    /// The wire name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Cancelled => "cancelled",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Unconfirmed => "unconfirmed",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }
}

/// A status webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The provider's id of the message.
    pub external_id: String,
    /// `sent`, `failed`, `delivered`, `read` or `played`.
    pub status: DeliveryStatus,
    pub at: Timestamp,
    /// Our own id of the message, if the provider returned it
    /// (`biz_opaque_callback_data`).
    pub tracking: Option<MessageId>,
    pub error: Option<ProviderError>,
    /// The error is not about this message: the number can send nothing until a person acts.
    #[serde(default)]
    pub number_down: bool,
    /// The provider's pricing object, kept for billing.
    pub pricing: Option<serde_json::Value>,
}

/// What the provider says went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderError {
    pub code: i64,
    pub title: String,
    pub detail: Option<String>,
}

/// An item on its way into the inbox.
#[derive(Clone, Debug)]
pub struct Update {
    pub tenant: TenantId,
    pub channel: ChannelId,
    /// Unique per channel: the wamid, or `wamid:status[:participant]`, or a digest.
    pub external_id: String,
    pub item: InboxItem,
}

/// An authentic delivery for a channel that nobody has registered.
#[derive(Clone, Debug)]
pub struct Unrouted {
    /// The provider's id of the number or account.
    pub route: String,
    pub body: Vec<u8>,
}

/// Why a delivery was not taken. The caller answers 503; the provider comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InboxError {
    /// The lane is full.
    #[error("the inbox is full")]
    Full,
    /// The database is away.
    #[error("the inbox is unavailable")]
    Unavailable,
}

/// The durable entrance. `Ok` means that every update of the call is committed, or was before.
pub trait InboxWriter: Send + Sync + 'static {
    /// Stores the updates of one delivery, and the delivery's raw body, in one commit. Updates
    /// whose key is known are left as they are.
    fn accept(
        &self,
        updates: Vec<Update>,
        unrouted: Vec<Unrouted>,
        raw: Vec<u8>,
    ) -> PortFuture<Result<(), InboxError>>;
}
