//! What the process does by itself, now and again: storage maintenance, metrics, following the
//! event streams. Every job may run on any number of nodes at once, be late, or be missed.

mod followers;

pub(crate) use followers::Streams;

use metrics_exporter_prometheus::PrometheusHandle;
use papo_storage::{PgEngineStore, Retention};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// Partitions are made a week ahead: an hour more or less is of no consequence.
const MAINTAIN_EVERY: Duration = Duration::from_secs(3600);
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// The running jobs.
#[derive(Debug)]
pub(crate) struct Jobs {
    tasks: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts them on `io`.
    #[must_use]
    pub(crate) fn start(
        io: &Handle,
        store: PgEngineStore,
        streams: Arc<Streams>,
        recorder: PrometheusHandle,
    ) -> Self {
        Self {
            tasks: vec![
                io.spawn(maintain(store.clone())),
                io.spawn(measure(store.clone(), recorder)),
                io.spawn(followers::follow(store, streams)),
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
            Ok(report) => tracing::info!(
                partitions_made = report.partitions_made,
                partitions_dropped = report.partitions_dropped,
                rows_deleted = report.rows_deleted,
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
        gauge("papo_state_lane_waiting", waiting);
        gauge("papo_state_lane_room", room);
        recorder.run_upkeep();
    }
}

fn gauge(name: &'static str, value: usize) {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    metrics::gauge!(name).set(f64::from(value));
}
