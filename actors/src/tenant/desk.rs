//! The hands of the desk: it is told what happens and who is here, and what it wants done is given
//! to the conversations. Whom to ask is the domain's business; whether it comes true is the
//! commit's.

use super::actor::TenantActor;
use super::messages::{Choices, Queues};
use crate::api::DispatchError;
use crate::conversation::Work;
use actix::{ActorFutureExt, AsyncContext, Context, Handler, MessageResult, WrapFuture};
use papo_domain::ConversationId;
use papo_domain::conversation::Command;
use papo_domain::ports::{EventBody, LiveEvent};
use papo_domain::routing::{Attendant, Move, MoveEnd};
use std::collections::BTreeSet;
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;
use tokio::time::Instant;

impl TenantActor {
    /// Tells the desk what happened, whoever is online.
    pub(super) fn tell_desk(&mut self, events: &[Arc<LiveEvent>]) {
        let known = self.fanout.last_seq();
        for event in events.iter().filter(|event| event.seq > known) {
            if let EventBody::Conversation { event: fact } = &event.body {
                self.desk.follow(event.conversation, fact);
            }
        }
    }

    /// Tells the desk who has a socket.
    pub(super) fn see_people(&mut self) {
        let people = self.fanout.people().filter(|(_, sockets)| *sockets > 0);
        let here: BTreeSet<_> = people.map(|(user, _)| user).collect();
        self.desk.see(&here, self.shared.ports.clock.now());
    }

    /// Does what the desk wants done now. Costs nothing while nothing happens and nobody waits.
    pub(super) fn work_desk(&mut self, ctx: &mut Context<Self>) {
        let now = self.shared.ports.clock.now();
        if self.draining || !self.desk.is_due(now) {
            return;
        }
        #[cfg(test)]
        self.shared.desk_works.fetch_add(1, Ordering::Relaxed);
        let rules = self.shared.rules();
        // Where the tenant is not served, nobody can come in to answer; what is offered times out.
        if rules.served {
            let moves = self.desk.next_moves(&rules.policy, &rules.departments, now);
            for wanted in moves {
                self.make_move(wanted, ctx);
            }
            let tellings = self.desk.tellings(&rules.policy, &rules.departments, now);
            for telling in tellings {
                self.tell_conversation(telling.conversation, telling.command(), ctx);
            }
        }
        for relief in self.desk.reliefs(now) {
            self.tell_conversation(relief.conversation, relief.command(), ctx);
        }
        let outlook = self
            .desk
            .take_outlook(&rules.policy, &rules.departments, now);
        if let Some(outlook) = outlook {
            self.shared.set_outlook(outlook);
        }
    }

    /// The staff as it is now. Whoever is online is told whose availability changed.
    pub(super) fn staff_changed(&mut self, people: Vec<Attendant>) {
        let now = self.shared.ports.clock.now();
        for (user, availability) in self.desk.set_people(people, now) {
            let text = self.shared.ports.frames.availability(user, availability);
            self.fanout.tell_everybody(text);
        }
    }

    /// Tells a conversation something, whatever comes of it.
    fn tell_conversation(
        &mut self,
        conversation: ConversationId,
        command: Command,
        ctx: &mut Context<Self>,
    ) {
        let work = Work::Command {
            token: self.shared.in_hand.take_command(),
            command: Box::new(command),
            idempotency: None,
            reply: None,
        };
        self.deliver(conversation, work, ctx);
    }

    fn make_move(&mut self, wanted: Move, ctx: &mut Context<Self>) {
        let (reply, outcome) = oneshot::channel();
        let work = Work::Command {
            token: self.shared.in_hand.take_command(),
            command: Box::new(wanted.command()),
            idempotency: None,
            reply: Some(reply),
        };
        let conversation = wanted.conversation;
        ctx.spawn(outcome.into_actor(self).map(move |outcome, actor, _| {
            let end = match outcome {
                Ok(Ok(_)) => MoveEnd::Done,
                Ok(Err(DispatchError::Rejected(rejection))) => MoveEnd::Refused(rejection),
                Ok(Err(_)) | Err(_) => MoveEnd::Failed,
            };
            let now = actor.shared.ports.clock.now();
            actor.desk.settle(&wanted, &end, now);
        }));
        self.deliver(conversation, work, ctx);
    }
}

impl Handler<Choices> for TenantActor {
    type Result = MessageResult<Choices>;

    fn handle(&mut self, Choices(user): Choices, _: &mut Self::Context) -> Self::Result {
        self.used = Instant::now();
        MessageResult(self.desk.choices(user, &self.shared.rules().policy))
    }
}

impl Handler<Queues> for TenantActor {
    type Result = MessageResult<Queues>;

    fn handle(&mut self, _: Queues, _: &mut Self::Context) -> Self::Result {
        self.used = Instant::now();
        let (rules, now) = (self.shared.rules(), self.shared.ports.clock.now());
        let (policy, departments) = (&rules.policy, &rules.departments);
        MessageResult(self.desk.queues(policy, departments, now))
    }
}
