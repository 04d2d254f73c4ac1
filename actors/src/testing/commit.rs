//! A conversation's commit, in the order of the state lane: fence, idempotency key, version,
//! and only then anything that depends on it.

use super::rows::{EventRow, InboxEntry, MessageRow, OutboxRow, SendState};
use super::tables::Tables;
use papo_domain::conversation::{Audience, Event, MessageDraft, encode};
use papo_domain::ports::{
    Commit, CommitError, Committed, DeliveryStatus, EventBody, EventDraft, Idempotency, Incident,
    IncidentKind, Lease, OutboxDraft, ProviderError,
};
use papo_domain::{ConversationId, MessageId, TenantId, Timestamp};

/// The largest snapshot that the database takes, in bytes.
const SNAPSHOT_MAX: usize = 1024;

impl Tables {
    pub(super) fn commit(
        &mut self,
        node: &str,
        lease: Lease,
        commit: Commit,
        poisoned: bool,
    ) -> Result<Committed, CommitError> {
        self.fence(node, lease, commit.tenant)?;
        self.gate(commit.tenant, commit.idempotency.as_ref())?;
        let standing = self.conversation(commit.tenant, commit.conversation);
        if standing.is_none_or(|row| row.version != commit.expected_version) {
            return Err(CommitError::Conflict);
        }
        for id in &commit.inbox_done {
            self.known_row(commit.tenant, *id);
            if !self.inbox.get(*id).is_some_and(InboxEntry::is_pending) {
                // Another commit was the outcome of this item: it must not have a second one.
                return Err(CommitError::Replayed(serde_json::Value::Null));
            }
        }
        let payload = encode(&commit.state)
            .map_err(|fault| CommitError::Poison(format!("snapshot: {fault}")))?;
        if payload.len() > SNAPSHOT_MAX {
            let size = payload.len();
            return Err(CommitError::Poison(format!("a snapshot of {size} bytes")));
        }
        if poisoned {
            return Err(CommitError::Poison(
                "the test poisoned this conversation".to_owned(),
            ));
        }
        self.check_slot(&commit)?;
        self.check_commit(&commit);
        Ok(self.store(commit, payload))
    }

    /// A key that is known ends the matter, one way or the other.
    fn gate(&self, tenant: TenantId, asked: Option<&Idempotency>) -> Result<(), CommitError> {
        let Some(asked) = asked else { return Ok(()) };
        match self.keys.get(&(tenant, asked.user, asked.key.clone())) {
            Some(first) if first.request == asked.request => {
                Err(CommitError::Replayed(first.answer.clone()))
            }
            Some(_) => Err(CommitError::KeyReused),
            None => Ok(()),
        }
    }

    fn store(&mut self, commit: Commit, payload: String) -> Committed {
        let now = self.now();
        let Commit {
            tenant,
            conversation: id,
            ..
        } = commit;
        let Some(row) = self.conversations.get_mut(&id) else {
            self.violate(format!("conversation {id} vanished during its commit"));
        };
        let raised = commit.state.epoch != row.epoch;
        row.version += 1;
        row.epoch = commit.state.epoch;
        row.audience = Audience::of(&commit.state);
        row.payload = payload;
        row.wake_at = next_wake(row.wake_at, commit.state.wake_at(), now);
        if let Some(listing) = commit.listing {
            row.listing = listing;
        }
        row.transfers.extend(commit.transfers);
        row.handoffs.extend(commit.handoffs);
        let (version, channel) = (row.version, row.channel);

        let (withdrawn, on_the_wire) = if commit.cancel_automatic {
            let withdrawn = self.withdraw_automatic(id);
            (withdrawn, self.automatic_on_the_wire(id, raised))
        } else {
            (Vec::new(), 0)
        };
        for draft in commit.messages {
            self.conversations
                .entry(id)
                .and_modify(|row| row.messages.push(message(&draft)));
            if let Some(external_id) = &draft.external_id {
                let key = (tenant, channel, external_id.clone());
                self.heard.insert(key);
            }
        }
        for draft in &commit.outbox {
            self.enqueue(tenant, id, draft, now);
        }
        let first_event = self.append_events(tenant, id, version, commit.events, now);
        let cancelled = u32::try_from(withdrawn.len()).unwrap_or(u32::MAX);
        for seq in withdrawn {
            self.raise_status(id, seq, DeliveryStatus::Cancelled, None);
        }
        for (seq, code) in commit.failed {
            self.refuse(id, seq, code);
        }
        for row in commit.inbox_done {
            self.inbox.update(row, InboxEntry::finish);
        }
        if let Some(mut asked) = commit.idempotency {
            if let Some(answer) = asked.answer.as_object_mut()
                && cancelled + on_the_wire > 0
            {
                answer.insert("cancelled".to_owned(), cancelled.into());
                answer.insert("on_the_wire".to_owned(), on_the_wire.into());
            }
            self.keys
                .insert((tenant, asked.user, asked.key.clone()), asked);
        }
        Committed {
            first_event,
            cancelled,
            on_the_wire,
        }
    }

    /// Withdraws what the bot has queued; returns the messages' `seq`.
    fn withdraw_automatic(&mut self, id: ConversationId) -> Vec<u64> {
        let queued = self.outbox.open(id);
        let queued = queued.filter(|row| row.epoch.is_some() && row.state == SendState::Queued);
        let withdrawn: Vec<_> = queued.map(|row| (row.id, row.seq)).collect();
        for (id, _) in &withdrawn {
            self.move_send(*id, SendState::Cancelled);
        }
        withdrawn.into_iter().map(|(_, seq)| seq).collect()
    }

    /// Counts automatic messages that are being sent; notes that it was told, if the epoch
    /// rises.
    fn automatic_on_the_wire(&mut self, id: ConversationId, raised: bool) -> u32 {
        let sending = self.outbox.open(id);
        let sending = sending.filter(|row| row.epoch.is_some() && row.state == SendState::Sending);
        let sending: Vec<_> = sending.map(|row| row.id).collect();
        for id in &sending {
            self.outbox.update(*id, |row| row.announced |= raised);
        }
        u32::try_from(sending.len()).unwrap_or(u32::MAX)
    }

    fn enqueue(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        draft: &OutboxDraft,
        now: Timestamp,
    ) {
        let id = MessageId::of(conversation, draft.seq);
        let row = OutboxRow {
            id,
            tenant,
            conversation,
            seq: draft.seq,
            channel: draft.channel,
            class: draft.class,
            epoch: draft.epoch,
            state: SendState::Queued,
            attempts: 0,
            due_at: now,
            claimed_at: None,
            claims: 0,
            external_id: None,
            error: None,
            announced: false,
            requests: 0,
        };
        self.outbox.insert(row);
        let row = self.conversations.get_mut(&conversation);
        if let Some(message) = row.and_then(|row| row.message_mut(draft.seq)) {
            message.status = Some(DeliveryStatus::Queued);
        }
    }

    fn append_events(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        version: u64,
        drafts: Vec<EventDraft>,
        at: Timestamp,
    ) -> u64 {
        let mut first = 0;
        for EventDraft {
            event,
            audience,
            prior,
        } in drafts
        {
            // Quarantine is recorded by supervision; its end is a person's commit.
            if let Event::Resumed { .. } = &event {
                let incident = Incident {
                    actor: "conversation",
                    conversation: Some(conversation),
                    kind: IncidentKind::Resume,
                    reason: String::new(),
                };
                self.incidents.push((tenant, incident));
            }
            let message_seq = match &event {
                Event::MessageAdded { seq, .. } => Some(*seq),
                _ => None,
            };
            let body = EventBody::Conversation { event };
            let version = Some(version);
            let row = EventRow {
                conversation,
                version,
                at,
                body,
                audience,
                prior,
                message_seq,
            };
            let seq = self.emit(tenant, row);
            if first == 0 {
                first = seq;
            }
        }
        first
    }

    /// The provider refused the message for good.
    fn refuse(&mut self, conversation: ConversationId, seq: u64, code: i64) {
        let id = MessageId::of(conversation, seq);
        let open =
            |row: &&OutboxRow| !matches!(row.state, SendState::Failed | SendState::Cancelled);
        if self.outbox.get(id).filter(open).is_none() {
            return;
        }
        let bare = ProviderError {
            code,
            title: String::new(),
            detail: None,
        };
        let row = self.outbox.update(id, |row| {
            row.state = SendState::Failed;
            row.error.get_or_insert(bare);
        });
        let error = row.and_then(|row| row.error.clone());
        self.raise_status(conversation, seq, DeliveryStatus::Failed, error);
    }
}

/// `wake_at` is a lower bound: it is written only when it moves earlier or has come.
fn next_wake(
    stored: Option<Timestamp>,
    wanted: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    match stored.filter(|at| *at > now) {
        Some(stored) => Some(wanted.map_or(stored, |wanted| wanted.min(stored))),
        None => wanted,
    }
}

fn message(draft: &MessageDraft) -> MessageRow {
    MessageRow {
        id: draft.id,
        seq: draft.seq,
        sender: draft.sender,
        kind: draft.kind,
        body: Some(draft.body.clone()),
        external_id: draft.external_id.clone(),
        quoted: draft.quote.as_ref().map(|quote| quote.external_id.clone()),
        sent_at: draft.sent_at,
        late: draft.late,
        status: None,
        error: None,
    }
}
