//! The outbox: claims, and how sends ended.

use super::rows::{OutboxRow, SendState, bound};
use super::tables::{Fenced, Tables};
use papo_domain::conversation::Body;
use papo_domain::ports::{Claimed, DeliveryStatus, Lease, SendOutcome, SendReport};
use papo_domain::{ChannelId, MessageId, TenantId, Timestamp};
use std::time::Duration;

/// How long an unknown send waits for a status before it counts as unconfirmed.
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
            .filter(|row| row.due_at <= now && self.is_valid(row) && self.is_next(row))
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
        !self
            .outbox
            .open(row.conversation)
            .any(|other| match other.state {
                SendState::Queued => other.seq < row.seq && self.is_valid(other),
                _ => true,
            })
    }

    fn start_send(&mut self, id: MessageId, now: Timestamp) -> Option<Claimed> {
        let row = self.outbox.update(id, |row| {
            row.state = SendState::Sending;
            row.claimed_at = Some(now);
            row.claims += 1;
            row.requests = 0;
        });
        let row = row?.clone();
        let conversation = self.conversations.get(&row.conversation)?;
        let message = conversation.message(row.seq)?;
        let claimed = match &message.body {
            Some(Body::Outbound { outbound }) => Some(Claimed {
                id,
                conversation: row.conversation,
                seq: row.seq,
                to: conversation.address.clone(),
                outbound: outbound.clone(),
                quote: message.quoted.clone(),
                class: row.class,
                attempts: row.attempts,
            }),
            _ => None,
        };
        self.set_status(row.conversation, row.seq, DeliveryStatus::Sending, None);
        claimed
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
            let known = self
                .outbox
                .get(report.id)
                .filter(|row| row.tenant == tenant);
            match known.cloned() {
                Some(row) if row.conversation == report.conversation => {
                    self.settle_send(&row, report.outcome);
                }
                _ => self.violate(format!("a report of {}, which was never queued", report.id)),
            }
        }
        Ok(())
    }

    fn settle_send(&mut self, row: &OutboxRow, outcome: SendOutcome) {
        let (conversation, seq) = (row.conversation, row.seq);
        let sending = row.state == SendState::Sending;
        let heard = self
            .status(conversation, seq)
            .is_some_and(|s| s >= DeliveryStatus::Sent);
        match outcome {
            SendOutcome::Sent { external_id } => {
                if matches!(
                    row.state,
                    SendState::Sending | SendState::Unknown | SendState::Unconfirmed
                ) {
                    self.move_send(row.id, SendState::Sent);
                }
                self.learn_external_id(row.id, &external_id);
                self.raise_status(conversation, seq, DeliveryStatus::Sent, None);
            }
            // What is not being sent any more was settled otherwise: taken over, or heard of.
            _ if !sending => {}
            // A status came before the answer: it did arrive.
            SendOutcome::Requeue { .. } | SendOutcome::Unknown if heard => {
                self.move_send(row.id, SendState::Sent);
            }
            SendOutcome::Requeue { at, counted } => self.requeue(row, at, counted),
            SendOutcome::Failed { error } => {
                self.move_send(row.id, SendState::Failed);
                self.raise_status(conversation, seq, DeliveryStatus::Failed, Some(error));
            }
            SendOutcome::Unknown => {
                self.forget_send(row.id);
                self.raise_status(conversation, seq, DeliveryStatus::Unknown, None);
            }
        }
    }

    /// Back into the queue, unless its epoch is over.
    fn requeue(&mut self, row: &OutboxRow, at: Timestamp, counted: bool) {
        let valid = self.is_valid(row);
        let (state, status) = if valid {
            (SendState::Queued, DeliveryStatus::Queued)
        } else {
            (SendState::Cancelled, DeliveryStatus::Cancelled)
        };
        self.outbox.update(row.id, |row| {
            row.state = state;
            row.due_at = at;
            row.attempts += u32::from(counted);
        });
        self.set_status(row.conversation, row.seq, status, None);
    }

    /// Nobody knows whether it arrived.
    pub(super) fn forget_send(&mut self, id: MessageId) {
        let due_at = self.now() + UNKNOWN_FOR;
        self.outbox.update(id, |row| {
            row.state = SendState::Unknown;
            row.due_at = due_at;
        });
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
