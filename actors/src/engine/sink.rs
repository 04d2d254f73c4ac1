//! Where lanes hand over what they have committed. Made before the store and the engine, since
//! the store's lanes need it; connected when the engine starts. With a bus, what concerns other
//! nodes is told to them; without one there are none.

use super::actor::EngineActor;
use super::listener::{Here, Listen};
use super::registry::Registry;
use crate::mailbox::offer;
use crate::tenant::Events;
use actix::Addr;
use papo_domain::TenantId;
use papo_domain::ports::{BusSignal, EventBatch, EventBus, EventSink};
use std::sync::{Arc, OnceLock};

/// The engine's side of the hand-over.
#[derive(Default)]
pub struct EngineSink {
    here: OnceLock<Here>,
    bus: Option<Arc<dyn EventBus>>,
}

impl EngineSink {
    /// A sink that tells the other nodes of a bus, and an engine that listens to them.
    #[must_use]
    pub fn with_bus(bus: Arc<dyn EventBus>) -> Self {
        Self {
            here: OnceLock::new(),
            bus: Some(bus),
        }
    }

    pub(super) fn connect(&self, registry: Arc<Registry>, engine: Addr<EngineActor>) {
        let here = Here { registry, engine };
        if self.here.set(here.clone()).is_err() {
            tracing::error!("a second engine was started with the same sink");
            return;
        }
        if let Some(bus) = &self.bus {
            let engine = here.engine.clone();
            let stream = bus.subscribe();
            if offer(&engine, Listen { here, stream }).is_err() {
                tracing::error!("the engine does not listen to other nodes");
            }
        }
    }

    fn publish(&self, signal: BusSignal) {
        if let Some(bus) = &self.bus {
            bus.publish(signal);
        }
    }
}

impl EventSink for EngineSink {
    fn offer(&self, batch: EventBatch) {
        let Some(here) = self.here.get() else {
            return;
        };
        let (tenant, head) = (batch.tenant, batch.events.last().map(|event| event.seq));
        if here.registry.offer(tenant, Events(batch)).is_err() {
            metrics::counter!("papo_event_handoffs_lost_total").increment(1);
        }
        if let Some(head) = head {
            self.publish(BusSignal::Events { tenant, head });
        }
    }

    fn inbox_ready(&self, tenant: TenantId) {
        let Some(here) = self.here.get() else {
            return;
        };
        if !here.ring(tenant) {
            self.publish(BusSignal::InboxReady { tenant });
        }
    }
}
