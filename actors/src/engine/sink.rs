//! Where lanes hand over what they have committed. Made before the store and the engine, since
//! the store's lanes need it; connected when the engine starts.

use super::actor::{EngineActor, StartTenant};
use super::registry::Registry;
use crate::mailbox::offer;
use crate::tenant::Events;
use actix::Addr;
use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, EventSink};
use std::sync::{Arc, OnceLock};

/// The engine's side of the hand-over.
#[derive(Default)]
pub struct EngineSink {
    connected: OnceLock<(Arc<Registry>, Addr<EngineActor>)>,
}

impl EngineSink {
    pub(super) fn connect(&self, registry: Arc<Registry>, engine: Addr<EngineActor>) {
        if self.connected.set((registry, engine)).is_err() {
            tracing::error!("a second engine was started with the same sink");
        }
    }
}

impl EventSink for EngineSink {
    fn offer(&self, batch: EventBatch) {
        let Some((registry, _)) = self.connected.get() else {
            return;
        };
        let tenant = batch.tenant;
        if registry.offer(tenant, Events(batch)).is_err() {
            metrics::counter!("papo_event_handoffs_lost_total").increment(1);
        }
    }

    fn inbox_ready(&self, tenant: TenantId) {
        let Some((registry, engine)) = self.connected.get() else {
            return;
        };
        if !registry.ring(tenant) {
            // Lost if the engine is too busy; its sweep finds the tenant within a second.
            drop(offer(
                engine,
                StartTenant {
                    tenant,
                    reply: None,
                },
            ));
        }
    }
}
