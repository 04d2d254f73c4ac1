//! The port, method by method: what to ask, and of whom. Nothing is decided here.

use super::store::PgEngineStore;
use crate::engine::{desk, leases, load, reads};
use crate::lane::{Job, Work, peers};
use papo_domain::Timestamp;
use papo_domain::ids::{ChannelId, ConversationId, Shard, TenantId};
use papo_domain::ports::{
    Activation, ChannelHealth, Claimed, Commit, CommitError, Committed, CustomerChange,
    CustomerOutcome, EngineStore, InboxRow, InboxVerdict, Incident, Lease, LiveEvent, OpenClaim,
    PeerQuery, PortFuture, ResolvedPeer, SendReport, StatusOutcome, StatusUpdate, StoreError,
    TenantRecord, Wake,
};
use papo_domain::routing::DeskRecord;
use tokio::sync::oneshot;

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
