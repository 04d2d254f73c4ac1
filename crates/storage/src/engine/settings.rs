//! What the composition may choose about the engine's storage. Values only; where they come from
//! is the configuration's.

use crate::session::SessionLimits;
use std::time::Duration;

/// How the engine's storage works. The defaults are what docs/adr/0003 measured.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// This node's configured, stable name.
    pub node: String,
    /// How long a lease lives without renewal.
    pub lease_life: Duration,
    /// State lanes; shards are divided between them.
    pub writers: usize,
    /// Connections for reads.
    pub readers: usize,
    /// Jobs that may wait in front of each writer; more are answered `Busy`.
    pub queue: usize,
    /// Most jobs of one transaction.
    pub batch: usize,
    /// How long a writer waits for company.
    pub linger: Duration,
    /// Pause after a connection that could not be opened.
    pub reconnect: Duration,
    pub limits: SessionLimits,
}

impl EngineSettings {
    /// The defaults, for a node of this name.
    #[must_use]
    pub fn new(node: impl Into<String>) -> Self {
        Self {
            node: node.into(),
            lease_life: Duration::from_secs(15),
            writers: 2,
            readers: 2,
            queue: 4_096,
            batch: 256,
            linger: Duration::ZERO,
            reconnect: Duration::from_millis(500),
            limits: SessionLimits::default(),
        }
    }
}
