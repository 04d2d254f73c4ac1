//! Where the time comes from. Decisions take it as an argument; who asks for it uses this port.

use crate::Timestamp;

/// The time by the database's clock, as every node agrees on it.
pub trait Clock: Send + Sync + 'static {
    /// The current moment. Never goes back.
    fn now(&self) -> Timestamp;
}
