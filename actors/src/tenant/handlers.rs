//! What a tenant's actor does with each message. The sockets' messages are in [`super::attach`],
//! the exit notices in [`super::supervision`], [`super::messages::Reload`] in [`super::reload`].

use super::actor::TenantActor;
use super::messages::{
    Describe, Doorbell, Drain, Events, EverybodyChanged, Online, Passivate, Retire, Route, Signal,
    Sweep, UserChanged, Viewers,
};
use crate::api::DispatchError;
use crate::attendant::CutReason;
use crate::conversation::Work;
use crate::lifecycle::Reason;
use actix::{Handler, MessageResult};
use papo_domain::UserId;
use std::sync::Arc;
use tokio::time::Instant;

impl Handler<Route> for TenantActor {
    type Result = ();

    fn handle(&mut self, route: Route, ctx: &mut Self::Context) {
        let work = Work::Command {
            token: self.shared.in_hand.take_command(),
            command: route.command,
            idempotency: route.idempotency,
            reply: Some(route.reply),
        };
        if self.draining {
            return work.refuse(DispatchError::Draining);
        }
        self.used = Instant::now();
        self.deliver(route.conversation, work, ctx);
    }
}

impl Handler<Doorbell> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Doorbell, ctx: &mut Self::Context) {
        self.used = Instant::now();
        self.pump_new(ctx);
    }
}

impl Handler<Sweep> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Sweep, ctx: &mut Self::Context) {
        self.used = Instant::now();
        self.pump_all(ctx);
        self.read_wakes(ctx);
        self.shared.bells.ring_all();
    }
}

impl Handler<Events> for TenantActor {
    type Result = ();

    fn handle(&mut self, Events(batch): Events, ctx: &mut Self::Context) {
        self.follow(batch.events, ctx);
    }
}

impl Handler<UserChanged> for TenantActor {
    type Result = ();

    fn handle(&mut self, UserChanged(user): UserChanged, _: &mut Self::Context) {
        self.fanout.cut(user);
    }
}

impl Handler<EverybodyChanged> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: EverybodyChanged, _: &mut Self::Context) {
        self.fanout.cut_all(CutReason::Revoked);
    }
}

impl Handler<Signal> for TenantActor {
    type Result = ();

    fn handle(&mut self, signal: Signal, _: &mut Self::Context) {
        let frames = Arc::clone(&self.shared.ports.frames);
        self.fanout.signal(signal, frames.as_ref());
    }
}

impl Handler<Online> for TenantActor {
    type Result = Vec<UserId>;

    fn handle(&mut self, _: Online, _: &mut Self::Context) -> Self::Result {
        self.fanout.people().map(|(user, _)| user).collect()
    }
}

impl Handler<Viewers> for TenantActor {
    type Result = Vec<UserId>;

    fn handle(&mut self, Viewers(conversation): Viewers, _: &mut Self::Context) -> Self::Result {
        self.fanout.viewers_of(conversation)
    }
}

impl Handler<Describe> for TenantActor {
    type Result = MessageResult<Describe>;

    fn handle(&mut self, _: Describe, _: &mut Self::Context) -> Self::Result {
        MessageResult(Box::new(self.report()))
    }
}

impl Handler<Drain> for TenantActor {
    type Result = ();

    fn handle(&mut self, Drain(reply): Drain, _: &mut Self::Context) {
        self.shared.bells.drain();
        self.draining = true;
        self.drained.push(reply);
        self.answer_drain();
    }
}

impl Handler<Retire> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        self.retire(ctx);
    }
}

impl Handler<Passivate> for TenantActor {
    type Result = ();

    fn handle(&mut self, Passivate(reply): Passivate, ctx: &mut Self::Context) {
        let leaves = self.is_idle();
        if reply.send(leaves).is_err() {
            tracing::debug!("the engine does not wait for an answer any more");
        }
        if leaves {
            self.watch.reason = Some(Reason::Passivated);
            self.retire(ctx);
        }
    }
}

#[cfg(test)]
impl Handler<super::messages::Look> for TenantActor {
    type Result = MessageResult<super::messages::Look>;

    fn handle(&mut self, _: super::messages::Look, _: &mut Self::Context) -> Self::Result {
        MessageResult(Arc::clone(&self.shared))
    }
}
