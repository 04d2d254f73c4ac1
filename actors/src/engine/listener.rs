//! What this node hears from the others. All of it is hints: a doorbell rings as a local one
//! does, and after a loss everything is looked at once. Nothing is decided here.

use super::actor::EngineActor;
use super::registry::Registry;
use super::tenants::StartTenant;
use crate::mailbox::offer;
use actix::{Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use papo_domain::TenantId;
use papo_domain::ports::{BusSignal, BusStream, Heard};
use std::sync::Arc;

/// The way to the tenants of this node.
#[derive(Clone)]
pub(super) struct Here {
    pub(super) registry: Arc<Registry>,
    pub(super) engine: Addr<EngineActor>,
}

impl Here {
    /// Rings for new inbox rows, starting the tenant if it may be this node's. Whether it runs
    /// here.
    pub(super) fn ring(&self, tenant: TenantId) -> bool {
        if self.registry.ring(tenant) {
            return true;
        }
        if !self.registry.is_elsewhere(tenant) {
            // Lost if the engine is too busy; its sweep finds the tenant within a second.
            let start = StartTenant {
                tenant,
                reply: None,
            };
            drop(offer(&self.engine, start));
        }
        false
    }
}

/// Follow the bus for as long as the engine lives.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Listen {
    pub(super) here: Here,
    pub(super) stream: Box<dyn BusStream>,
}

/// Look now who has something due.
#[derive(Message)]
#[rtype(result = "()")]
struct SweepNow;

impl Handler<Listen> for EngineActor {
    type Result = ();

    fn handle(&mut self, Listen { here, mut stream }: Listen, ctx: &mut Context<Self>) {
        let listening = async move {
            while let Some(heard) = stream.recv().await {
                match heard {
                    Heard::Signal(BusSignal::InboxReady { tenant }) => {
                        here.ring(tenant);
                    }
                    // For those who follow the table on nodes that do not own the tenant.
                    Heard::Signal(BusSignal::Events { .. }) => {}
                    // Lost if the engine is too busy; it sweeps within a second anyway.
                    Heard::Lagged => drop(offer(&here.engine, SweepNow)),
                }
            }
        };
        ctx.spawn(listening.into_actor(self));
    }
}

impl Handler<SweepNow> for EngineActor {
    type Result = ();

    fn handle(&mut self, SweepNow: SweepNow, ctx: &mut Context<Self>) {
        self.sweep(ctx);
    }
}
