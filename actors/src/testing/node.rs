//! How a call travels from a node to the shared tables and back: virtual latency, gates, planned
//! faults, the hand-over to the node's sink.

use super::faults::{Fault, Faults, Outage, Point, Site};
use super::stream::HandOff;
use super::tables::Tables;
use super::world::Shared;
use papo_domain::ConversationId;
use papo_domain::ports::{EventSink, PortFuture};
use std::collections::HashSet;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One process's connection to the world.
pub(super) struct Node {
    pub(super) name: String,
    /// Tells this life of the node from others.
    pub(super) process: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) faults: Faults,
    sink: Mutex<Option<Arc<dyn EventSink>>>,
    killed: AtomicBool,
    /// Conversations with a commit that somebody waits for.
    committing: Mutex<HashSet<ConversationId>>,
}

/// The one commit of a conversation that may be under way.
pub(super) struct Slot {
    node: Arc<Node>,
    conversation: ConversationId,
}

impl Node {
    pub(super) fn new(name: &str, process: u64, shared: Arc<Shared>) -> Self {
        Self {
            name: name.to_owned(),
            process,
            shared,
            faults: Faults::default(),
            sink: Mutex::default(),
            killed: AtomicBool::new(false),
            committing: Mutex::default(),
        }
    }

    pub(super) fn connect(&self, sink: Arc<dyn EventSink>) {
        *self.sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(sink);
    }

    pub(super) fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.killed.load(Ordering::SeqCst)
    }

    /// A call that goes on when its caller is dropped, as one in a lane does.
    pub(super) fn write<T, E, F>(self: Arc<Self>, site: Site, op: F) -> PortFuture<Result<T, E>>
    where
        T: Send + 'static,
        E: Outage + Send + 'static,
        F: FnOnce(&mut Tables, &Self) -> Result<T, E> + Send + 'static,
    {
        Box::pin(async move {
            match tokio::spawn(self.perform(site, op)).await {
                Ok(answer) => answer,
                Err(ended) => match ended.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    // The runtime is going down.
                    Err(_) => pending().await,
                },
            }
        })
    }

    /// A call that ends with its caller.
    pub(super) fn read<T, E, F>(self: Arc<Self>, site: Site, op: F) -> PortFuture<Result<T, E>>
    where
        T: Send + 'static,
        E: Outage + Send + 'static,
        F: FnOnce(&mut Tables, &Self) -> Result<T, E> + Send + 'static,
    {
        Box::pin(self.perform(site, op))
    }

    async fn perform<T, E, F>(self: Arc<Self>, site: Site, op: F) -> Result<T, E>
    where
        E: Outage,
        F: FnOnce(&mut Tables, &Self) -> Result<T, E>,
    {
        let (latency, fault) = self.faults.begin(site);
        // A real store never answers at once.
        tokio::task::yield_now().await;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        self.faults.pass(site, Point::Before).await;
        self.halt_if_dead().await;
        let (result, hand_off) = match fault {
            None | Some(Fault::AnswerLost) => self.shared.transact(|tables| op(tables, &self)),
            Some(fault) => return Err(E::of(fault)),
        };
        if fault.is_none() {
            self.hand_over(&hand_off);
        }
        self.faults.pass(site, Point::After).await;
        self.halt_if_dead().await;
        match fault {
            Some(fault) if result.is_ok() => Err(E::of(fault)),
            _ => result,
        }
    }

    /// Gives the sink what a transaction has for it.
    pub(super) fn hand_over(&self, hand_off: &HandOff) {
        let sink = self
            .sink
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(sink) = sink else { return };
        if self.is_dead() || self.faults.drops_handoffs() {
            return;
        }
        for batch in &hand_off.batches {
            sink.offer(batch.clone());
        }
        for tenant in &hand_off.rings {
            sink.inbox_ready(*tenant);
        }
    }

    /// Claims the conversation's commit slot.
    ///
    /// # Panics
    /// When another commit of this node is under way.
    pub(super) fn enter(self: Arc<Self>, conversation: ConversationId) -> Slot {
        if !self.committing().insert(conversation) {
            let fault = format!("conversation {conversation} has two commits under way");
            self.shared.tables().violate(fault);
        }
        Slot {
            node: self,
            conversation,
        }
    }

    fn committing(&self) -> MutexGuard<'_, HashSet<ConversationId>> {
        self.committing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn halt_if_dead(&self) {
        if self.is_dead() {
            pending().await
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.node.committing().remove(&self.conversation);
    }
}
