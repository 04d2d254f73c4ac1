//! The one place where the world is locked. Whoever changes the world goes through
//! [`Shared::with`], which wakes the dispatcher and everyone who waits for something to happen;
//! the lock is never held over an await.

use crate::world::World;
use reqwest::Client;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

pub(crate) struct Shared {
    world: Mutex<World>,
    /// Counts changes of the world.
    changed: watch::Sender<u64>,
    /// Tells the dispatcher to look at the schedule.
    due: Notify,
    http: Client,
}

impl Shared {
    pub(crate) fn new(world: World, http: Client) -> Self {
        Self {
            world: Mutex::new(world),
            changed: watch::Sender::new(0),
            due: Notify::new(),
            http,
        }
    }

    /// Changes the world and lets everyone know.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed();
        self.due.notify_one();
        result
    }

    /// Lets those who wait look again.
    pub(crate) fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Looks at the world, or changes it without telling anyone.
    pub(crate) fn quietly<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.lock())
    }

    /// Looks after every change until there is something to see; `None` when `patience` is over.
    pub(crate) async fn until<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut(&mut World) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            if let Some(seen) = self.quietly(&mut look) {
                return Some(seen);
            }
            if !matches!(timeout_at(deadline, changed.changed()).await, Ok(Ok(()))) {
                return None;
            }
        }
    }

    /// Tells of every change from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) async fn woken(&self) {
        self.due.notified().await;
    }

    pub(crate) fn http(&self) -> &Client {
        &self.http
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A handler that panicked must not take the whole emulator with it.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
