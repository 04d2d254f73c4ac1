//! Short ways to say what a commit holds. A draft is a commit and the state after it; what follows
//! it starts from there.

use crate::bench::{Tenant, at};
use papo_domain::content::{Content, MessageKind};
use papo_domain::conversation::{
    Audience, Body, Event, Listing, MessageDraft, Mode, Owner, SendClass, Sender, State,
};
use papo_domain::ids::{ConversationId, MessageId, UserId};
use papo_domain::outbound::Outbound;
use papo_domain::ports::{Commit, EventDraft, OutboxDraft};

/// A commit under construction.
#[derive(Clone)]
pub(crate) struct Draft {
    commit: Commit,
}

impl Draft {
    /// The first commit of a fresh conversation.
    pub(crate) fn first(tenant: &Tenant, conversation: ConversationId) -> Self {
        Self::on(tenant, State::new(conversation), 0)
    }

    /// A commit on `state` at `version`.
    pub(crate) fn on(tenant: &Tenant, state: State, version: u64) -> Self {
        Self {
            commit: Commit {
                tenant: tenant.id,
                conversation: state.conversation,
                expected_version: version,
                state,
                listing: None,
                events: vec![],
                messages: vec![],
                outbox: vec![],
                cancel_automatic: false,
                failed: vec![],
                transfers: vec![],
                handoffs: vec![],
                notifications: vec![],
                jobs: vec![],
                slot: None,
                media: vec![],
                inbox_done: vec![],
                idempotency: None,
            },
        }
    }

    /// The commit that follows this one.
    pub(crate) fn then(&self, tenant: &Tenant) -> Self {
        Self::on(
            tenant,
            self.commit.state.clone(),
            self.commit.expected_version + 1,
        )
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Commit)) -> Self {
        change(&mut self.commit);
        self
    }

    /// Adds a message with its event.
    fn message(mut self, sender: Sender, kind: MessageKind, body: Body, ext: Option<&str>) -> Self {
        let commit = &mut self.commit;
        commit.state.seq += 1;
        let seq = commit.state.seq;
        let moment = at(i64::try_from(seq).unwrap());
        commit.state.last_message_at = Some(moment);
        commit.messages.push(MessageDraft {
            id: MessageId::of(commit.conversation, seq),
            seq,
            sender,
            kind,
            body,
            external_id: ext.map(str::to_owned),
            quote: None,
            context: None,
            sent_at: moment,
            late: false,
        });
        self.event(Event::MessageAdded {
            seq,
            sender,
            kind,
            at: moment,
            utterance: true,
            late: false,
            scheduled: false,
        })
    }

    pub(crate) fn event(mut self, event: Event) -> Self {
        self.commit.events.push(EventDraft {
            event,
            audience: Audience::of(&self.commit.state),
            prior: None,
        });
        self
    }

    pub(crate) fn inbound(self, external_id: &str, text: &str) -> Self {
        let content = Content::Text {
            body: text.to_owned(),
        };
        let kind = content.kind();
        self.message(
            Sender::Customer,
            kind,
            Body::Inbound { content },
            Some(external_id),
        )
    }

    /// A message to the customer, put into the outbox.
    fn sending(mut self, tenant: &Tenant, sender: Sender, text: &str, automatic: bool) -> Self {
        let outbound = Outbound::text(text);
        let kind = outbound.kind();
        self = self.message(sender, kind, Body::Outbound { outbound }, None);
        let epoch = automatic.then_some(self.commit.state.epoch);
        self.commit.outbox.push(OutboxDraft {
            seq: self.commit.state.seq,
            channel: tenant.channel,
            class: if automatic {
                SendClass::Bot
            } else {
                SendClass::Human
            },
            epoch,
        });
        self
    }

    pub(crate) fn bot(self, tenant: &Tenant, text: &str) -> Self {
        self.sending(tenant, Sender::Bot, text, true)
    }

    pub(crate) fn reply(self, tenant: &Tenant, user: UserId, text: &str) -> Self {
        self.sending(tenant, Sender::Attendant(user), text, false)
    }

    /// Takes control: the epoch rises, automatic messages are withdrawn.
    pub(crate) fn takeover(mut self, user: UserId) -> Self {
        self.commit.state.epoch += 1;
        self.commit.state.mode = Mode::Human {
            owner: Owner::User(user),
            since: at(0),
            handoff: None,
            unanswered_since: None,
            replied_seq: 0,
            skills: Vec::new(),
        };
        self.commit.cancel_automatic = true;
        self.event(Event::TakenOver {
            owner: Owner::User(user),
            from: None,
            at: at(0),
            handoff: None,
        })
    }

    /// The commit, with the list row of its state.
    pub(crate) fn done(mut self) -> Commit {
        self.commit.listing = Some(Listing::of(&self.commit.state));
        self.commit
    }
}
