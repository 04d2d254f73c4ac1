//! `[jobs]`: the queue of work that follows from commits.

use super::Faults;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of the job queue.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct JobQueue {
    /// Jobs that this node does at once.
    pub concurrency: usize,
    /// Of one tenant.
    pub per_tenant: usize,
    /// How often the table is looked at when nothing rings.
    #[serde(with = "humantime_serde")]
    pub poll: Duration,
}

impl JobQueue {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.range("jobs.concurrency", self.concurrency, 1..=1_000);
        faults.range("jobs.per_tenant", self.per_tenant, 1..=1_000);
        faults.positive("jobs.poll", self.poll);
    }

    pub(super) fn for_tests() -> Self {
        Self {
            concurrency: 8,
            per_tenant: 4,
            poll: Duration::from_millis(100),
        }
    }
}
