//! The inbox: what arrives, what is due, what becomes of it.

use super::rows::{InboxEntry, InboxState, bound};
use super::tables::{Fenced, Tables};
use papo_domain::ports::{InboxRow, InboxVerdict, Lease, Unrouted, Update};
use papo_domain::{ChannelId, TenantId};

impl Tables {
    pub(super) fn accept(&mut self, updates: &[Update], unrouted: Vec<Unrouted>, raw: Vec<u8>) {
        self.deliveries.push(raw);
        self.unrouted.extend(unrouted);
        for update in updates {
            let item = match serde_json::to_string(&update.item) {
                Ok(item) => item,
                Err(fault) => self.violate(format!("an inbox item cannot be written: {fault}")),
            };
            self.receive(update.tenant, update.channel, &update.external_id, item);
        }
    }

    /// Stores one item and rings, unless its key is known. Returns the row that has the key.
    pub(super) fn receive(
        &mut self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: &str,
        item: String,
    ) -> i64 {
        let known = self
            .tenants
            .get(&tenant)
            .is_some_and(|t| t.record.channels.contains(&channel));
        if !known {
            self.violate(format!(
                "an item for channel {channel}, which tenant {tenant} lacks"
            ));
        }
        if let Some(id) = self.inbox.known(tenant, channel, external_id) {
            return id;
        }
        let id = self.number();

        let entry = InboxEntry {
            id,
            tenant,
            channel,
            external_id: external_id.to_owned(),
            item: Some(item),
            state: InboxState::Pending,
            attempts: 0,
            next_at: None,
            wake_key: None,
            reason: None,
        };
        self.inbox.insert(entry);
        self.ring(tenant);
        id
    }

    pub(super) fn due_inbox(&self, tenant: TenantId, after: i64, limit: u32) -> Vec<InboxRow> {
        let now = self.now();
        self.inbox
            .due(tenant, after, now)
            .take(bound(limit))
            .map(|row| InboxRow {
                id: row.id,
                channel: row.channel,
                external_id: row.external_id.clone(),
                item: row
                    .item
                    .as_deref()
                    .and_then(|item| serde_json::from_str(item).ok()),
                attempts: row.attempts,
            })
            .collect()
    }

    pub(super) fn count_attempts(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<u32>, Fenced> {
        self.fence(node, lease, tenant)?;
        let mut counts = Vec::new();
        for id in ids {
            self.known_row(tenant, *id);
            let row = self.inbox.update(*id, |row| row.attempts += 1);
            counts.extend(row.map(|row| row.attempts));
        }
        Ok(counts)
    }

    pub(super) fn settle_inbox(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        verdicts: Vec<InboxVerdict>,
    ) -> Result<(), Fenced> {
        self.fence(node, lease, tenant)?;
        for verdict in verdicts {
            let (InboxVerdict::Done { id }
            | InboxVerdict::Retry { id, .. }
            | InboxVerdict::Dead { id, .. }) = verdict;
            let state = self.known_row(tenant, id).state;
            if matches!(state, InboxState::Done | InboxState::Dead) {
                continue;
            }
            self.inbox.update(id, |row| match verdict {
                InboxVerdict::Done { .. } => row.finish(),
                InboxVerdict::Retry { at, .. } => {
                    row.state = InboxState::Parked;
                    row.next_at = Some(at);
                    row.wake_key = None;
                }
                InboxVerdict::Dead { reason, .. } => {
                    row.state = InboxState::Dead;
                    row.reason = Some(reason);
                }
            });
        }
        Ok(())
    }

    /// A row that the engine was given before.
    pub(super) fn known_row(&mut self, tenant: TenantId, id: i64) -> InboxEntry {
        match self.inbox.get(id).filter(|row| row.tenant == tenant) {
            Some(row) => row.clone(),
            None => self.violate(format!("tenant {tenant} has no inbox row {id}")),
        }
    }
}
