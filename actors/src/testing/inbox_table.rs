//! The inbox's rows with the indexes that the pump needs, so that a test of tens of thousands of
//! messages stays quick.

use super::rows::{InboxEntry, InboxState};
use papo_domain::{ChannelId, TenantId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tenant, channel, and the provider's id.
type Key = (TenantId, ChannelId, String);

/// Rows by id. Every change goes through [`InboxTable::update`].
#[derive(Debug, Default)]
pub(super) struct InboxTable {
    rows: BTreeMap<i64, InboxEntry>,
    keys: HashMap<Key, i64>,
    /// Pending and parked rows.
    open: BTreeMap<TenantId, BTreeSet<i64>>,
    /// Parked statuses by the message they wait for.
    waiting: HashMap<Key, BTreeSet<i64>>,
}

impl InboxTable {
    pub(super) fn insert(&mut self, row: InboxEntry) {
        let key = (row.tenant, row.channel, row.external_id.clone());
        self.keys.insert(key, row.id);
        self.put(row);
    }

    pub(super) fn get(&self, id: i64) -> Option<&InboxEntry> {
        self.rows.get(&id)
    }

    /// The row that has this key.
    pub(super) fn known(&self, tenant: TenantId, channel: ChannelId, key: &str) -> Option<i64> {
        self.keys.get(&(tenant, channel, key.to_owned())).copied()
    }

    /// Changes a row and returns how it is now.
    pub(super) fn update(
        &mut self,
        id: i64,
        change: impl FnOnce(&mut InboxEntry),
    ) -> Option<&InboxEntry> {
        let mut row = self.rows.remove(&id)?;
        if let Some(open) = self.open.get_mut(&row.tenant) {
            open.remove(&id);
        }
        if let Some(key) = row.waits_for()
            && let Some(waiting) = self.waiting.get_mut(&key)
        {
            waiting.remove(&id);
        }
        change(&mut row);
        self.put(row);
        self.get(id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &InboxEntry> {
        self.rows.values()
    }

    /// The tenant's pending rows after `after`, in order.
    pub(super) fn pending(
        &self,
        tenant: TenantId,
        after: i64,
    ) -> impl Iterator<Item = &InboxEntry> {
        let open = self.open.get(&tenant).into_iter();
        open.flat_map(move |ids| ids.range(after.saturating_add(1)..))
            .filter_map(|id| self.rows.get(id))
            .filter(|row| row.is_pending())
    }

    /// The tenant's parked rows whose time has come.
    pub(super) fn ripe(&self, tenant: TenantId, now: Timestamp) -> Vec<i64> {
        let open = self.open.get(&tenant).into_iter().flatten();
        open.filter_map(|id| self.rows.get(id))
            .filter(|row| row.is_ripe(now))
            .map(|row| row.id)
            .collect()
    }

    /// Tenants with rows that are due.
    pub(super) fn busy(&self, now: Timestamp) -> Vec<TenantId> {
        let tenants = self.open.keys().copied();
        tenants
            .filter(|tenant| {
                self.pending(*tenant, 0).next().is_some() || !self.ripe(*tenant, now).is_empty()
            })
            .collect()
    }

    /// Parked statuses of the message that the provider calls `key`.
    pub(super) fn waiting(&self, tenant: TenantId, channel: ChannelId, key: &str) -> Vec<i64> {
        let ids = self.waiting.get(&(tenant, channel, key.to_owned()));
        ids.into_iter().flatten().copied().collect()
    }

    fn put(&mut self, row: InboxEntry) {
        if matches!(row.state, InboxState::Pending | InboxState::Parked) {
            self.open.entry(row.tenant).or_default().insert(row.id);
        }
        if let Some(key) = row.waits_for() {
            self.waiting.entry(key).or_default().insert(row.id);
        }
        self.rows.insert(row.id, row);
    }
}

impl InboxEntry {
    /// Whether it is a parked status, and for which message.
    fn waits_for(&self) -> Option<Key> {
        let key = self.wake_key.clone()?;
        (self.state == InboxState::Parked).then_some((self.tenant, self.channel, key))
    }

    pub(super) fn is_pending(&self) -> bool {
        self.state == InboxState::Pending
    }

    fn is_ripe(&self, now: Timestamp) -> bool {
        self.state == InboxState::Parked && self.next_at.is_some_and(|at| at <= now)
    }

    /// The effect is there; only the key stays.
    pub(super) fn finish(&mut self) {
        self.state = InboxState::Done;
        self.item = None;
        self.next_at = None;
        self.wake_key = None;
    }
}
