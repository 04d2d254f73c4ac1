//! The tenant's event stream, and what a transaction has for the sinks.

use super::rows::{EventRow, MessageRow, count, place};
use super::tables::Tables;
use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, LiveEvent, MessageView};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What one transaction has for the sinks.
#[derive(Debug)]
pub(super) struct HandOff {
    pub(super) batches: Vec<EventBatch>,
    pub(super) rings: BTreeSet<TenantId>,
}

impl Tables {
    /// Appends to the tenant's stream and returns the place.
    pub(super) fn emit(&mut self, tenant: TenantId, event: EventRow) -> u64 {
        let Some(row) = self.tenants.get_mut(&tenant) else {
            self.violate(format!("an event of tenant {tenant}, which does not exist"));
        };
        row.events.push(event);
        let seq = count(row.events.len());
        self.fresh.entry(tenant).or_default().push(seq);
        seq
    }

    /// New rows are due in the tenant's inbox.
    pub(super) fn ring(&mut self, tenant: TenantId) {
        self.rings.insert(tenant);
    }

    /// Takes what the transaction has for the sinks.
    pub(super) fn hand_off(&mut self) -> HandOff {
        let fresh = std::mem::take(&mut self.fresh);
        let batches = fresh
            .into_iter()
            .map(|(tenant, seqs)| EventBatch {
                tenant,
                events: seqs
                    .into_iter()
                    .filter_map(|seq| self.event(tenant, seq).map(Arc::new))
                    .collect(),
            })
            .collect();
        HandOff {
            batches,
            rings: std::mem::take(&mut self.rings),
        }
    }

    /// The event at `seq`, joined with its message as it is now.
    pub(super) fn event(&self, tenant: TenantId, seq: u64) -> Option<LiveEvent> {
        let row = self.tenants.get(&tenant)?.events.get(place(seq)?)?;
        let message = row.message_seq.and_then(|seq| {
            let conversation = self.conversations.get(&row.conversation)?;
            conversation.message(seq).map(view)
        });
        Some(LiveEvent {
            seq,
            conversation: row.conversation,
            version: row.version,
            at: row.at,
            body: row.body.clone(),
            audience: row.audience,
            prior: row.prior,
            message,
        })
    }
}

fn view(row: &MessageRow) -> MessageView {
    MessageView {
        id: row.id,
        seq: row.seq,
        sender: row.sender,
        kind: row.kind,
        body: row.body.clone(),
        external_id: row.external_id.clone(),
        quoted: row.quoted.clone(),
        sent_at: row.sent_at,
        late: row.late,
        status: row.status,
    }
}
