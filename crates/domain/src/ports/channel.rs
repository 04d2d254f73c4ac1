//! Sending to customers.

use super::PortFuture;
use super::inbox::Alias;
use crate::ids::{ChannelId, MessageId, TenantId};
use crate::outbound::Outbound;
use std::time::{Duration, Instant};
use thiserror::Error;

/// Whom a message goes to.
pub type Recipient = Alias;

/// A message to send.
#[derive(Clone, Debug)]
pub struct OutboundMessage {
    /// Our id; comes back with every status and settles ambiguous sends.
    pub tracking: MessageId,
    pub to: Recipient,
    pub outbound: Outbound,
    /// Provider id of the message it answers.
    pub quote: Option<String>,
}

/// Why a send did not succeed, by what may be done about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The request never left: sending again is safe.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It left, and nobody knows whether it arrived. Never blindly repeated.
    #[error("no answer: {0}")]
    Ambiguous(String),
    /// The provider refused it for now.
    #[error("refused for now ({code})")]
    Retry { code: i64, after: Option<Duration> },
    /// Too many to this customer: only this conversation waits.
    #[error("pair rate ({code})")]
    PairRate { code: i64 },
    /// Too many from this number: the whole number waits.
    #[error("throughput ({code})")]
    NumberRate { code: i64, after: Option<Duration> },
    /// Token, account or registration: nothing can be sent until a person acts.
    #[error("channel down ({code}): {detail}")]
    ChannelDown { code: i64, detail: String },
    /// This message will never be accepted.
    #[error("refused ({code}): {title}")]
    Permanent { code: i64, title: String },
}

/// A provider's API.
pub trait Gateway: Send + Sync + 'static {
    /// Sends one message. `Ok` is the provider's id. Bounded by a timeout of its own. A request
    /// that is not begun at `start_by` does not begin: that is [`SendError::NotSent`].
    fn send(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        message: OutboundMessage,
        start_by: Instant,
    ) -> PortFuture<Result<String, SendError>>;

    /// Shows the customer that `external_id` was read and, if `typing`, that an answer is being
    /// written. A courtesy: its failure is of no consequence.
    fn show_read(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: String,
        typing: bool,
    ) -> PortFuture<Result<(), SendError>>;
}
