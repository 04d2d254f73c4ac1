//! Hints between nodes: "look at the table now, not at your next sweep". Never data: the tables
//! are the truth, and a node that hears nothing at all finds everything by itself, later.
//!
//! A signal may be lost, come twice, or be replaced by a later one of its kind about the same
//! tenant. Signals of one publisher arrive in the order in which they were published. A node does
//! not hear its own.

use crate::ids::TenantId;
use std::future::Future;
use std::pin::Pin;

/// What one node tells all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BusSignal {
    /// New inbox rows of the tenant are committed: a doorbell for the node that owns it.
    InboxReady { tenant: TenantId },
    /// The tenant's stream reached `head`; told by its owner to those who follow the table.
    Events { tenant: TenantId, head: u64 },
}

impl BusSignal {
    /// Whom it is about.
    #[must_use]
    pub fn tenant(self) -> TenantId {
        match self {
            Self::InboxReady { tenant } | Self::Events { tenant, .. } => tenant,
        }
    }
}

/// What a subscriber hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heard {
    /// Another node said this.
    Signal(BusSignal),
    /// Signals were lost before this point, of whatever kind: look at everything.
    Lagged,
}

/// One node's end of the bus.
pub trait EventBus: Send + Sync + 'static {
    /// Tells the other nodes. Never waits and never fails: a bus that is away or full loses
    /// signals, and those who missed them hear [`Heard::Lagged`] once it can be told.
    fn publish(&self, signal: BusSignal);

    /// What the other nodes say from now on.
    fn subscribe(&self) -> Box<dyn BusStream>;
}

/// What one subscriber has still to hear. Bounded: one that is slow loses the oldest and hears
/// [`Heard::Lagged`] in their place.
pub trait BusStream: Send + 'static {
    /// The next thing to hear; `None` once the bus is gone. Nothing is lost when the future is
    /// dropped before it is ready.
    fn recv(&mut self) -> Pin<Box<dyn Future<Output = Option<Heard>> + Send + '_>>;
}
