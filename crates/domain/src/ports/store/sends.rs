//! Messages on their way to the provider: claimed from the outbox, sent, and settled by a report.
//! A claim is what a report answers; the provider's own statuses are items of the inbox.

use crate::Timestamp;
use crate::conversation::SendClass;
use crate::ids::{ConversationId, MessageId};
use crate::outbound::Outbound;
use crate::ports::{ProviderError, Recipient};

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
    pub to: Recipient,
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
