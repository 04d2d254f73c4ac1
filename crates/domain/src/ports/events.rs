//! The tenant's event stream, as live clients need it.

use super::inbox::{DeliveryStatus, ProviderError};
use crate::Timestamp;
use crate::content::MessageKind;
use crate::conversation::{Audience, Body, Event, NotificationKind, Sender};
use crate::ids::{ConversationId, CustomerId, MessageId, NotificationId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Events of one tenant with contiguous `seq`, oldest first, already committed.
#[derive(Clone, Debug)]
pub struct EventBatch {
    pub tenant: TenantId,
    pub events: Vec<Arc<LiveEvent>>,
}

/// A row of the stream with what a frame needs of the message it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveEvent {
    /// Place in the tenant's stream; gap-free.
    pub seq: u64,
    pub conversation: ConversationId,
    /// The conversation's version after the commit; `None` for delivery news.
    pub version: Option<u64>,
    pub at: Timestamp,
    pub body: EventBody,
    /// Who may see it.
    pub audience: Audience,
    /// Who could see the conversation before, where this event changed it.
    pub prior: Option<Audience>,
    /// The message it added.
    pub message: Option<MessageView>,
}

/// What the row is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum EventBody {
    /// A fact of the conversation's own history.
    Conversation { event: Event },
    /// A sent message came further.
    Delivery {
        seq: u64,
        status: DeliveryStatus,
        error: Option<ProviderError>,
        /// The provider's id of the message, once it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
    },
    /// One person is told of something.
    Notification {
        notification: NotificationId,
        kind: NotificationKind,
        message_seq: Option<u64>,
        by: Option<UserId>,
    },
    /// What is known of the conversation's customer changed, or it is another customer's now.
    Customer { customer: CustomerId },
}

/// A message as clients see it.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageView {
    pub id: MessageId,
    pub seq: u64,
    pub sender: Sender,
    pub kind: MessageKind,
    /// `None` once erased.
    pub body: Option<Body>,
    pub external_id: Option<String>,
    /// Provider id of the message it answers.
    pub quoted: Option<String>,
    pub sent_at: Timestamp,
    pub late: bool,
    /// `None` for messages that are not sent.
    pub status: Option<DeliveryStatus>,
}

/// Where a lane hands over what it has committed. A hint: the table is the truth.
pub trait EventSink: Send + Sync + 'static {
    /// Must not block or wait. A batch that cannot be taken is dropped; the receiver finds the
    /// gap and reads it from the store.
    fn offer(&self, batch: EventBatch);

    /// New inbox rows of `tenant` are committed.
    fn inbox_ready(&self, tenant: TenantId);
}
