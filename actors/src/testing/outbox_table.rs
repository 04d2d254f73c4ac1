//! The outbox's rows with the indexes that a claim needs, so that a test of tens of thousands of
//! messages stays quick.

use super::rows::{OutboxRow, SendState};
use papo_domain::conversation::SendClass;
use papo_domain::{ChannelId, ConversationId, MessageId, TenantId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Queued rows of one channel in the order in which tokens are spent.
type Queue = BTreeSet<(SendClass, Timestamp, u64, MessageId)>;

/// Rows by id. Every change goes through [`OutboxTable::update`].
#[derive(Debug, Default)]
pub(super) struct OutboxTable {
    rows: BTreeMap<MessageId, OutboxRow>,
    /// Queued, sending and unknown rows by place: what stands in the way of later ones.
    open: HashMap<ConversationId, BTreeMap<u64, MessageId>>,
    queued: HashMap<(TenantId, ChannelId), Queue>,
    /// Queued rows by time.
    due: HashMap<TenantId, BTreeSet<(Timestamp, MessageId)>>,
    /// Unknown rows by the time at which they are given up.
    unknown: HashMap<TenantId, BTreeSet<(Timestamp, MessageId)>>,
    /// Rows by the provider's id, which does not change.
    named: HashMap<(TenantId, ChannelId, String), MessageId>,
}

impl OutboxTable {
    pub(super) fn insert(&mut self, row: OutboxRow) {
        self.index(&row);
        self.rows.insert(row.id, row);
    }

    pub(super) fn get(&self, id: MessageId) -> Option<&OutboxRow> {
        self.rows.get(&id)
    }

    /// Changes a row and returns how it is now.
    pub(super) fn update(
        &mut self,
        id: MessageId,
        change: impl FnOnce(&mut OutboxRow),
    ) -> Option<&OutboxRow> {
        let mut row = self.rows.remove(&id)?;
        self.unindex(&row);
        change(&mut row);
        self.insert(row);
        self.get(id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &OutboxRow> {
        self.rows.values()
    }

    /// The conversation's queued, sending and unknown rows, oldest first.
    pub(super) fn open(&self, conversation: ConversationId) -> impl Iterator<Item = &OutboxRow> {
        let open = self.open.get(&conversation).into_iter();
        open.flat_map(BTreeMap::values)
            .filter_map(|id| self.rows.get(id))
    }

    /// The channel's queued rows by class, then time.
    pub(super) fn queued(
        &self,
        tenant: TenantId,
        channel: ChannelId,
    ) -> impl Iterator<Item = &OutboxRow> {
        let queued = self.queued.get(&(tenant, channel)).into_iter().flatten();
        queued.filter_map(|(.., id)| self.rows.get(id))
    }

    /// The row that the provider calls `external_id`.
    pub(super) fn named(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: &str,
    ) -> Option<&OutboxRow> {
        let id = self.named.get(&(tenant, channel, external_id.to_owned()))?;
        self.rows.get(id)
    }

    /// When the tenant's next queued row is due.
    pub(super) fn next_due(&self, tenant: TenantId) -> Option<Timestamp> {
        let (at, _) = self.due.get(&tenant)?.first()?;
        Some(*at)
    }

    /// Whether anything is queued, on its way, or waits to be heard of.
    pub(super) fn has_open(&self, tenant: TenantId) -> bool {
        let mut open = self.open.values().flat_map(BTreeMap::values);
        open.any(|id| self.rows.get(id).is_some_and(|row| row.tenant == tenant))
    }

    /// Unknown rows whose time is over.
    pub(super) fn expired(&self, tenant: TenantId, now: Timestamp) -> Vec<MessageId> {
        let unknown = self.unknown.get(&tenant).into_iter().flatten();
        unknown
            .take_while(|(at, _)| *at <= now)
            .map(|(_, id)| *id)
            .collect()
    }

    fn index(&mut self, row: &OutboxRow) {
        if let Some(external_id) = &row.external_id {
            let name = (row.tenant, row.channel, external_id.clone());
            self.named.insert(name, row.id);
        }
        if row.is_open() {
            let open = self.open.entry(row.conversation).or_default();
            open.insert(row.seq, row.id);
        }
        match row.state {
            SendState::Queued => {
                let queued = self.queued.entry((row.tenant, row.channel)).or_default();
                queued.insert((row.class, row.due_at, row.seq, row.id));
                let due = self.due.entry(row.tenant).or_default();
                due.insert((row.due_at, row.id));
            }
            SendState::Unknown => {
                let unknown = self.unknown.entry(row.tenant).or_default();
                unknown.insert((row.due_at, row.id));
            }
            _ => {}
        }
    }

    fn unindex(&mut self, row: &OutboxRow) {
        if let Some(open) = self.open.get_mut(&row.conversation) {
            open.remove(&row.seq);
        }
        if let Some(queued) = self.queued.get_mut(&(row.tenant, row.channel)) {
            queued.remove(&(row.class, row.due_at, row.seq, row.id));
        }
        for index in [&mut self.due, &mut self.unknown] {
            if let Some(timed) = index.get_mut(&row.tenant) {
                timed.remove(&(row.due_at, row.id));
            }
        }
    }
}

impl OutboxRow {
    fn is_open(&self) -> bool {
        matches!(
            self.state,
            SendState::Queued | SendState::Sending | SendState::Unknown
        )
    }
}
