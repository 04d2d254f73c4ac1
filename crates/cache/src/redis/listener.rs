//! The task that listens: connects, subscribes, passes on what others say, and starts again when
//! the connection ends or falls silent.

use super::pool::{Fault, RedisPool};
use super::retry::Retry;
use crate::wire;
use futures_util::StreamExt;
use papo_domain::ports::Heard;
use redis::aio::{PubSubSink, PubSubStream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;
use tracing::{info, warn};

pub(super) struct Listener {
    pub(super) pool: RedisPool,
    pub(super) node: Arc<str>,
    /// Read by this node's subscribers.
    pub(super) heard: broadcast::Sender<Heard>,
    pub(super) connected: watch::Sender<bool>,
    pub(super) probe: Duration,
    pub(super) retry: Retry,
}

impl Listener {
    pub(super) async fn run(mut self) {
        let channel = self.pool.keys().bus();
        loop {
            let fault = match self.pool.listen(&channel).await {
                Ok((asks, hears)) => {
                    info!("the bus is connected");
                    self.retry.reset();
                    // INVARIANT: after the subscription stands, or a signal could be lost between
                    // the look that this asks for and the subscription.
                    self.tell(Heard::Lagged);
                    self.connected.send_replace(true);
                    let fault = self.follow(asks, hears).await;
                    self.connected.send_replace(false);
                    fault
                }
                Err(fault) => fault,
            };
            warn!(%fault, "the bus is not connected");
            self.retry.pause().await;
        }
    }

    /// Until the connection is of no use any more. One that is only silent is asked for a sign of
    /// life: a peer that went without a word closes nothing.
    async fn follow(&self, mut asks: PubSubSink, mut hears: PubSubStream) -> Fault {
        loop {
            match timeout(self.probe, hears.next()).await {
                Ok(Some(message)) => self.hear(message.get_payload_bytes()),
                Ok(None) => return Fault::Ended,
                Err(_silence) => {
                    if let Err(fault) = self.ask(&mut asks).await {
                        return fault;
                    }
                }
            }
        }
    }

    async fn ask(&self, asks: &mut PubSubSink) -> Result<(), Fault> {
        let _pong: redis::Value = timeout(self.pool.timeout(), asks.ping()).await??;
        Ok(())
    }

    fn hear(&self, text: &[u8]) {
        match wire::decode(text) {
            Some((node, heard)) if *node != *self.node => self.tell(heard),
            Some(_) => {}
            None => metrics::counter!("papo_bus_signals_ignored_total").increment(1),
        }
    }

    fn tell(&self, heard: Heard) {
        // Fails when nobody has subscribed.
        drop(self.heard.send(heard));
    }
}
