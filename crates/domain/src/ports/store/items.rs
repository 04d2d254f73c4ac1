//! Items of the inbox as the engine takes them up: whose they are, and how they end where no
//! commit ends them. How they come in is [`InboxWriter`](crate::ports::InboxWriter)'s.

use crate::Timestamp;
use crate::ids::{ChannelId, ConversationId, CustomerId};
use crate::ports::{InboxItem, Peer};

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
