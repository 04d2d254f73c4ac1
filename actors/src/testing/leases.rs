//! Leases of shards.

use super::rows::{LeaseRow, SendState};
use super::tables::Tables;
use papo_domain::Shard;
use papo_domain::ports::{DeliveryStatus, Lease};

impl Tables {
    /// Takes what is free or has run out and, if `own`, what this node holds, as a restarted
    /// process does; the sends of the lives before become unknown.
    pub(super) fn take_leases(&mut self, node: &str, own: bool) -> Vec<Lease> {
        let now = self.now();
        let until = now + self.lease_time;
        let mut taken = Vec::new();
        for shard in (0..=u8::MAX).map(Shard) {
            let row = self.leases.entry(shard).or_insert_with(|| LeaseRow {
                node: None,
                epoch: 0,
                until: now,
            });
            let mine = own && row.node.as_deref() == Some(node);
            if mine || row.node.is_none() || row.until <= now {
                row.node = Some(node.to_owned());
                row.epoch += 1;
                row.until = until;
                taken.push(Lease {
                    shard,
                    epoch: row.epoch,
                });
            }
        }
        self.disown_sends(&taken);
        taken
    }

    /// What an earlier owner was sending may or may not have arrived.
    fn disown_sends(&mut self, taken: &[Lease]) {
        let sending: Vec<_> = self
            .outbox
            .all()
            .filter(|row| row.state == SendState::Sending)
            .filter(|row| {
                let shard = self.tenants.get(&row.tenant).map(|t| t.record.shard);
                taken.iter().any(|lease| Some(lease.shard) == shard)
            })
            .map(|row| (row.id, row.conversation, row.seq))
            .collect();
        for (id, conversation, seq) in sending {
            self.forget_send(id);
            self.raise_status(conversation, seq, DeliveryStatus::Unknown, None);
        }
    }

    pub(super) fn renew_leases(&mut self, node: &str, held: &[Lease]) -> Vec<Lease> {
        let until = self.now() + self.lease_time;
        let still: Vec<Lease> = held
            .iter()
            .copied()
            .filter(|lease| self.holds(node, *lease))
            .collect();
        for lease in &still {
            if let Some(row) = self.leases.get_mut(&lease.shard) {
                row.until = until;
            }
        }
        still
    }

    pub(super) fn release_leases(&mut self, node: &str, held: &[Lease]) {
        for lease in held {
            if self.holds(node, *lease)
                && let Some(row) = self.leases.get_mut(&lease.shard)
            {
                row.node = None;
            }
        }
    }
}
