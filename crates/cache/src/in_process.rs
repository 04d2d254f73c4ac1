//! The bus of nodes that live in one process: one node in production, several in tests. With a
//! single node there is nobody to tell, and publishing is one look at a list.

use crate::subscription::Subscription;
use papo_domain::ports::{BusSignal, BusStream, EventBus, Heard};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::broadcast;

/// One node's end; the node leaves the bus with the value, and its subscribers hear `None` then.
/// Further nodes come from [`InProcessBus::peer`].
#[derive(Debug)]
pub struct InProcessBus {
    heard: Node,
    /// Every node's end, this one's too. Written when a node comes or goes, read by every signal.
    nodes: Nodes,
}

/// Told apart by where they lie.
type Node = Arc<broadcast::Sender<Heard>>;
type Nodes = Arc<RwLock<Vec<Node>>>;

impl InProcessBus {
    /// A bus with one node. A subscriber may fall `backlog` signals behind (rounded up to a power
    /// of two) before it loses the oldest.
    #[must_use]
    pub fn new(backlog: usize) -> Self {
        Self::join(backlog, Arc::default())
    }

    /// Another node on the same bus.
    #[must_use]
    pub fn peer(&self, backlog: usize) -> Self {
        Self::join(backlog, Arc::clone(&self.nodes))
    }

    fn join(backlog: usize, nodes: Nodes) -> Self {
        let heard = Arc::new(broadcast::Sender::new(backlog.max(1)));
        nodes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&heard));
        Self { heard, nodes }
    }
}

impl Drop for InProcessBus {
    fn drop(&mut self) {
        self.nodes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|node| !Arc::ptr_eq(node, &self.heard));
    }
}

impl EventBus for InProcessBus {
    fn publish(&self, signal: BusSignal) {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        for node in nodes.iter().filter(|node| !Arc::ptr_eq(node, &self.heard)) {
            // Fails when nobody there has subscribed.
            drop(node.send(Heard::Signal(signal)));
        }
    }

    fn subscribe(&self) -> Box<dyn BusStream> {
        Box::new(Subscription(self.heard.subscribe()))
    }
}
