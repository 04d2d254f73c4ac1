//! Status webhooks, applied without waking an actor.

use super::rows::{InboxEntry, InboxState, SendState};
use super::tables::{Fenced, Tables};
use papo_domain::ports::{DeliveryStatus, Lease, StatusOutcome, StatusUpdate};
use papo_domain::{ChannelId, ConversationId, MessageId, TenantId};

impl Tables {
    pub(super) fn apply_statuses(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        statuses: Vec<(i64, ChannelId, StatusUpdate)>,
    ) -> Result<Vec<StatusOutcome>, Fenced> {
        self.fence(node, lease, tenant)?;
        let apply = |(id, channel, update)| self.apply_status(tenant, id, channel, update);
        Ok(statuses.into_iter().map(apply).collect())
    }

    fn apply_status(
        &mut self,
        tenant: TenantId,
        inbox: i64,
        channel: ChannelId,
        update: StatusUpdate,
    ) -> StatusOutcome {
        if self.known_row(tenant, inbox).state == InboxState::Done {
            return StatusOutcome::Applied;
        }
        let Some((conversation, seq)) = self.find_message(tenant, channel, &update) else {
            self.inbox.update(inbox, |row| {
                row.state = InboxState::Parked;
                row.next_at = None;
                row.wake_key = Some(update.external_id);
            });
            return StatusOutcome::Parked;
        };
        let id = MessageId::of(conversation, seq);
        self.learn_external_id(id, &update.external_id);
        let standing = self.status(conversation, seq);
        let news = standing.is_none_or(|standing| standing < update.status);
        if update.status == DeliveryStatus::Failed && news {
            let code = update.error.map_or(0, |error| error.code);
            return StatusOutcome::Failed {
                inbox,
                conversation,
                seq,
                code,
            };
        }
        self.raise_status(conversation, seq, update.status, update.error);
        let awaited = self
            .outbox
            .get(id)
            .is_some_and(|row| matches!(row.state, SendState::Unknown | SendState::Unconfirmed));
        if awaited {
            self.move_send(id, SendState::Sent);
        }
        self.inbox.update(inbox, InboxEntry::finish);
        StatusOutcome::Applied
    }

    /// By our own id, which settles sends whose answer never came, else by the provider's.
    fn find_message(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        update: &StatusUpdate,
    ) -> Option<(ConversationId, u64)> {
        let own = update.tracking.and_then(|id| self.outbox.get(id));
        if let Some(row) = own.filter(|row| row.tenant == tenant) {
            return Some((row.conversation, row.seq));
        }
        let key = (tenant, channel, update.external_id.clone());
        self.external.get(&key).copied()
    }
}
