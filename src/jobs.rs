//! What the process does by itself: the job queue ([`queue`]), and now and again storage
//! maintenance, metrics and the followers of the streams. Those may run on any number of nodes at once, be late, or be missed.
//! What must happen is a row of `jobs`, and each kind of it a file here that implements [`Kind`].

mod drop_upload;
mod fetch_media;
mod followers;
mod kind;
mod queue;
mod scheduled;
mod templates;

pub(crate) use drop_upload::{DropUpload, DropUploadJob};
pub(crate) use fetch_media::FetchMediaJob;
pub(crate) use followers::Streams;
pub(crate) use kind::Kind;
use queue::Queue;
pub(crate) use scheduled::{SendScheduled, Written as ScheduledWords, send as send_scheduled};
pub(crate) use templates::SyncTemplates;

use crate::config::JobQueue;
use crate::media::MediaStore;

use metrics_exporter_prometheus::PrometheusHandle;
use papo_storage::{Database, PgEngineStore, Retention};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// Partitions are made a week ahead: an hour more or less is of no consequence.
const MAINTAIN_EVERY: Duration = Duration::from_secs(3600);
/// No transfer takes that long.
const UNFINISHED_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// What is looked after.
pub(crate) struct Stores {
    pub(crate) engine: PgEngineStore,
    pub(crate) database: Database,
    pub(crate) media: MediaStore,
}

/// The running jobs.
#[derive(Debug)]
pub(crate) struct Jobs {
    tasks: Vec<JoinHandle<()>>,
    queue: Queue,
}

impl Jobs {
    /// Starts them on `io`.
    #[must_use]
    pub(crate) fn start(
        io: &Handle,
        stores: Stores,
        streams: Arc<Streams>,
        recorder: PrometheusHandle,
        kinds: Vec<Arc<dyn Kind>>,
        settings: JobQueue,
    ) -> Self {
        let Stores {
            engine: store,
            database,
            media,
        } = stores;
        Self {
            queue: Queue::start(io, store.clone(), kinds, settings),
            tasks: vec![
                io.spawn(maintain(store.clone(), media)),
                io.spawn(templates::keep(store.clone(), database)),
                io.spawn(measure(store.clone(), recorder)),
                io.spawn(followers::follow(store, streams)),
            ],
        }
    }

    /// Takes no more jobs, and lets those under way end within `patience`.
    pub(crate) async fn drain(&mut self, patience: Duration) {
        self.queue.end(patience).await;
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.queue.abort_handle().abort();
    }
}

async fn maintain(store: PgEngineStore, media: MediaStore) {
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
        match media.sweep(UNFINISHED_LIFE).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "unfinished files removed"),
            Err(fault) => tracing::warn!(%fault, "unfinished files not removed"),
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
