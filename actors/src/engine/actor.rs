//! The engine's actor: its state, asking who has something due, and the drain. Its leases are in
//! [`super::leases`], the lives of its tenants in [`super::tenants`].

use super::leases::release;
use super::registry::{Missed, Registry};
use super::tenants::{Starter, finish};
use crate::api::EngineConfig;
use crate::arbiters::{ArbiterPool, BEAT};
use crate::lifecycle::RestartWindow;
use crate::ports::Ports;
use crate::tenant::{Retire, Sweep, TenantActor};
use actix::WrapFuture;
use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message};
use papo_domain::ports::Lease;
use papo_domain::{Shard, TenantId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{info, warn};

/// How often the table is asked who has something due.
const SWEEP: Duration = Duration::from_secs(1);
/// Room for start requests; what does not fit is found by the sweep.
const MAILBOX: usize = 1_024;
/// A thread that let its actors wait for this long is worth a warning.
const BLOCKED: Duration = Duration::from_millis(250);

/// Finish, hand over, stop.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Shutdown(pub(crate) oneshot::Sender<()>);

/// How many shards are held?
#[derive(Message)]
#[rtype(result = "usize")]
pub(crate) struct HeldShards;

/// The root of the tree.
pub(crate) struct EngineActor {
    pub(super) ports: Ports,
    pub(super) config: Arc<EngineConfig>,
    pub(super) pool: ArbiterPool,
    pub(super) registry: Arc<Registry>,
    pub(super) leases: HashMap<Shard, Lease>,
    /// Shards with something that only a newer version can read.
    pub(super) too_new: HashSet<Shard>,
    pub(super) running: HashMap<TenantId, Running>,
    /// Tenants that are being started, with those who wait for them.
    pub(super) starting: HashMap<TenantId, Vec<Starter>>,
    /// Tenants that were asked to leave memory and have not answered; out of everybody's reach.
    pub(super) leaving: HashMap<TenantId, Addr<TenantActor>>,
    pub(super) windows: HashMap<TenantId, RestartWindow>,
    /// Tenants that pause after a crash.
    pub(super) pausing: HashSet<TenantId>,
    pub(super) lives: u64,
    sweeping: bool,
    pub(super) renewing: bool,
    pub(super) draining: bool,
}

/// A tenant's life on this node.
pub(super) struct Running {
    pub(super) lease: Lease,
    pub(super) incarnation: u64,
}

impl EngineActor {
    pub(super) fn new(ports: Ports, config: Arc<EngineConfig>, registry: Arc<Registry>) -> Self {
        let pool = ArbiterPool::new(config.arbiters);
        Self {
            ports,
            config,
            pool,
            registry,
            leases: HashMap::new(),
            too_new: HashSet::new(),
            running: HashMap::new(),
            starting: HashMap::new(),
            leaving: HashMap::new(),
            windows: HashMap::new(),
            pausing: HashSet::new(),
            lives: 0,
            sweeping: false,
            renewing: false,
            draining: false,
        }
    }

    /// Rings every tenant that has something due, starting those that do not run.
    pub(super) fn sweep(&mut self, ctx: &mut Context<Self>) {
        if self.draining || self.leases.is_empty() || self.sweeping {
            return;
        }
        self.sweeping = true;
        let busy = self
            .ports
            .store
            .busy_tenants(self.leases.keys().copied().collect());
        ctx.spawn(busy.into_actor(self).map(|busy, actor, ctx| {
            actor.sweeping = false;
            match busy {
                Ok(tenants) => {
                    for tenant in tenants {
                        if let Err(Missed::Absent(_)) = actor.registry.offer(tenant, Sweep) {
                            actor.start(tenant, None, ctx);
                        }
                    }
                }
                Err(fault) => warn!(%fault, "the sweep could not ask who has something due"),
            }
        }));
    }

    /// A handler that blocks stops every actor of its thread; this is where it shows.
    fn look_at_arbiters(&mut self, _: &mut Context<Self>) {
        for (arbiter, late) in self.pool.late(Instant::now()).into_iter().enumerate() {
            let name = arbiter.to_string();
            metrics::gauge!("papo_arbiter_late_seconds", "arbiter" => name).set(late.as_secs_f64());
            if late >= BLOCKED {
                warn!(
                    arbiter,
                    ?late,
                    "arbiter {arbiter} let its actors wait for {late:?}"
                );
            }
        }
    }

    /// Asks every tenant to finish and waits for them, renewing the leases meanwhile.
    fn drain(&mut self, reply: oneshot::Sender<()>, ctx: &mut Context<Self>) {
        self.draining = true;
        let tenants = self.running.keys().copied().collect();
        let finished = finish(self.addresses(tenants), self.config.drain);
        ctx.spawn(finished.into_actor(self).map(move |in_time, actor, ctx| {
            info!(in_time, "drained");
            actor.hand_over(reply, ctx);
        }));
    }

    /// Gives the leases back, and ends.
    fn hand_over(&mut self, reply: oneshot::Sender<()>, ctx: &mut Context<Self>) {
        let leases = std::mem::take(&mut self.leases).into_values().collect();
        let released = release(Arc::clone(&self.ports.store), leases);
        ctx.spawn(released.into_actor(self).map(move |(), actor, ctx| {
            for tenant in std::mem::take(&mut actor.running).into_keys() {
                drop(actor.registry.offer(tenant, Retire));
                actor.registry.remove(tenant);
            }
            if reply.send(()).is_err() {
                info!("nobody waits for the drain any more");
            }
            ctx.stop();
        }));
    }
}

impl Actor for EngineActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.take_leases(ctx);
        ctx.run_interval(SWEEP, Self::sweep);
        ctx.run_interval(BEAT, Self::look_at_arbiters);
    }
}

impl Handler<Shutdown> for EngineActor {
    type Result = ();

    fn handle(&mut self, Shutdown(reply): Shutdown, ctx: &mut Self::Context) {
        self.drain(reply, ctx);
    }
}

impl Handler<HeldShards> for EngineActor {
    type Result = usize;

    fn handle(&mut self, _: HeldShards, _: &mut Self::Context) -> usize {
        self.leases.len()
    }
}
