//! Status webhooks, applied set-based and without waking an actor.

use super::rows::{InboxEntry, InboxState, OutboxRow, SendState};
use super::tables::{Fenced, Tables};
use papo_domain::ports::{DeliveryStatus, Lease, StatusOutcome, StatusUpdate};
use papo_domain::{ChannelId, MessageId, TenantId};
use std::collections::HashMap;
use std::time::Duration;

/// How long a status waits for its message. Most overtook it by milliseconds.
const ORPHAN_FOR: Duration = Duration::from_secs(3600);

type Row = (i64, ChannelId, StatusUpdate);

impl Tables {
    pub(super) fn apply_statuses(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        rows: &[Row],
    ) -> Result<Vec<StatusOutcome>, Fenced> {
        self.fence(node, lease, tenant)?;
        for (id, ..) in rows {
            self.known_row(tenant, *id);
        }
        let found: Vec<Option<OutboxRow>> = rows
            .iter()
            .map(|(_, channel, update)| self.find_send(tenant, *channel, update).cloned())
            .collect();
        // The furthest that this call says of each message: a refusal that is overtaken already
        // is no news.
        let mut furthest: HashMap<MessageId, DeliveryStatus> = HashMap::new();
        for ((.., update), send) in rows.iter().zip(&found) {
            if let Some(send) = send {
                let stands = self.status(send.conversation, send.seq);
                let reached = furthest
                    .entry(send.id)
                    .or_insert(stands.unwrap_or(DeliveryStatus::Queued));
                *reached = update.status.max(*reached);
            }
        }
        // Orphans first, so that an id learned in this very call wakes them.
        let parked: Vec<_> = rows
            .iter()
            .zip(&found)
            .map(|((id, _, update), send)| match send {
                None => Some(self.park_orphan(*id, update)),
                Some(_) => None,
            })
            .collect();
        let all = rows.iter().zip(found).zip(parked);
        Ok(all
            .map(|(((id, _, update), send), parked)| match (send, parked) {
                (Some(send), _) => {
                    let last = furthest.get(&send.id) == Some(&update.status);
                    self.apply_status(*id, update, &send, last)
                }
                (None, parked) => parked.unwrap_or(StatusOutcome::Parked),
            })
            .collect())
    }

    /// `last` tells that nothing in the same call went further.
    fn apply_status(
        &mut self,
        inbox: i64,
        update: &StatusUpdate,
        send: &OutboxRow,
        last: bool,
    ) -> StatusOutcome {
        let (conversation, seq) = (send.conversation, send.seq);
        let stands = self.status(conversation, seq);
        if update.status == DeliveryStatus::Failed {
            if last && stands.is_none_or(|stands| stands < update.status) {
                self.learn_external_id(send.id, &update.external_id);
                self.outbox.update(send.id, |row| {
                    row.error = row.error.take().or_else(|| update.error.clone());
                });
                let code = update.error.as_ref().map_or(0, |error| error.code);
                return StatusOutcome::Failed {
                    inbox,
                    conversation,
                    seq,
                    code,
                };
            }
        } else {
            // The provider has it, whatever was believed.
            self.move_send(send.id, SendState::Sent);
            self.learn_external_id(send.id, &update.external_id);
            self.raise_status(conversation, seq, update.status, None);
        }
        self.change_pending(inbox, InboxEntry::finish);
        StatusOutcome::Applied
    }

    /// Nobody's yet. After an hour nobody's for good.
    fn park_orphan(&mut self, inbox: i64, update: &StatusUpdate) -> StatusOutcome {
        let now = self.now();
        let row = self.inbox.get(inbox);
        let Some(until) = row.map(|row| row.received_at + ORPHAN_FOR) else {
            return StatusOutcome::Parked;
        };
        if until <= now {
            self.change_pending(inbox, InboxEntry::finish);
            return StatusOutcome::Applied;
        }
        self.change_pending(inbox, |row| {
            row.state = InboxState::Parked;
            row.next_at = Some(until);
            row.wake_key = Some(update.external_id.clone());
        });
        StatusOutcome::Parked
    }

    /// By the provider's id; else by ours, which settles sends whose answer never came.
    fn find_send(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        update: &StatusUpdate,
    ) -> Option<&OutboxRow> {
        let named = self.outbox.named(tenant, channel, &update.external_id);
        named.or_else(|| {
            let own = self.outbox.get(update.tracking?)?;
            let here = own.tenant == tenant && own.channel == channel;
            (here && own.external_id.is_none()).then_some(own)
        })
    }
}
