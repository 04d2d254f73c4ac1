//! Commits, built step by step.

use crate::testing::{Tenant, World};
use papo_domain::bot::NodeId;
use papo_domain::content::Content;
use papo_domain::conversation::{
    Audience, Body, BotState, Event, Listing, MessageDraft, Mode, Owner, SendClass, Sender,
    TransferKind, TransferRecord,
};
use papo_domain::ports::{Commit, EventDraft, Idempotency, OutboxDraft};
use papo_domain::{ConversationId, MessageId, Outbound, Timestamp, UserId};

/// A commit in the making, on the stored state.
pub(super) struct Draft {
    pub(super) commit: Commit,
    channel: papo_domain::ChannelId,
    now: Timestamp,
}

impl Draft {
    pub(super) fn on(world: &World, tenant: &Tenant, conversation: ConversationId) -> Self {
        let commit = Commit {
            tenant: tenant.id,
            conversation,
            expected_version: world.version(conversation),
            state: world.state(conversation),
            listing: None,
            events: Vec::new(),
            messages: Vec::new(),
            outbox: Vec::new(),
            cancel_automatic: false,
            failed: Vec::new(),
            transfers: Vec::new(),
            handoffs: Vec::new(),
            notifications: Vec::new(),
            jobs: Vec::new(),
            slot: None,
            media: Vec::new(),
            inbox_done: Vec::new(),
            idempotency: None,
        };
        Self {
            commit,
            channel: tenant.channel,
            now: world.clock().now(),
        }
    }

    /// The customer's words, from inbox row `row` if there is one.
    pub(super) fn inbound(mut self, row: Option<i64>, text: &str) -> Self {
        let content = Content::Text {
            body: text.to_owned(),
        };
        self.add(Sender::Customer, Body::Inbound { content });
        self.commit.inbox_done.extend(row);
        self
    }

    /// The bot's words, valid under the epoch as it is now.
    pub(super) fn bot(mut self, text: &str) -> Self {
        let seq = self.add(
            Sender::Bot,
            Body::Outbound {
                outbound: Outbound::text(text),
            },
        );
        let epoch = Some(self.commit.state.epoch);
        let row = OutboxDraft {
            seq,
            channel: self.channel,
            class: SendClass::Bot,
            epoch,
        };
        self.commit.outbox.push(row);
        self
    }

    /// Words that stay valid.
    pub(super) fn notice(mut self, text: &str) -> Self {
        let seq = self.add(
            Sender::System,
            Body::Outbound {
                outbound: Outbound::text(text),
            },
        );
        let row = OutboxDraft {
            seq,
            channel: self.channel,
            class: SendClass::Human,
            epoch: None,
        };
        self.commit.outbox.push(row);
        self
    }

    /// A person takes control.
    pub(super) fn takeover(mut self, user: UserId) -> Self {
        let owner = Owner::User(user);
        self.commit.state.epoch += 1;
        self.commit.state.mode = Mode::Human {
            owner,
            since: self.now,
            handoff: None,
            unanswered_since: None,
            replied_seq: 0,
            skills: Vec::new(),
        };
        self.commit.cancel_automatic = true;
        let (from, at, handoff) = (None, self.now, None);
        self.event(Event::TakenOver {
            owner,
            from,
            at,
            handoff,
        });
        self.commit.transfers.push(TransferRecord {
            kind: TransferKind::Takeover,
            from: None,
            to: Some(owner),
            department: None,
            by: owner.into(),
            note: None,
            at,
        });
        self
    }

    /// The bot now waits at `node` for the answer that message `seq` gave to `variable`.
    pub(super) fn collected(mut self, node: NodeId, variable: &str, seq: u64) -> Self {
        let answers = [(variable.to_owned(), seq)].into();
        self.commit.state.mode = Mode::Bot(BotState {
            node: Some(node),
            misses: 0,
            answers,
        });
        self
    }

    pub(super) fn key(mut self, key: &str, request: u8) -> Self {
        self.commit.idempotency = Some(Idempotency {
            user: UserId(uuid::Uuid::from_u128(7)),
            key: key.to_owned(),
            request: [request; 32],
            answer: serde_json::json!({ "version": self.commit.expected_version + 1 }),
        });
        self
    }

    pub(super) fn done(mut self) -> Commit {
        self.commit.listing = Some(Listing::of(&self.commit.state));
        self.commit
    }

    fn event(&mut self, event: Event) {
        let audience = Audience::of(&self.commit.state);
        self.commit.events.push(EventDraft {
            event,
            audience,
            prior: None,
        });
    }

    fn add(&mut self, sender: Sender, body: Body) -> u64 {
        self.commit.state.seq += 1;
        let seq = self.commit.state.seq;
        let kind = match &body {
            Body::Inbound { content } => content.kind(),
            Body::Outbound { outbound } => outbound.kind(),
            Body::Note { .. } => papo_domain::MessageKind::Note,
        };
        let at = self.now;
        let utterance = sender == Sender::Customer;
        self.event(Event::MessageAdded {
            seq,
            sender,
            kind,
            at,
            utterance,
            late: false,
            scheduled: false,
        });
        self.commit.messages.push(MessageDraft {
            id: MessageId::of(self.commit.conversation, seq),
            seq,
            sender,
            kind,
            body,
            external_id: None,
            quote: None,
            context: None,
            sent_at: at,
            late: false,
        });
        seq
    }
}
