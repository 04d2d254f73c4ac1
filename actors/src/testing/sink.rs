//! A sink that remembers what it was handed.

use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, EventSink, LiveEvent};
use std::sync::{Arc, Mutex, PoisonError};

/// Records offers and doorbells, for tests that run without an engine.
#[derive(Debug, Default)]
pub struct RecordingSink {
    heard: Mutex<(Vec<EventBatch>, Vec<TenantId>)>,
}

impl RecordingSink {
    /// The events of `tenant` that were offered, in the order of the offers.
    #[must_use]
    pub fn events(&self, tenant: TenantId) -> Vec<Arc<LiveEvent>> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let batches = heard.0.iter().filter(|batch| batch.tenant == tenant);
        batches
            .flat_map(|batch| batch.events.iter().cloned())
            .collect()
    }

    /// How often the bell of `tenant` rang.
    #[must_use]
    pub fn rings(&self, tenant: TenantId) -> usize {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.1.iter().filter(|rung| **rung == tenant).count()
    }
}

impl EventSink for RecordingSink {
    fn offer(&self, batch: EventBatch) {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .push(batch);
    }

    fn inbox_ready(&self, tenant: TenantId) {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .push(tenant);
    }
}
