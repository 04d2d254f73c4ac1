//! The port, method by method: what to ask, and of whom. Nothing is decided here.

use crate::engine::connection::Connection;
use crate::engine::heads::Heads;
use crate::engine::link::{Link, Opener};
use crate::engine::readers::Readers;
use crate::engine::settings::EngineSettings;
use crate::engine::{desk, leases, load, reads};
use crate::lane::{Job, Lane, Pace, Reply, Work, peers};
use crate::session::BadAddress;
use papo_domain::Timestamp;
use papo_domain::ids::{ChannelId, ConversationId, Shard, TenantId};
use papo_domain::ports::{
    Activation, ChannelHealth, Claimed, Commit, CommitError, Committed, CustomerChange,
    CustomerOutcome, EngineStore, EventSink, InboxRow, InboxVerdict, Incident, Lease, LiveEvent,
    OpenClaim, PeerQuery, PortFuture, ResolvedPeer, SendReport, StatusOutcome, StatusUpdate,
    StoreError, TenantRecord, Wake,
};
use papo_domain::routing::DeskRecord;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

/// PostgreSQL as the engine's store. Cheap to clone; the lanes end with the last clone.
#[derive(Clone)]
pub struct PgEngineStore {
    shared: Arc<Shared>,
}

struct Shared {
    node: String,
    lease_life: Duration,
    lane: Lane,
    readers: Readers,
    heads: Heads,
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
    async fn take(&self, own: bool, except: &[Shard]) -> Result<Vec<Lease>, StoreError> {
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
    fn ask<T: Send + 'static>(
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
    fn read<T, F>(&self, run: impl FnOnce(Arc<Shared>) -> F) -> PortFuture<Result<T, StoreError>>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        Box::pin(run(self.shared.clone()))
    }
}

impl Shared {
    fn held(&self) -> Vec<Lease> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.values().copied().collect()
    }

    fn hold(&self, leases: &[Lease]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend(leases.iter().map(|lease| (lease.shard, *lease)));
    }

    fn lose(&self, leases: &[Lease]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, lease| !leases.contains(lease));
    }
}

impl EngineStore for PgEngineStore {
    fn take_leases(&self) -> PortFuture<Result<Vec<Lease>, StoreError>> {
        let store = self.clone();
        Box::pin(async move {
            store.take(true, &[]).await?;
            Ok(store.shared.held())
        })
    }

    fn take_expired(&self, except: Vec<Shard>) -> PortFuture<Result<Vec<Lease>, StoreError>> {
        let store = self.clone();
        Box::pin(async move { store.take(false, &except).await })
    }

    fn renew_leases(&self, held: Vec<Lease>) -> PortFuture<Result<Vec<Lease>, StoreError>> {
        self.read(|shared| async move {
            let link = shared.readers.link().await?;
            let still = leases::renew(&link, &shared.node, shared.lease_life, &held).await?;
            let lost: Vec<Lease> = held.into_iter().filter(|l| !still.contains(l)).collect();
            shared.lose(&lost);
            Ok(still)
        })
    }

    fn release_leases(&self, held: Vec<Lease>) -> PortFuture<Result<(), StoreError>> {
        self.read(|shared| async move {
            let link = shared.readers.link().await?;
            leases::release(&link, &shared.node, &held).await?;
            shared.lose(&held);
            Ok(())
        })
    }

    fn busy_tenants(&self, shards: Vec<Shard>) -> PortFuture<Result<Vec<TenantId>, StoreError>> {
        self.read(|shared| async move { Ok(reads::busy_tenants(&shared.readers, &shards).await?) })
    }

    fn load_tenant(&self, tenant: TenantId) -> PortFuture<Result<TenantRecord, StoreError>> {
        self.read(
            |shared| async move { load::tenant(&shared.readers, &shared.heads, tenant).await },
        )
    }

    fn load_desk(&self, tenant: TenantId) -> PortFuture<Result<DeskRecord, StoreError>> {
        self.read(|shared| async move { Ok(desk::load(&shared.readers, tenant).await?) })
    }

    fn due_inbox(
        &self,
        tenant: TenantId,
        after: i64,
        limit: u32,
    ) -> PortFuture<Result<Vec<InboxRow>, StoreError>> {
        self.read(|shared| async move {
            Ok(reads::due_inbox(&shared.readers, tenant, after, limit).await?)
        })
    }

    fn count_attempts(
        &self,
        lease: Lease,
        tenant: TenantId,
        ids: Vec<i64>,
    ) -> PortFuture<Result<Vec<u32>, StoreError>> {
        self.ask(lease, tenant, |reply| Work::CountAttempts { ids, reply })
    }

    fn settle_inbox(
        &self,
        lease: Lease,
        tenant: TenantId,
        verdicts: Vec<InboxVerdict>,
    ) -> PortFuture<Result<(), StoreError>> {
        self.ask(lease, tenant, |reply| Work::SettleInbox { verdicts, reply })
    }

    fn resolve_peers(
        &self,
        lease: Lease,
        tenant: TenantId,
        queries: Vec<PeerQuery>,
    ) -> PortFuture<Result<Vec<ResolvedPeer>, StoreError>> {
        let store = self.clone();
        // Nearly always everybody is known: no need to trouble the lane.
        self.read(|shared| async move {
            let asked: Vec<_> = queries.iter().map(|query| (tenant, query)).collect();
            let link = shared.readers.link().await?;
            if let Some(found) = peers::find(&link, &asked).await? {
                return Ok(found);
            }
            store
                .ask(lease, tenant, |reply| Work::ResolvePeers { queries, reply })
                .await
        })
    }

    fn change_customer(
        &self,
        lease: Lease,
        tenant: TenantId,
        change: CustomerChange,
    ) -> PortFuture<Result<CustomerOutcome, StoreError>> {
        let change = Box::new(change);
        self.ask(lease, tenant, |reply| Work::ChangeCustomer {
            change,
            reply,
        })
    }

    fn activate(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
    ) -> PortFuture<Result<Activation, StoreError>> {
        self.read(|shared| async move {
            load::conversation(&shared.readers, tenant, conversation).await
        })
    }

    fn commit(&self, lease: Lease, commit: Commit) -> PortFuture<Result<Committed, CommitError>> {
        let (reply, answer) = oneshot::channel();
        let bell = (!commit.jobs.is_empty()).then(|| self.jobs_bell());
        self.shared.lane.submit(Job {
            lease,
            tenant: commit.tenant,
            work: Work::Commit {
                commit: Box::new(commit),
                reply,
            },
        });
        Box::pin(async move {
            let done = answer
                .await
                .map_err(|_closed| CommitError::Unknown("the lane has ended".to_owned()))?;
            if let Some(bell) = bell {
                bell.notify_one();
            }
            done
        })
    }

    fn apply_statuses(
        &self,
        lease: Lease,
        tenant: TenantId,
        statuses: Vec<(i64, ChannelId, StatusUpdate)>,
    ) -> PortFuture<Result<Vec<StatusOutcome>, StoreError>> {
        self.ask(lease, tenant, |reply| Work::ApplyStatuses {
            rows: statuses,
            reply,
        })
    }

    fn claim(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        limit: u32,
    ) -> PortFuture<Result<Vec<Claimed>, StoreError>> {
        self.ask(lease, tenant, |reply| Work::Claim {
            channel,
            limit,
            reply,
        })
    }

    fn open_claims(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
    ) -> PortFuture<Result<Vec<OpenClaim>, StoreError>> {
        self.ask(lease, tenant, |reply| Work::OpenClaims { channel, reply })
    }

    fn settle_sends(
        &self,
        lease: Lease,
        tenant: TenantId,
        reports: Vec<SendReport>,
    ) -> PortFuture<Result<(), StoreError>> {
        self.ask(lease, tenant, |reply| Work::SettleSends { reports, reply })
    }

    fn expire_unknown(&self, lease: Lease, tenant: TenantId) -> PortFuture<Result<(), StoreError>> {
        self.ask(lease, tenant, |reply| Work::ExpireUnknown { reply })
    }

    fn next_send(&self, tenant: TenantId) -> PortFuture<Result<Option<Timestamp>, StoreError>> {
        self.read(|shared| async move { Ok(reads::next_send(&shared.readers, tenant).await?) })
    }

    fn record_incident(
        &self,
        lease: Lease,
        tenant: TenantId,
        incident: Incident,
    ) -> PortFuture<Result<(), StoreError>> {
        self.ask(lease, tenant, |reply| Work::RecordIncident {
            incident,
            reply,
        })
    }

    fn set_channel_health(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        health: ChannelHealth,
    ) -> PortFuture<Result<(), StoreError>> {
        self.ask(lease, tenant, |reply| Work::SetChannelHealth {
            channel,
            health,
            reply,
        })
    }

    fn due_wakes(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> PortFuture<Result<Vec<Wake>, StoreError>> {
        self.read(|shared| async move {
            Ok(reads::due_wakes(&shared.readers, tenant, before, limit).await?)
        })
    }

    fn events_after(
        &self,
        tenant: TenantId,
        after: u64,
        limit: u32,
    ) -> PortFuture<Result<Vec<LiveEvent>, StoreError>> {
        self.read(|shared| async move {
            Ok(reads::events_after(&shared.readers, tenant, after, limit).await?)
        })
    }

    fn head(&self, tenant: TenantId) -> PortFuture<Result<u64, StoreError>> {
        self.read(|shared| async move {
            let link = shared.readers.link().await?;
            Ok(shared.heads.of(&link, tenant).await?)
        })
    }
}
