//! A subscriber's bounded backlog, the same for every bus.

use papo_domain::ports::{BusStream, Heard};
use std::future::Future;
use std::pin::Pin;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

pub(crate) struct Subscription(pub(crate) Receiver<Heard>);

impl BusStream for Subscription {
    fn recv(&mut self) -> Pin<Box<dyn Future<Output = Option<Heard>> + Send + '_>> {
        Box::pin(async {
            match self.0.recv().await {
                Ok(heard) => Some(heard),
                Err(RecvError::Lagged(missed)) => {
                    metrics::counter!("papo_bus_signals_lost_total", "at" => "subscriber")
                        .increment(missed);
                    Some(Heard::Lagged)
                }
                Err(RecvError::Closed) => None,
            }
        })
    }
}
