//! The inbox: what arrives, what is due, what becomes of it.

use super::rows::{InboxEntry, InboxState, bound};
use super::tables::{Fenced, Tables};
use papo_domain::ports::{InboxRow, InboxVerdict, Incident, IncidentKind, Lease, Unrouted, Update};
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
            .is_some_and(|t| t.record.channels.iter().any(|c| c.id == channel));
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
            received_at: self.now(),
            wake_key: None,
            reason: None,
        };
        self.inbox.insert(entry);
        self.ring(tenant);
        id
    }

    /// Parked rows whose time has come become pending by being asked for.
    pub(super) fn due_inbox(&mut self, tenant: TenantId, after: i64, limit: u32) -> Vec<InboxRow> {
        let now = self.now();
        for id in self.inbox.ripe(tenant, now) {
            self.inbox.update(id, |row| {
                row.state = InboxState::Pending;
                row.next_at = None;
                row.wake_key = None;
            });
        }
        self.inbox
            .pending(tenant, after)
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
            let counted = self.change_pending(*id, |row| row.attempts += 1);
            counts.push(counted.map_or(0, |row| row.attempts));
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
            self.known_row(tenant, id);
            if let InboxVerdict::Dead { reason, .. } = &verdict {
                let dead = Incident {
                    actor: "tenant",
                    conversation: None,
                    kind: IncidentKind::DeadLetter,
                    reason: reason.clone(),
                };
                let pending = self.inbox.get(id).is_some_and(InboxEntry::is_pending);
                self.incidents.extend(pending.then_some((tenant, dead)));
            }
            self.change_pending(id, |row| match verdict {
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

    /// Changes a row that is still pending; any other is left as it is.
    pub(super) fn change_pending(
        &mut self,
        id: i64,
        change: impl FnOnce(&mut InboxEntry),
    ) -> Option<&InboxEntry> {
        self.inbox.get(id).filter(|row| row.is_pending())?;
        self.inbox.update(id, change)
    }

    /// Insists that the engine was given this row before.
    pub(super) fn known_row(&mut self, tenant: TenantId, id: i64) {
        if self.inbox.get(id).is_none_or(|row| row.tenant != tenant) {
            self.violate(format!("tenant {tenant} has no inbox row {id}"));
        }
    }
}
