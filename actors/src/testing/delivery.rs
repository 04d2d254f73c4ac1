//! Delivery statuses of messages: the lattice, and the statuses that come before their message.

use super::rows::{EventRow, InboxState};
use super::tables::Tables;

use papo_domain::ports::{DeliveryStatus, EventBody, ProviderError};
use papo_domain::{ChannelId, ConversationId, MessageId, TenantId};

impl Tables {
    /// Sets the delivery status of a message, whatever it was, and tells the stream.
    pub(super) fn set_status(
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
        let Some(message) = row.message_mut(seq) else {
            return;
        };
        message.status = Some(status);
        message.error.clone_from(&error);
        // Clients see a queued message from its own event; that it is being sent is no news.
        if matches!(status, DeliveryStatus::Queued | DeliveryStatus::Sending) {
            return;
        }
        let tenant = row.tenant;
        let audience = row.audience;
        let body = EventBody::Delivery { seq, status, error };
        let event = EventRow {
            conversation,
            version: None,
            at,
            body,
            audience,
            prior: None,
            message_seq: None,
        };
        self.emit(tenant, event);
    }

    /// Moves a message forward in the lattice. Returns whether it moved.
    pub(super) fn raise_status(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        status: DeliveryStatus,
        error: Option<ProviderError>,
    ) -> bool {
        let standing = self.status(conversation, seq);
        let moves = standing.is_none_or(|standing| standing.rank() < status.rank());
        if moves {
            self.set_status(conversation, seq, status, error);
        }
        moves
    }

    pub(super) fn status(&self, conversation: ConversationId, seq: u64) -> Option<DeliveryStatus> {
        self.conversations.get(&conversation)?.message(seq)?.status
    }

    /// Notes the provider's id of a message that was sent, and wakes the statuses that wait for
    /// it.
    pub(super) fn learn_external_id(&mut self, id: MessageId, external_id: &str) {
        let Some(send) = self.outbox.get(id) else {
            return;
        };
        let (tenant, channel) = (send.tenant, send.channel);
        let (conversation, seq) = (send.conversation, send.seq);
        let message = self
            .conversations
            .get_mut(&conversation)
            .and_then(|c| c.message_mut(seq));
        if let Some(message) = message.filter(|message| message.external_id.is_none()) {
            message.external_id = Some(external_id.to_owned());
            let key = (tenant, channel, external_id.to_owned());
            self.external.insert(key, (conversation, seq));
        }
        self.wake_parked(tenant, channel, external_id);
    }

    /// Makes the statuses of a message due that came before it was known.
    pub(super) fn wake_parked(&mut self, tenant: TenantId, channel: ChannelId, key: &str) {
        let waiting = self.inbox.waiting(tenant, channel, key);
        if waiting.is_empty() {
            return;
        }
        for id in waiting {
            self.inbox.update(id, |row| {
                row.state = InboxState::Pending;
                row.wake_key = None;
            });
        }
        self.ring(tenant);
    }
}
