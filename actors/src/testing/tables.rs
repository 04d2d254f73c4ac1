//! The fake database: its tables, and what every write begins with. The rules of each port call
//! lie in the module of that call.

use super::clock::ManualClock;
use super::customers::Merged;
use super::inbox_table::InboxTable;
use super::outbox_table::OutboxTable;
use super::rows::{ConversationRow, LeaseRow, TenantRow};
use papo_domain::ports::{
    AliasKind, ChannelHealth, Clock, CommitError, Idempotency, Incident, Lease, StoreError,
    Unrouted,
};
use papo_domain::{
    ChannelId, ConversationId, CustomerId, MergeId, Shard, TenantId, Timestamp, UserId,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The database.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) clock: Arc<ManualClock>,
    pub(super) lease_time: Duration,
    pub(super) leases: BTreeMap<Shard, LeaseRow>,
    pub(super) tenants: BTreeMap<TenantId, TenantRow>,
    pub(super) customers: HashMap<(TenantId, AliasKind, String), CustomerId>,
    pub(super) names: HashMap<CustomerId, Option<String>>,
    /// Merges that stand.
    pub(super) merges: HashMap<MergeId, Merged>,
    pub(super) peers: HashMap<(TenantId, ChannelId, AliasKind, String), ConversationId>,
    pub(super) conversations: BTreeMap<ConversationId, ConversationRow>,
    pub(super) inbox: InboxTable,
    pub(super) outbox: OutboxTable,
    /// Provider ids of messages that came from outside.
    pub(super) heard: HashSet<(TenantId, ChannelId, String)>,
    pub(super) keys: HashMap<(TenantId, UserId, String), Idempotency>,
    pub(super) incidents: Vec<(TenantId, Incident)>,
    pub(super) health: HashMap<ChannelId, ChannelHealth>,
    pub(super) unrouted: Vec<Unrouted>,
    /// Raw bodies of accepted deliveries.
    pub(super) deliveries: Vec<Vec<u8>>,
    /// What the engine did that it must never do.
    pub(super) violations: Vec<String>,
    pub(super) booms: u32,
    pub(super) last_number: i64,
    /// Tenant and stream `seq` of events that no sink was offered yet.
    pub(super) fresh: BTreeMap<TenantId, Vec<u64>>,
    pub(super) rings: BTreeSet<TenantId>,
}

/// The caller's lease is not the shard's.
#[derive(Debug)]
pub(super) struct Fenced;

impl From<Fenced> for StoreError {
    fn from(_: Fenced) -> Self {
        Self::Fenced
    }
}

impl From<Fenced> for CommitError {
    fn from(_: Fenced) -> Self {
        Self::Fenced
    }
}

impl Tables {
    pub(super) fn new(clock: Arc<ManualClock>) -> Self {
        Self {
            clock,
            lease_time: Duration::from_secs(15),
            leases: BTreeMap::new(),
            tenants: BTreeMap::new(),
            customers: HashMap::new(),
            names: HashMap::new(),
            merges: HashMap::new(),
            peers: HashMap::new(),
            conversations: BTreeMap::new(),
            inbox: InboxTable::default(),
            outbox: OutboxTable::default(),
            heard: HashSet::new(),
            keys: HashMap::new(),
            incidents: Vec::new(),
            health: HashMap::new(),
            unrouted: Vec::new(),
            deliveries: Vec::new(),
            violations: Vec::new(),
            booms: 0,
            last_number: 0,
            fresh: BTreeMap::new(),
            rings: BTreeSet::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The next number of the one sequence that every table draws from.
    pub(super) fn number(&mut self) -> i64 {
        self.last_number += 1;
        self.last_number
    }

    /// The number of a new process.
    pub(super) fn process(&mut self) -> u64 {
        u64::try_from(self.number()).unwrap_or_default()
    }

    /// A new id; the same in every run.
    pub(super) fn id(&mut self) -> Uuid {
        Uuid::from_u128(u128::try_from(self.number()).unwrap_or_default())
    }

    /// Records what the engine must never do, and ends the caller.
    pub(super) fn violate(&mut self, what: impl Into<String>) -> ! {
        let what = what.into();
        self.violations.push(what.clone());
        panic!("invariant broken: {what}");
    }

    /// Refuses a writer whose lease is not the newest of its tenant's shard.
    pub(super) fn fence(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
    ) -> Result<(), Fenced> {
        match self.tenants.get(&tenant) {
            Some(row) if row.record.shard == lease.shard => {}
            Some(row) => {
                let shard = row.record.shard;
                self.violate(format!("{lease:?} used for tenant {tenant} of {shard:?}"));
            }
            None => self.violate(format!("a write for tenant {tenant}, which does not exist")),
        }
        if self.holds(node, lease) {
            Ok(())
        } else {
            Err(Fenced)
        }
    }

    /// Whether `lease` is still `node`'s. A lease that has run out holds until it is taken.
    pub(super) fn holds(&self, node: &str, lease: Lease) -> bool {
        self.leases
            .get(&lease.shard)
            .is_some_and(|row| row.node.as_deref() == Some(node) && row.epoch == lease.epoch)
    }

    pub(super) fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Option<&ConversationRow> {
        self.conversations
            .get(&id)
            .filter(|row| row.tenant == tenant)
    }
}
