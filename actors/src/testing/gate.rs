//! Gates: a call stops at one until the test lets it go.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// How long, in virtual time, a test waits for a call to come to a gate.
const PATIENCE: Duration = Duration::from_secs(300);

/// The test's hand on a gate. Dropping it opens the gate for good.
#[derive(Debug)]
pub struct Gate {
    bars: Arc<Bars>,
}

/// The side that calls pass.
#[derive(Clone, Debug)]
pub(super) struct Barrier {
    bars: Arc<Bars>,
}

#[derive(Debug)]
struct Bars {
    passes: Semaphore,
    arrived: watch::Sender<usize>,
}

impl Gate {
    pub(super) fn new() -> (Self, Barrier) {
        let bars = Arc::new(Bars {
            passes: Semaphore::new(0),
            arrived: watch::Sender::new(0),
        });
        (
            Self {
                bars: Arc::clone(&bars),
            },
            Barrier { bars },
        )
    }

    /// Resolves when `calls` calls have come to the gate, counted from its beginning.
    ///
    /// # Panics
    /// When they do not come within five virtual minutes.
    pub async fn reached(&self, calls: usize) {
        let mut arrived = self.bars.arrived.subscribe();
        let come = timeout(PATIENCE, arrived.wait_for(|count| *count >= calls)).await;
        assert!(
            come.is_ok(),
            "only {} of {calls} calls came to the gate",
            self.arrived()
        );
    }

    /// Calls that have come to the gate, let go or not.
    #[must_use]
    pub fn arrived(&self) -> usize {
        *self.bars.arrived.borrow()
    }

    /// Lets one call go: the first that waits, or the next that comes.
    pub fn let_one_go(&self) {
        self.bars.passes.add_permits(1);
    }

    /// Lets all go, now and later.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.bars.passes.close();
    }
}

impl Barrier {
    pub(super) fn is_open(&self) -> bool {
        self.bars.passes.is_closed()
    }

    /// Waits to be let through.
    pub(super) async fn pass(&self) {
        if self.is_open() {
            return;
        }
        self.bars.arrived.send_modify(|count| *count += 1);
        // An error means that the gate was opened for good.
        if let Ok(permit) = self.bars.passes.acquire().await {
            permit.forget();
        }
    }
}
