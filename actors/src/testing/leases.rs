//! Leases of shards.

use super::rows::{LeaseRow, SendState};
use super::tables::Tables;
use papo_domain::Shard;
use papo_domain::ports::Lease;
use std::time::Duration;

impl Tables {
    /// Takes what is free, has run out, or is the node's own from an earlier life, and returns
    /// all that this process (of the nodes of this name) holds now.
    pub(super) fn take_leases(&mut self, node: &str, process: u64) -> Vec<Lease> {
        self.take(process, node, true, &[]);
        let held = self.leases.iter().filter(|(_, row)| row.process == process);
        held.map(|(shard, row)| Lease {
            shard: *shard,
            epoch: row.epoch,
        })
        .collect()
    }

    /// Takes what is free or has run out, but for `except`, and returns it.
    pub(super) fn take_expired(
        &mut self,
        node: &str,
        process: u64,
        except: &[Shard],
    ) -> Vec<Lease> {
        self.take(process, node, false, except)
    }

    /// What the process holds and renews is never taken again: its epoch would rise under its
    /// feet. What the node itself let run out it leaves to others for as long again.
    fn take(&mut self, process: u64, node: &str, own: bool, except: &[Shard]) -> Vec<Lease> {
        let now = self.now();
        let until = now + self.lease_time;
        let mut taken = Vec::new();
        for shard in (0..=u8::MAX).map(Shard) {
            if except.contains(&shard) {
                continue;
            }
            let row = self.leases.entry(shard).or_insert_with(|| LeaseRow {
                node: None,
                process: 0,
                epoch: 0,
                until: now,
            });
            let mine = row.node.as_deref() == Some(node);
            let wait = if mine {
                self.lease_time
            } else {
                Duration::ZERO
            };
            let free = row.node.is_none() || row.until + wait < now;
            let earlier = own && mine && row.process != process;
            if free || earlier {
                row.node = Some(node.to_owned());
                row.process = process;
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
        let sending = self
            .outbox
            .all()
            .filter(|row| row.state == SendState::Sending);
        let orphaned: Vec<_> = sending
            .filter(|row| {
                let shard = self.tenants.get(&row.tenant).map(|t| t.record.shard);
                taken.iter().any(|lease| Some(lease.shard) == shard)
            })
            .map(|row| row.id)
            .collect();
        for id in orphaned {
            self.forget_send(id);
        }
    }

    pub(super) fn renew_leases(&mut self, node: &str, held: &[Lease]) -> Vec<Lease> {
        let until = self.now() + self.lease_time;
        let still = held.iter().copied();
        let still: Vec<Lease> = still.filter(|lease| self.holds(node, *lease)).collect();
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
                row.process = 0;
            }
        }
    }
}
