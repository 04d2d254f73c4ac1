//! What a tenant looks like inside, for people. Nothing is changed here.

use super::actor::TenantActor;
use crate::api::{AttendantReport, ConversationReport, TenantReport};

/// Conversations that a report shows.
const REPORTED: usize = 200;

impl TenantActor {
    pub(super) fn report(&self) -> TenantReport {
        let mut conversations: Vec<_> = self
            .directory
            .slots
            .iter()
            .map(|(id, slot)| ConversationReport {
                id: *id,
                state: slot.name(),
                queued: slot.buffered(),
                in_hand: self.shared.in_hand.of(*id),
            })
            .collect();
        let active = conversations.len();
        conversations.sort_by_key(|c| std::cmp::Reverse((c.queued + c.in_hand, c.id)));
        conversations.truncate(REPORTED);
        TenantReport {
            tenant: Some(self.shared.tenant),
            shard: Some(self.shared.lease.shard),
            last_seq: self.fanout.last_seq(),
            in_hand: self.shared.in_hand.len(),
            conversations,
            active,
            attendants: self
                .fanout
                .people()
                .map(|(user, sockets)| AttendantReport { user, sockets })
                .collect(),
            channels: self.shared.bells.report(),
            restarts: self.supervision.restarts(),
        }
    }
}
