//! One node's end of the bus over Redis.

use super::listener::Listener;
use super::pool::RedisPool;
use super::publisher::Publisher;
use super::queue::Queue;
use super::retry::Retry;
use crate::subscription::Subscription;
use papo_domain::ports::{BusSignal, BusStream, EventBus, Heard};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// Bounds and patience of the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusSettings {
    /// Signals that may wait to be published, one for each kind and tenant.
    pub queue: usize,
    /// Signals that a subscriber may fall behind before it loses the oldest; rounded up to a
    /// power of two.
    pub backlog: usize,
    /// Silence after which the listening connection is asked for a sign of life.
    pub probe: Duration,
    /// First wait before Redis is tried again; doubles.
    pub retry: Duration,
    /// Longest such wait.
    pub retry_max: Duration,
}

impl Default for BusSettings {
    fn default() -> Self {
        Self {
            queue: 4_096,
            backlog: 1_024,
            probe: Duration::from_secs(5),
            retry: Duration::from_millis(100),
            retry_max: Duration::from_secs(5),
        }
    }
}

/// The bus. Its tasks end with the value; its subscribers hear `None` then.
pub struct RedisBus {
    node: Arc<str>,
    queue: Arc<Queue>,
    heard: broadcast::Sender<Heard>,
    connected: watch::Receiver<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl RedisBus {
    /// Starts the bus of `node`, whose name no other node has, on `runtime`. Redis may be away:
    /// the bus connects when it can.
    #[must_use]
    pub fn start(pool: &RedisPool, node: &str, settings: BusSettings, runtime: &Handle) -> Self {
        let node: Arc<str> = node.into();
        let queue = Arc::new(Queue::new(settings.queue));
        let (heard, _) = broadcast::channel(settings.backlog.max(1));
        let (told, connected) = watch::channel(false);
        let publisher = Publisher {
            pool: pool.clone(),
            queue: Arc::clone(&queue),
            node: Arc::clone(&node),
            retry: Retry::new(settings.retry, settings.retry_max),
        };
        let listener = Listener {
            pool: pool.clone(),
            node: Arc::clone(&node),
            heard: heard.clone(),
            connected: told,
            probe: settings.probe,
            retry: Retry::new(settings.retry, settings.retry_max),
        };
        Self {
            node,
            queue,
            heard,
            connected,
            tasks: [
                runtime.spawn(publisher.run()),
                runtime.spawn(listener.run()),
            ],
        }
    }

    /// Whether this node hears the others now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// Waits until this node hears the others.
    pub async fn connected(&self) {
        let mut connected = self.connected.clone();
        // Fails when the listener has ended, which it does not before this value does.
        drop(connected.wait_for(|connected| *connected).await);
    }
}

impl fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBus")
            .field("node", &self.node)
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

impl EventBus for RedisBus {
    fn publish(&self, signal: BusSignal) {
        self.queue.push(signal);
    }

    fn subscribe(&self) -> Box<dyn BusStream> {
        Box::new(Subscription(self.heard.subscribe()))
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
