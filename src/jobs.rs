//! What the process does by itself, now and again: storage maintenance, metrics, giving memory
//! back. Every job may run on any number of nodes at once, be late, or be missed.

use metrics_exporter_prometheus::PrometheusHandle;
use papo_storage::{PgEngineStore, Retention};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// Partitions are made a week ahead: an hour more or less is of no consequence.
const MAINTAIN_EVERY: Duration = Duration::from_secs(3600);
const METRICS_EVERY: Duration = Duration::from_secs(5);
const RELEASE_EVERY: Duration = Duration::from_secs(2);
/// Memory is given back when the process has grown by so many pages of 4 KiB since: 4 MiB.
const GROWTH: u64 = 1_024;

/// The running jobs.
#[derive(Debug)]
pub(crate) struct Jobs {
    tasks: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts them on `io`.
    #[must_use]
    pub(crate) fn start(io: &Handle, store: PgEngineStore, recorder: PrometheusHandle) -> Self {
        Self {
            tasks: vec![
                io.spawn(maintain(store.clone())),
                io.spawn(measure(store, recorder)),
                io.spawn(release_memory()),
            ],
        }
    }

    /// Ends them, wherever they are.
    pub(crate) fn stop(self) {
        drop(self);
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn maintain(store: PgEngineStore) {
    let mut ticks = interval(MAINTAIN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.maintain(Retention::default()).await {
            Ok(kept) => tracing::info!(
                partitions_made = kept.partitions_made,
                partitions_dropped = kept.partitions_dropped,
                rows_deleted = kept.rows_deleted,
                "storage maintained"
            ),
            Err(error) => tracing::warn!(%error, "storage not maintained"),
        }
    }
}

async fn measure(store: PgEngineStore, recorder: PrometheusHandle) {
    let mut ticks = interval(METRICS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (waiting, room) = store.lane_depth();
        gauge("state_lane_waiting", waiting);
        gauge("state_lane_room", room);
        recorder.run_upkeep();
    }
}

/// What a burst needed and does not need any more goes back to the system.
async fn release_memory() {
    let mut ticks = interval(RELEASE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut smallest = u64::MAX;
    loop {
        ticks.tick().await;
        // Only Linux tells.
        let Some(now) = resident_pages().await else {
            return;
        };
        smallest = smallest.min(now);
        if now - smallest < GROWTH {
            continue;
        }
        if tokio::task::spawn_blocking(papo_heap::release)
            .await
            .is_err()
        {
            return;
        }
        smallest = resident_pages().await.unwrap_or(now);
    }
}

async fn resident_pages() -> Option<u64> {
    let statm = tokio::task::spawn_blocking(|| std::fs::read_to_string("/proc/self/statm"));
    let statm = statm.await.ok()?.ok()?;
    statm.split(' ').nth(1)?.parse().ok()
}

fn gauge(name: &'static str, value: usize) {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    metrics::gauge!(name).set(f64::from(value));
}
