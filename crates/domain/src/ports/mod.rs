//! What the shells provide: durable storage, the provider's API, a clock, live fan-out between
//! nodes. Dyn-safe traits with boxed futures; every future is `'static` and owns what it needs
//! (but for a [`BusStream`]'s), so that a caller may drop it at any time. Errors are classed by
//! what the caller may do.

mod bus;
mod channel;
mod clock;
mod events;
mod inbox;
mod store;
#[cfg(test)]
mod tests;

pub use bus::{BusSignal, BusStream, EventBus, Heard};
pub use channel::{Gateway, OutboundMessage, Recipient, SendError};
pub use clock::Clock;
pub use events::{EventBatch, EventBody, EventSink, LiveEvent, MessageView};
pub use inbox::{
    Alias, AliasKind, DeliveryStatus, InboxError, InboxItem, InboxWriter, Peer, ProviderError,
    StatusUpdate, Unrouted, Update,
};
pub use store::{
    Activation, ChannelHealth, ChannelRecord, ClaimId, Claimed, Commit, CommitError, Committed,
    CustomerChange, CustomerFields, CustomerOutcome, CustomerRefusal, EngineStore, EventDraft,
    ExpectedMedia, HealthLevel, Idempotency, InboxRow, InboxVerdict, Incident, IncidentKind,
    JobDraft, Lease, MediaChange, OpenClaim, OutboxDraft, PeerQuery, ResolvedPeer, SendOutcome,
    SendReport, StatusOutcome, StoreError, TenantRecord, Wake,
};

use std::future::Future;
use std::pin::Pin;

/// The future a port returns.
pub type PortFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;
