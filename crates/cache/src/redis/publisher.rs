//! The task that empties the queue into Redis, in order, as many at once as wait.

use super::pool::{Fault, RedisPool};
use super::queue::Queue;
use super::retry::Retry;
use crate::wire;
use deadpool_redis::Connection;
use papo_domain::ports::Heard;
use std::sync::Arc;
use tracing::warn;

/// Signals sent at once; a pipeline of them is about 15 KiB.
const BATCH: usize = 128;

pub(super) struct Publisher {
    pub(super) pool: RedisPool,
    pub(super) queue: Arc<Queue>,
    pub(super) node: Arc<str>,
    pub(super) retry: Retry,
}

impl Publisher {
    pub(super) async fn run(mut self) {
        let channel = self.pool.keys().bus();
        // Kept between batches: taking one from the pool costs a round trip.
        let mut kept = None;
        loop {
            self.queue.filled().await;
            let connection = match kept.take() {
                Some(connection) => Ok(connection),
                None => self.pool.connection().await,
            };
            let mut connection = match connection {
                Ok(connection) => connection,
                // What waits goes on waiting, and growing together.
                Err(fault) => {
                    warn!(%fault, "the bus has no connection for publishing");
                    self.retry.pause().await;
                    continue;
                }
            };
            let batch = self.queue.take(BATCH);
            match self.send(&mut connection, &channel, &batch).await {
                Ok(()) => {
                    self.retry.reset();
                    kept = Some(connection);
                }
                Err(fault) => {
                    warn!(%fault, "signals could not be published");
                    self.queue.lose(batch.len());
                    // Out of the pool: what it is good for is unknown.
                    drop(Connection::take(connection));
                    self.retry.pause().await;
                }
            }
        }
    }

    async fn send(
        &self,
        connection: &mut Connection,
        channel: &str,
        batch: &[Heard],
    ) -> Result<(), Fault> {
        let mut calls = redis::Pipeline::with_capacity(batch.len());
        for heard in batch {
            calls
                .cmd("PUBLISH")
                .arg(channel)
                .arg(wire::encode(&self.node, *heard))
                .ignore();
        }
        Ok(calls.exec_async(connection).await?)
    }
}
