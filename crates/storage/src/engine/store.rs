//! The engine's store: its lane, its readers, and the leases that this process holds. What it answers
//! the engine is in [`super::port`].

use crate::engine::connection::Connection;
use crate::engine::heads::Heads;
use crate::engine::leases;
use crate::engine::link::{Link, Opener};
use crate::engine::readers::Readers;
use crate::engine::settings::EngineSettings;
use crate::lane::{Job, Lane, Pace, Reply, Work};
use crate::session::BadAddress;
use papo_domain::ids::{Shard, TenantId};
use papo_domain::ports::{EngineStore, EventSink, Lease, PortFuture, StoreError};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

/// PostgreSQL as the engine's store. Cheap to clone; the lanes end with the last clone.
#[derive(Clone)]
pub struct PgEngineStore {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) node: String,
    pub(super) lease_life: Duration,
    pub(super) lane: Lane,
    pub(super) readers: Readers,
    pub(super) heads: Heads,
    /// Followers take turns: what they make of the streams is not urgent.
    following: tokio::sync::Mutex<Connection>,
    /// What this process took, so that taking again does not raise its own epochs.
    held: Mutex<BTreeMap<Shard, Lease>>,
    /// Rung when a commit with jobs is stored.
    jobs: Arc<Notify>,
}

impl PgEngineStore {
    /// The store at the `papo_engine` address `url`; lanes and drivers run on `runtime`, and
    /// committed events are offered to `sink`. Connections are opened when first needed.
    ///
    /// # Errors
    /// The address cannot be parsed.
    pub fn new(
        url: &SecretString,
        settings: &EngineSettings,
        runtime: Handle,
        sink: &Arc<dyn EventSink>,
    ) -> Result<Self, BadAddress> {
        let opener = Opener::new(url, settings.limits, runtime)?;
        let pace = Pace {
            queue: settings.queue,
            batch: settings.batch,
            linger: settings.linger,
            reconnect: settings.reconnect,
        };
        let lane = Lane::start(&opener, &settings.node, settings.writers, pace, sink);
        let readers = Readers::new(&opener, settings.readers, settings.reconnect);
        let following = Connection::new(opener, settings.reconnect);
        Ok(Self {
            shared: Arc::new(Shared {
                node: settings.node.clone(),
                lease_life: settings.lease_life,
                lane,
                readers,
                heads: Heads::default(),
                following: tokio::sync::Mutex::new(following),
                held: Mutex::default(),
                jobs: Arc::default(),
            }),
        })
    }

    /// Jobs waiting for the writers, and the room there is.
    #[must_use]
    pub fn lane_depth(&self) -> (usize, usize) {
        self.shared.lane.depth()
    }

    /// Rung when this process has committed jobs; a hint that saves a wait.
    #[must_use]
    pub fn jobs_bell(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.jobs)
    }

    pub(crate) fn node(&self) -> &str {
        &self.shared.node
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.shared.readers
    }

    pub(crate) fn following(&self) -> &tokio::sync::Mutex<Connection> {
        &self.shared.following
    }

    /// Shards that this node holds.
    #[must_use]
    pub fn held_shards(&self) -> Vec<Shard> {
        let held = self.shared.held();
        held.into_iter().map(|lease| lease.shard).collect()
    }

    /// Takes shards and ends what was being sent under their older leases. Returns what was
    /// newly taken, whatever becomes of those sends: nobody else would serve it. They are not
    /// waited for so long that the leases could run out meanwhile.
    pub(super) async fn take(&self, own: bool, except: &[Shard]) -> Result<Vec<Lease>, StoreError> {
        let shared = &self.shared;
        let link = shared.readers.link().await?;
        let (node, life) = (&shared.node, shared.lease_life);
        let taken = leases::take(&link, node, life, &shared.held(), own, except).await?;
        shared.hold(&taken);
        if taken.is_empty() {
            return Ok(taken);
        }
        // What fails here is made good by the tenants: sends on their way make them busy, and
        // each that runs calls `expire_unknown` again and again.
        match tokio::time::timeout(life / 5, self.end_orphans(&link, &taken)).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::warn!(%fault, "sends of older leases were not ended"),
            Err(_elapsed) => tracing::warn!("sends of older leases are not ended yet"),
        }
        Ok(taken)
    }

    /// Through the lane, since clients are told; all at once, so that they share transactions.
    async fn end_orphans(&self, link: &Link, taken: &[Lease]) -> Result<(), StoreError> {
        let orphaned = leases::with_orphaned_sends(link, taken).await?;
        let ends = orphaned
            .into_iter()
            .map(|(tenant, lease)| self.expire_unknown(lease, tenant));
        let ends = futures_util::future::join_all(ends).await;
        ends.into_iter().collect()
    }

    /// Queues a job at once and returns the future of its answer.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        lease: Lease,
        tenant: TenantId,
        work: impl FnOnce(Reply<T>) -> Work,
    ) -> PortFuture<Result<T, StoreError>> {
        let (reply, answer) = oneshot::channel();
        self.shared.lane.submit(Job {
            lease,
            tenant,
            work: work(reply),
        });
        Box::pin(async move {
            answer
                .await
                .map_err(|_closed| StoreError::Unavailable("the lane has ended".to_owned()))?
        })
    }

    /// Runs a read on a clone of this handle.
    pub(super) fn read<T, F>(
        &self,
        run: impl FnOnce(Arc<Shared>) -> F,
    ) -> PortFuture<Result<T, StoreError>>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        Box::pin(run(self.shared.clone()))
    }
}

impl Shared {
    pub(super) fn held(&self) -> Vec<Lease> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.values().copied().collect()
    }

    fn hold(&self, leases: &[Lease]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(leases.iter().map(|lease| (lease.shard, *lease)));
    }

    pub(super) fn lose(&self, leases: &[Lease]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, lease| !leases.contains(lease));
    }
}
