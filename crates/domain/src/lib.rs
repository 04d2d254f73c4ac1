//! The vocabulary and the rules of Papo.
//!
//! Pure by construction: no clock, no I/O, no framework, no randomness. Time arrives as a value
//! in [`conversation::Context`], identifiers arrive in commands or are derived from the
//! conversation, and everything the world should do leaves as data in a
//! [`conversation::Decision`]. The traits in [`ports`] are what the shells must provide; nothing
//! in this crate calls them.

pub mod bot;
pub mod canned_reply;
pub mod channel;
pub mod content;
pub mod conversation;
pub mod customer;
pub mod ids;
pub mod media;
pub mod metrics;
pub mod outbound;
pub mod phone;
pub mod ports;
pub mod role;
pub mod routing;
pub mod template;
pub mod tenant;

pub use content::{Content, MessageKind};
pub use ids::{
    CannedReplyId, ChannelId, ConversationId, CustomerId, DepartmentId, HandoffId, LabelId,
    MediaId, MergeId, MessageId, NotificationId, ScheduledId, Shard, TenantId, UserId,
};
pub use media::{MediaKind, MediaState};
pub use outbound::Outbound;
pub use role::{Permission, Role};

/// A moment in UTC. The domain never reads a clock: moments come from commands and contexts,
/// and those take them from the database.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// `at` and `span` later; the end of time where that is beyond it.
#[must_use]
pub fn later(at: Timestamp, span: chrono::TimeDelta) -> Timestamp {
    at.checked_add_signed(span).unwrap_or(Timestamp::MAX_UTC)
}
