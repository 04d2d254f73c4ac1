//! The world: one database and one clock that nodes share, and the passing of virtual time.

use super::clock::ManualClock;
use super::node::Node;
use super::store::InMemoryStore;
use super::stream::HandOff;
use super::tables::Tables;
use papo_domain::ports::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{Instant, advance, sleep};

/// Turns that are given to tasks whose timer rang together with the one that ends a wait.
const TURNS: usize = 64;
/// Store calls at one instant of virtual time beyond which an engine goes round in circles.
const CALLS_AT_ONCE: u32 = 2_000_000;

/// The database that every node sees. Clones are handles of the same world.
#[derive(Clone)]
pub struct World {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    tables: Mutex<Tables>,
    nodes: Mutex<Vec<Weak<Node>>>,
    clock: Arc<ManualClock>,
    calls: Mutex<(Instant, u32)>,
}

impl World {
    /// An empty world on a [`ManualClock`]. Pause the runtime's time first.
    #[must_use]
    pub fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let shared = Shared {
            tables: Mutex::new(Tables::new(Arc::clone(&clock))),
            nodes: Mutex::default(),
            clock,
            calls: Mutex::new((Instant::now(), 0)),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// A new process of the node `name`, with faults and sink of its own. A second one of the
    /// same name is the restarted process: it takes the leases of the first at once.
    #[must_use]
    pub fn node(&self, name: &str) -> Arc<InMemoryStore> {
        let (process, _) = self.shared.transact(Tables::process);
        let node = Arc::new(Node::new(name, process, Arc::clone(&self.shared)));
        self.shared.nodes().push(Arc::downgrade(&node));
        Arc::new(InMemoryStore { node })
    }

    /// The database's clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.shared.clock.clone()
    }

    /// How long a lease lasts without renewal; 15 s unless set.
    pub fn lease_time(&self, time: Duration) {
        self.shared.transact(|tables| tables.lease_time = time);
    }

    /// Runs everything that can run, until every task waits for a timer, a gate or a message.
    /// Costs 1 ms of virtual time; timers that ring within it are served.
    ///
    /// # Panics
    /// When an invariant was broken meanwhile, or time is not paused.
    pub async fn settle(&self) {
        self.run_for(Duration::from_millis(1)).await;
    }

    /// Lets virtual time pass, so that every timer rings in its order, and settles.
    ///
    /// # Panics
    /// As [`Self::settle`].
    pub async fn run_for(&self, time: Duration) {
        // Refuses to run on a clock that is not paused, before anything waits in real time.
        advance(Duration::ZERO).await;
        // Paused time moves only once nothing is left to run, so this sleep ends after all else.
        sleep(time).await;
        for _ in 0..TURNS {
            yield_now().await;
        }
        self.check();
    }

    /// # Panics
    /// When an invariant was broken, by whomever.
    pub fn check(&self) {
        let violations = self.shared.tables().violations.clone();
        assert!(violations.is_empty(), "invariants broken: {violations:#?}");
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check();
        }
    }
}

impl Shared {
    /// Runs `op` alone on the tables.
    ///
    /// # Panics
    /// When millions of calls come without time passing.
    pub(super) fn transact<R>(&self, op: impl FnOnce(&mut Tables) -> R) -> (R, HandOff) {
        let mut tables = self.tables();
        if self.is_spinning() {
            tables.violate("the engine calls the store in circles");
        }
        let result = op(&mut tables);
        let hand_off = tables.hand_off();
        (result, hand_off)
    }

    /// Rings every live process, as the bus between nodes does.
    pub(super) fn broadcast(&self, hand_off: &HandOff) {
        let mut nodes = self.nodes();
        nodes.retain(|node| node.strong_count() > 0);
        let live: Vec<Arc<Node>> = nodes.iter().filter_map(Weak::upgrade).collect();
        drop(nodes);
        for node in live {
            node.hand_over(hand_off);
        }
    }

    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn nodes(&self) -> MutexGuard<'_, Vec<Weak<Node>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_spinning(&self) -> bool {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if calls.0 == now {
            calls.1 += 1;
        } else {
            *calls = (now, 1);
        }
        calls.1 > CALLS_AT_ONCE
    }
}
