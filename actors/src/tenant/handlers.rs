//! What a tenant's actor does with each message. The sockets' messages are in [`super::attach`],
//! the exit notices in [`super::supervision`].

use super::actor::TenantActor;
use super::messages::{
    Describe, Doorbell, Drain, Events, Leave, Online, Reload, Retire, Route, Signal, Sweep,
    UserChanged,
};
use super::shared::Rules;
use crate::api::DispatchError;
use crate::lifecycle::Reason;
use actix::{ActorFutureExt, AsyncContext, Handler, MessageResult, WrapFuture};
use papo_domain::UserId;
use papo_domain::ports::TenantRecord;
use std::sync::Arc;
use tokio::time::Instant;

impl Handler<Route> for TenantActor {
    type Result = ();

    fn handle(&mut self, Route { conversation, work }: Route, ctx: &mut Self::Context) {
        if self.is_draining() {
            return work.refuse(DispatchError::Draining);
        }
        self.used = Instant::now();
        self.deliver(conversation, work, ctx);
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

impl Handler<Reload> for TenantActor {
    type Result = ();

    fn handle(&mut self, reload: Reload, ctx: &mut Self::Context) {
        let Reload { channel, reply } = reload;
        self.used = Instant::now();
        let load = self.shared.ports.store.load_tenant(self.shared.tenant);
        ctx.spawn(load.into_actor(self).map(move |record, actor, ctx| {
            let done = record.map_err(DispatchError::Store).map(|record| {
                let TenantRecord {
                    policy,
                    flow,
                    departments,
                    channels,
                    ..
                } = record;
                actor.shared.set_rules(Rules {
                    policy,
                    flow,
                    departments,
                });
                actor.set_channels(channels, channel, ctx);
            });
            drop(reply.send(done));
        }));
    }
}

impl Handler<UserChanged> for TenantActor {
    type Result = ();

    fn handle(&mut self, UserChanged(user): UserChanged, _: &mut Self::Context) {
        self.fanout.cut(user);
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
        self.draining.push(reply);
        self.answer_drain();
    }
}

impl Handler<Retire> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        self.retire(ctx);
    }
}

impl Handler<Leave> for TenantActor {
    type Result = ();

    fn handle(&mut self, Leave(reply): Leave, ctx: &mut Self::Context) {
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
