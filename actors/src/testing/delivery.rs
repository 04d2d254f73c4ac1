//! Delivery statuses of messages: the lattice, and the statuses that come before their message.

use super::rows::{EventRow, InboxState};
use super::tables::Tables;
use papo_domain::ports::{DeliveryStatus, EventBody, ProviderError};
use papo_domain::{ChannelId, ConversationId, MessageId, TenantId};

impl Tables {
    /// Moves a message forward in the lattice, and tells the stream if it moved. Messages that
    /// are not sent have no status and never get one.
    pub(super) fn raise_status(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        status: DeliveryStatus,
        error: Option<ProviderError>,
    ) {
        let at = self.now();
        let Some(row) = self.conversations.get_mut(&conversation) else {
            return;
        };
        let (tenant, audience) = (row.tenant, row.audience);
        let message = row.message_mut(seq);
        let Some(message) = message.filter(|m| m.status.is_some_and(|s| s < status)) else {
            return;
        };
        message.status = Some(status);
        message.error = error.clone().or(message.error.take());
        let error = error.filter(|_| status == DeliveryStatus::Failed);
        let event = EventRow {
            conversation,
            version: None,
            at,
            body: EventBody::Delivery {
                seq,
                status,
                error,
                external_id: None,
            },
            audience,
            prior: None,
            message_seq: None,
        };
        self.emit(tenant, event);
    }

    pub(super) fn status(&self, conversation: ConversationId, seq: u64) -> Option<DeliveryStatus> {
        self.conversations.get(&conversation)?.message(seq)?.status
    }

    /// Notes the provider's id of a message that was sent, and wakes the statuses that wait for
    /// it. An id that was given twice names the message that had it first.
    pub(super) fn learn_external_id(&mut self, id: MessageId, external_id: &str) {
        let Some(send) = self.outbox.get(id) else {
            return;
        };
        let (tenant, channel) = (send.tenant, send.channel);
        let (conversation, seq) = (send.conversation, send.seq);
        if send.external_id.is_none() && self.outbox.named(tenant, channel, external_id).is_none() {
            self.outbox
                .update(id, |row| row.external_id = Some(external_id.to_owned()));
            let row = self.conversations.get_mut(&conversation);
            if let Some(message) = row.and_then(|row| row.message_mut(seq)) {
                message.external_id = Some(external_id.to_owned());
            }
        }
        self.wake_parked(tenant, channel, external_id);
    }

    /// Makes the statuses of a message due that came before it was known.
    fn wake_parked(&mut self, tenant: TenantId, channel: ChannelId, key: &str) {
        let waiting = self.inbox.waiting(tenant, channel, key);
        if waiting.is_empty() {
            return;
        }
        for id in waiting {
            self.inbox.update(id, |row| {
                row.state = InboxState::Pending;
                row.next_at = None;
                row.wake_key = None;
            });
        }
        self.ring(tenant);
    }
}
