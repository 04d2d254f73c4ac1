//! The actor of one active conversation: its life and its deque.
//!
//! One commit is in flight at most; whatever arrives meanwhile waits in a bounded deque, human
//! control first, and is decided on the state that the commit leaves. A failed commit leaves the
//! state as it was, so numbers cannot gap. Anything unexpected ends this life of the actor: the
//! stored state is the truth and the next life starts from it. AI, HTTP and media never occupy
//! the commit's slot.

use super::recent::Recent;
use super::work::Work;
use crate::api::{DispatchError, Outcome};
use crate::channel::ReadReceipt;
use crate::lifecycle::{Reason, Watch};
use crate::tenant::Shared;
use actix::{Actor, ActorContext, Context, Handler, Message};
use papo_domain::conversation::{RecentMessage, State};
use papo_domain::ports::Activation;
use papo_domain::{ChannelId, ConversationId, CustomerId};
use std::collections::VecDeque;
use std::sync::Arc;

/// Something to decide.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Deliver(pub(crate) Work);

/// Leave memory once nothing is left to do.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Passivate;

/// One conversation.
pub(crate) struct ConversationActor {
    pub(super) shared: Arc<Shared>,
    pub(super) channel: ChannelId,
    pub(super) customer: CustomerId,
    /// The customer's name.
    pub(super) name: Option<String>,
    pub(super) version: u64,
    pub(super) state: State,
    pub(super) recent: Recent,
    urgent: VecDeque<Work>,
    pub(super) waiting: VecDeque<Work>,
    pub(super) current: Option<Current>,
    leaving: bool,
    ended: bool,
    pub(super) watch: Watch,
}

/// The commit in flight.
pub(super) struct Current {
    pub(super) work: Work,
    pub(super) next: State,
    pub(super) said: Vec<RecentMessage>,
    pub(super) outcome: Outcome,
    pub(super) sends: bool,
    pub(super) receipts: Vec<ReadReceipt>,
}

impl ConversationActor {
    /// `waiting` is what the parent kept while the state was read.
    pub(crate) fn new(
        shared: Arc<Shared>,
        activation: Activation,
        waiting: VecDeque<Work>,
        watch: Watch,
    ) -> Self {
        let Activation {
            version,
            state,
            channel,
            customer,
            name,
            recent,
            answers,
        } = activation;
        Self {
            shared,
            channel,
            customer,
            name,
            version,
            state,
            recent: Recent::new(answers, recent),
            urgent: VecDeque::new(),
            waiting,
            current: None,
            leaving: false,
            ended: false,
            watch,
        }
    }

    pub(super) fn id(&self) -> ConversationId {
        self.state.conversation
    }

    /// Ends this life. What waits is dropped: items go back to the table, callers are told.
    pub(super) fn end(&mut self, reason: Reason, ctx: &mut Context<Self>) {
        self.shared.in_hand.hold_back(self.id());
        self.watch.reason = Some(reason);
        self.ended = true;
        self.urgent.clear();
        self.waiting.clear();
        self.current = None;
        ctx.terminate();
    }

    pub(super) fn go_on(&mut self, ctx: &mut Context<Self>) {
        while self.current.is_none() && !self.ended {
            let Some(work) = self.urgent.pop_front().or_else(|| self.waiting.pop_front()) else {
                break;
            };
            self.begin(work, ctx);
        }
        if self.leaving && !self.ended && self.current.is_none() {
            self.watch.reason = Some(Reason::Passivated);
            self.ended = true;
            ctx.stop();
        }
    }

    /// An item goes back to the table. Those after it follow, or they would overtake it.
    pub(super) fn put_back(&mut self, item: Work) {
        self.shared.in_hand.pause(self.id());
        self.waiting
            .retain(|work| !matches!(work, Work::Item { .. }));
        item.refuse(DispatchError::Busy);
    }
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.go_on(ctx);
    }
}

impl Handler<Deliver> for ConversationActor {
    type Result = ();

    fn handle(&mut self, Deliver(work): Deliver, ctx: &mut Self::Context) {
        if self.ended {
            return;
        }
        let bound = self.shared.config.conversation_queue;
        let is_item = matches!(work, Work::Item { .. });
        // People must not be turned away by a customer's burst: they have a bound of their own.
        if work.is_urgent() && self.urgent.len() < bound {
            self.urgent.push_back(work);
        } else if is_item && self.shared.in_hand.is_paused(self.id()) {
            // It was on its way when an earlier one went back.
            return work.refuse(DispatchError::Busy);
        } else if self.waiting.len() >= bound {
            if is_item {
                self.shared.in_hand.pause(self.id());
            }
            return work.refuse(DispatchError::Busy);
        } else {
            self.waiting.push_back(work);
        }
        self.go_on(ctx);
    }
}

impl Handler<Passivate> for ConversationActor {
    type Result = ();

    fn handle(&mut self, _: Passivate, ctx: &mut Self::Context) {
        self.leaving = true;
        self.go_on(ctx);
    }
}
