//! A bus between the nodes of a test, which loses signals when told to.

use papo_domain::ports::{BusSignal, BusStream, EventBus, Heard};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};

/// Signals that a node may fall behind.
const BACKLOG: usize = 1_024;

/// All nodes' ends together. Clones are handles of the same bus.
#[derive(Clone, Debug)]
pub struct FakeBus {
    wire: Arc<Wire>,
}

#[derive(Debug)]
struct Wire {
    /// Who says what; nobody in particular tells of losses.
    heard: broadcast::Sender<(Option<Arc<str>>, Heard)>,
    published: Mutex<Vec<(Arc<str>, BusSignal)>>,
    away: AtomicBool,
}

struct End {
    node: Arc<str>,
    wire: Arc<Wire>,
}

struct Ear {
    node: Arc<str>,
    heard: broadcast::Receiver<(Option<Arc<str>>, Heard)>,
}

impl FakeBus {
    /// A bus without nodes.
    #[must_use]
    pub fn new() -> Self {
        let wire = Wire {
            heard: broadcast::Sender::new(BACKLOG),
            published: Mutex::default(),
            away: AtomicBool::new(false),
        };
        Self {
            wire: Arc::new(wire),
        }
    }

    /// The end of the node `name`.
    #[must_use]
    pub fn node(&self, name: &str) -> Arc<dyn EventBus> {
        Arc::new(End {
            node: name.into(),
            wire: Arc::clone(&self.wire),
        })
    }

    /// While set, whatever is published is lost. Afterwards everybody hears that it was.
    pub fn away(&self, away: bool) {
        let was = self.wire.away.swap(away, Ordering::SeqCst);
        if was && !away {
            drop(self.wire.heard.send((None, Heard::Lagged)));
        }
    }

    /// What the node `name` published, lost or not.
    #[must_use]
    pub fn published(&self, name: &str) -> Vec<BusSignal> {
        let published = self.wire.published.lock();
        published
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .filter(|(node, _)| **node == *name)
            .map(|(_, signal)| *signal)
            .collect()
    }
}

impl Default for FakeBus {
    fn default() -> Self {
        Self::new()
    }
}

impl EventBus for End {
    fn publish(&self, signal: BusSignal) {
        let from = Arc::clone(&self.node);
        self.wire
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((Arc::clone(&from), signal));
        if !self.wire.away.load(Ordering::SeqCst) {
            drop(self.wire.heard.send((Some(from), Heard::Signal(signal))));
        }
    }

    fn subscribe(&self) -> Box<dyn BusStream> {
        Box::new(Ear {
            node: Arc::clone(&self.node),
            heard: self.wire.heard.subscribe(),
        })
    }
}

impl BusStream for Ear {
    fn recv(&mut self) -> Pin<Box<dyn Future<Output = Option<Heard>> + Send + '_>> {
        Box::pin(async {
            loop {
                match self.heard.recv().await {
                    Ok((from, _)) if from.as_ref() == Some(&self.node) => {}
                    Ok((_, heard)) => return Some(heard),
                    Err(RecvError::Lagged(_)) => return Some(Heard::Lagged),
                    Err(RecvError::Closed) => return None,
                }
            }
        })
    }
}
