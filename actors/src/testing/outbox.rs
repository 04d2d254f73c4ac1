//! The outbox: claims, and how sends ended.

use super::rows::{OutboxRow, SendState, bound};
use super::tables::{Fenced, Tables};
use papo_domain::conversation::Body;
use papo_domain::ports::{
    ClaimId, Claimed, DeliveryStatus, Lease, OpenClaim, SendOutcome, SendReport,
};
use papo_domain::{ChannelId, MessageId, TenantId, Timestamp};
use std::time::Duration;

/// How long an unknown send waits for a status before it counts as unconfirmed, and a send for
/// its sender before it counts as unknown.
const UNKNOWN_FOR: Duration = Duration::from_secs(120);

impl Tables {
    pub(super) fn claim(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
        limit: u32,
    ) -> Result<Vec<Claimed>, Fenced> {
        self.fence(node, lease, tenant)?;
        let now = self.now();
        let ready: Vec<_> = self
            .outbox
            .queued(tenant, channel)
            .filter(|row| row.due_at <= now && self.is_next(row))
            .take(bound(limit))
            .map(|row| row.id)
            .collect();
        Ok(ready
            .into_iter()
            .filter_map(|id| self.start_send(id, now))
            .collect())
    }

    /// Whether the row may still be sent: people's words always, others under their epoch.
    fn is_valid(&self, row: &OutboxRow) -> bool {
        let current = self.conversations.get(&row.conversation).map(|c| c.epoch);
        row.epoch.is_none() || row.epoch == current
    }

    /// Whether nothing of its conversation stands before it.
    fn is_next(&self, row: &OutboxRow) -> bool {
        let mut open = self.outbox.open(row.conversation);
        !open.any(|other| other.state != SendState::Queued || other.seq < row.seq)
    }

    /// Claims the row; one whose epoch is over is cancelled instead.
    fn start_send(&mut self, id: MessageId, now: Timestamp) -> Option<Claimed> {
        let row = self.outbox.get(id)?.clone();
        if !self.is_valid(&row) {
            self.move_send(id, SendState::Cancelled);
            self.raise_status(row.conversation, row.seq, DeliveryStatus::Cancelled, None);
            return None;
        }
        self.outbox.update(id, |row| {
            row.state = SendState::Sending;
            row.claimed_at = Some(now);
            row.claims += 1;
            row.requests = 0;
        });
        let claim = ClaimId(i64::from(row.claims) + 1);
        let conversation = self.conversations.get(&row.conversation)?;
        let message = conversation.message(row.seq)?;
        let Some(Body::Outbound { outbound }) = &message.body else {
            return None;
        };
        Some(Claimed {
            id,
            conversation: row.conversation,
            claim,
            seq: row.seq,
            to: conversation.address.clone(),
            outbound: outbound.clone(),
            quote: message.quoted.clone(),
            class: row.class,
            attempts: row.attempts,
        })
    }

    /// Sends of an older lease are unknown since the newer one was taken.
    pub(super) fn open_claims(
        &self,
        lease: Lease,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Vec<OpenClaim> {
        let newest = self.leases.get(&lease.shard).map(|row| row.epoch);
        let sending = self.outbox.all().filter(|row| {
            row.tenant == tenant && row.channel == channel && row.state == SendState::Sending
        });
        sending
            .filter(|_| newest == Some(lease.epoch))
            .map(|row| OpenClaim {
                id: row.id,
                conversation: row.conversation,
                claim: row.claim(),
            })
            .collect()
    }

    pub(super) fn settle_sends(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        reports: Vec<SendReport>,
    ) -> Result<(), Fenced> {
        self.fence(node, lease, tenant)?;
        for report in reports {
            let row = self.outbox.get(report.id);
            match row.filter(|row| row.tenant == tenant).cloned() {
                Some(row) if row.conversation == report.conversation => {
                    self.settle_send(&row, report.claim, report.outcome);
                }
                _ => self.violate(format!("a report of {}, which was never queued", report.id)),
            }
        }
        Ok(())
    }

    /// A report about a send that was settled otherwise meanwhile changes nothing, nor does one
    /// of an earlier claim; but what the provider took is taken.
    fn settle_send(&mut self, row: &OutboxRow, claim: ClaimId, outcome: SendOutcome) {
        let (id, conversation, seq) = (row.id, row.conversation, row.seq);
        let same = row.claim() == claim;
        let sending = row.state == SendState::Sending;
        let awaited = sending || matches!(row.state, SendState::Unknown | SendState::Unconfirmed);
        match outcome {
            SendOutcome::Sent { external_id } if awaited => {
                self.move_send(id, SendState::Sent);
                self.learn_external_id(id, &external_id);
                self.raise_status(conversation, seq, DeliveryStatus::Sent, None);
            }
            SendOutcome::Failed { error } if awaited && same => {
                self.outbox.update(id, |row| {
                    row.state = SendState::Failed;
                    row.error = Some(error.clone());
                });
                self.raise_status(conversation, seq, DeliveryStatus::Failed, Some(error));
            }
            SendOutcome::Requeue { at, counted } if sending && same => {
                self.requeue(row, at, counted);
            }
            SendOutcome::Unknown if sending && same => self.forget_send(id),
            _ => {}
        }
    }

    /// Back into the queue, unless its epoch is over.
    fn requeue(&mut self, row: &OutboxRow, at: Timestamp, counted: bool) {
        let valid = self.is_valid(row);
        self.outbox.update(row.id, |row| {
            row.state = if valid {
                SendState::Queued
            } else {
                SendState::Cancelled
            };
            row.due_at = at;
            row.attempts += u32::from(counted);
            row.claimed_at = None;
        });
        if !valid {
            self.raise_status(row.conversation, row.seq, DeliveryStatus::Cancelled, None);
        }
    }

    /// Nobody knows whether it arrived.
    pub(super) fn forget_send(&mut self, id: MessageId) {
        let due_at = self.now() + UNKNOWN_FOR;
        let row = self.outbox.update(id, |row| {
            row.state = SendState::Unknown;
            row.due_at = due_at;
        });
        if let Some((conversation, seq)) = row.map(|row| (row.conversation, row.seq)) {
            self.raise_status(conversation, seq, DeliveryStatus::Unknown, None);
        }
    }

    pub(super) fn move_send(&mut self, id: MessageId, state: SendState) {
        self.outbox.update(id, |row| row.state = state);
    }

    pub(super) fn expire_unknown(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
    ) -> Result<(), Fenced> {
        self.fence(node, lease, tenant)?;
        let now = self.now();
        // Sends whose sender never came back, as happens when it crashed.
        let abandoned = |row: &&OutboxRow| {
            row.state == SendState::Sending
                && row.claimed_at.is_some_and(|at| at + UNKNOWN_FOR < now)
        };
        let rows = self.outbox.all().filter(|row| row.tenant == tenant);
        let abandoned: Vec<_> = rows.filter(abandoned).map(|row| row.id).collect();
        for id in abandoned {
            self.forget_send(id);
        }
        for id in self.outbox.expired(tenant, now) {
            let row = self
                .outbox
                .update(id, |row| row.state = SendState::Unconfirmed);
            if let Some((conversation, seq)) = row.map(|row| (row.conversation, row.seq)) {
                self.raise_status(conversation, seq, DeliveryStatus::Unconfirmed, None);
            }
        }
        Ok(())
    }

    pub(super) fn next_send(&self, tenant: TenantId) -> Option<Timestamp> {
        self.outbox.next_due(tenant)
    }
}
