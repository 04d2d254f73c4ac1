//! One node's view of the world: the ports that the engine and the webhook write to.

use super::faults::{Faults, Site};
use super::node::Node;
use papo_domain::ports::{
    Activation, ChannelHealth, Claimed, Commit, CommitError, Committed, CustomerChange,
    CustomerOutcome, EngineStore, EventSink, InboxError, InboxRow, InboxVerdict, InboxWriter,
    Incident, Lease, LiveEvent, OpenClaim, PeerQuery, PortFuture, ResolvedPeer, SendReport,
    StatusOutcome, StatusUpdate, StoreError, TenantRecord, Unrouted, Update, Wake,
};
use papo_domain::routing::DeskRecord;
use papo_domain::{ChannelId, ConversationId, Shard, TenantId, Timestamp};
use std::sync::Arc;

type Stored<T> = PortFuture<Result<T, StoreError>>;

/// A process's connection to a [`super::World`], made by [`super::World::node`].
pub struct InMemoryStore {
    pub(super) node: Arc<Node>,
}

impl InMemoryStore {
    /// What goes wrong on this node.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.node.faults
    }

    /// Where this node's commits and doorbells are handed over, instead of any sink before.
    pub fn connect(&self, sink: Arc<dyn EventSink>) {
        self.node.connect(sink);
    }

    /// `kill -9`: calls that have not taken effect never will, and no call is answered any more.
    pub fn kill(&self) {
        self.node.kill();
    }

    fn node(&self) -> Arc<Node> {
        Arc::clone(&self.node)
    }
}

impl EngineStore for InMemoryStore {
    fn take_leases(&self) -> Stored<Vec<Lease>> {
        self.node().write(Site::TakeLeases, |t, node| {
            Ok(t.take_leases(&node.name, node.process))
        })
    }

    fn take_expired(&self, except: Vec<Shard>) -> Stored<Vec<Lease>> {
        self.node().write(Site::TakeExpired, move |t, node| {
            Ok(t.take_expired(&node.name, node.process, &except))
        })
    }

    fn renew_leases(&self, held: Vec<Lease>) -> Stored<Vec<Lease>> {
        self.node().write(Site::RenewLeases, move |t, node| {
            Ok(t.renew_leases(&node.name, &held))
        })
    }

    fn release_leases(&self, held: Vec<Lease>) -> Stored<()> {
        self.node().write(Site::ReleaseLeases, move |t, node| {
            t.release_leases(&node.name, &held);
            Ok(())
        })
    }

    fn busy_tenants(&self, shards: Vec<Shard>) -> Stored<Vec<TenantId>> {
        self.node()
            .read(Site::BusyTenants, move |t, _| Ok(t.busy_tenants(&shards)))
    }

    fn load_tenant(&self, tenant: TenantId) -> Stored<TenantRecord> {
        self.node()
            .read(Site::LoadTenant, move |t, _| t.load_tenant(tenant))
    }

    fn load_desk(&self, tenant: TenantId) -> Stored<DeskRecord> {
        self.node()
            .read(Site::LoadDesk, move |t, _| Ok(t.load_desk(tenant)))
    }

    fn due_inbox(&self, tenant: TenantId, after: i64, limit: u32) -> Stored<Vec<InboxRow>> {
        self.node().read(Site::DueInbox, move |t, _| {
            Ok(t.due_inbox(tenant, after, limit))
        })
    }

    fn count_attempts(&self, lease: Lease, tenant: TenantId, ids: Vec<i64>) -> Stored<Vec<u32>> {
        self.node().write(Site::CountAttempts, move |t, node| {
            Ok(t.count_attempts(&node.name, lease, tenant, &ids)?)
        })
    }

    fn settle_inbox(
        &self,
        lease: Lease,
        tenant: TenantId,
        verdicts: Vec<InboxVerdict>,
    ) -> Stored<()> {
        self.node().write(Site::SettleInbox, move |t, node| {
            Ok(t.settle_inbox(&node.name, lease, tenant, verdicts)?)
        })
    }

    fn resolve_peers(
        &self,
        lease: Lease,
        tenant: TenantId,
        queries: Vec<PeerQuery>,
    ) -> Stored<Vec<ResolvedPeer>> {
        self.node().write(Site::ResolvePeers, move |t, node| {
            Ok(t.resolve_peers(&node.name, lease, tenant, &queries)?)
        })
    }

    fn change_customer(
        &self,
        lease: Lease,
        tenant: TenantId,
        change: CustomerChange,
    ) -> Stored<CustomerOutcome> {
        self.node().write(Site::ChangeCustomer, move |t, node| {
            Ok(t.change_customer(&node.name, lease, tenant, change)?)
        })
    }

    fn activate(&self, tenant: TenantId, conversation: ConversationId) -> Stored<Activation> {
        self.node()
            .read(Site::Activate, move |t, _| t.activate(tenant, conversation))
    }

    fn commit(&self, lease: Lease, commit: Commit) -> PortFuture<Result<Committed, CommitError>> {
        let node = self.node();
        Box::pin(async move {
            let conversation = commit.conversation;
            let _slot = Arc::clone(&node).enter(conversation);
            node.write(Site::Commit, move |t, node| {
                let poisoned = node.faults.is_poisoned(conversation);
                t.commit(&node.name, lease, commit, poisoned)
            })
            .await
        })
    }

    fn apply_statuses(
        &self,
        lease: Lease,
        tenant: TenantId,
        statuses: Vec<(i64, ChannelId, StatusUpdate)>,
    ) -> Stored<Vec<StatusOutcome>> {
        self.node().write(Site::ApplyStatuses, move |t, node| {
            Ok(t.apply_statuses(&node.name, lease, tenant, &statuses)?)
        })
    }

    fn claim(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        limit: u32,
    ) -> Stored<Vec<Claimed>> {
        self.node().write(Site::Claim, move |t, node| {
            Ok(t.claim(&node.name, lease, tenant, channel, limit)?)
        })
    }

    fn open_claims(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Stored<Vec<OpenClaim>> {
        self.node().read(Site::OpenClaims, move |t, _| {
            Ok(t.open_claims(lease, tenant, channel))
        })
    }

    fn settle_sends(&self, lease: Lease, tenant: TenantId, reports: Vec<SendReport>) -> Stored<()> {
        self.node().write(Site::SettleSends, move |t, node| {
            Ok(t.settle_sends(&node.name, lease, tenant, reports)?)
        })
    }

    fn expire_unknown(&self, lease: Lease, tenant: TenantId) -> Stored<()> {
        self.node().write(Site::ExpireUnknown, move |t, node| {
            Ok(t.expire_unknown(&node.name, lease, tenant)?)
        })
    }

    fn next_send(&self, tenant: TenantId) -> Stored<Option<Timestamp>> {
        self.node()
            .read(Site::NextSend, move |t, _| Ok(t.next_send(tenant)))
    }

    fn record_incident(&self, lease: Lease, tenant: TenantId, incident: Incident) -> Stored<()> {
        self.node().write(Site::RecordIncident, move |t, node| {
            t.fence(&node.name, lease, tenant)?;
            t.incidents.push((tenant, incident));
            Ok(())
        })
    }

    fn set_channel_health(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        health: ChannelHealth,
    ) -> Stored<()> {
        self.node().write(Site::SetChannelHealth, move |t, node| {
            t.fence(&node.name, lease, tenant)?;
            t.health.insert(channel, health);
            Ok(())
        })
    }

    fn due_wakes(&self, tenant: TenantId, before: Timestamp, limit: u32) -> Stored<Vec<Wake>> {
        self.node().read(Site::DueWakes, move |t, _| {
            Ok(t.due_wakes(tenant, before, limit))
        })
    }

    fn events_after(&self, tenant: TenantId, after: u64, limit: u32) -> Stored<Vec<LiveEvent>> {
        self.node().read(Site::EventsAfter, move |t, _| {
            Ok(t.events_after(tenant, after, limit))
        })
    }

    fn head(&self, tenant: TenantId) -> Stored<u64> {
        self.node().read(Site::Head, move |t, _| Ok(t.head(tenant)))
    }
}

impl InboxWriter for InMemoryStore {
    fn accept(
        &self,
        updates: Vec<Update>,
        unrouted: Vec<Unrouted>,
        raw: Vec<u8>,
    ) -> PortFuture<Result<(), InboxError>> {
        self.node().write(Site::Accept, move |t, _| {
            t.accept(&updates, unrouted, raw);
            Ok(())
        })
    }
}
