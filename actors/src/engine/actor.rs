//! The engine's actor: takes and renews leases, asks who has something due, gives tenants up when
//! their shard is lost, and drains. Their lives are in [`super::tenants`].

use super::registry::{Missed, Registry};
use super::tenants::Starter;
use crate::api::{DispatchError, EngineConfig};
use crate::arbiters::{ArbiterPool, BEAT};
use crate::lifecycle::RestartWindow;
use crate::ports::Ports;
use crate::tenant::{Drain, Retire, Sweep};
use actix::WrapFuture;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message};
use papo_domain::ports::{Lease, StoreError};
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

/// The fence refused a write under this lease.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct ShardLost(pub(crate) Lease);

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
    pub(super) running: HashMap<TenantId, Running>,
    /// Tenants that are being started, with those who wait for them.
    pub(super) starting: HashMap<TenantId, Vec<Starter>>,
    /// Tenants that were asked to leave memory and have not answered; out of everybody's reach.
    pub(super) leaving: HashSet<TenantId>,
    pub(super) windows: HashMap<TenantId, RestartWindow>,
    /// Tenants that pause after a crash.
    pub(super) pausing: HashSet<TenantId>,
    pub(super) lives: u64,
    sweeping: bool,
    renewing: bool,
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
            running: HashMap::new(),
            starting: HashMap::new(),
            leaving: HashSet::new(),
            windows: HashMap::new(),
            pausing: HashSet::new(),
            lives: 0,
            sweeping: false,
            renewing: false,
            draining: false,
        }
    }

    /// Takes this node's own leases at once; a restart must not wait for them to run out.
    fn take_leases(&self, ctx: &mut Context<Self>) {
        let taken = self.ports.store.take_leases();
        ctx.spawn(taken.into_actor(self).map(|taken, actor, ctx| match taken {
            Ok(leases) => {
                info!(shards = leases.len(), "leases taken");
                actor.hold(leases);
                actor.sweep(ctx);
            }
            Err(fault) => {
                warn!(%fault, "leases could not be taken");
                ctx.run_later(SWEEP, |actor, ctx| actor.take_leases(ctx));
            }
        }));
    }

    fn hold(&mut self, leases: Vec<Lease>) {
        if !leases.is_empty() {
            self.registry.forget_elsewhere();
        }
        for lease in leases {
            if let Some(older) = self.leases.insert(lease.shard, lease)
                && older != lease
            {
                self.retire_shard(older);
            }
        }
    }

    /// Stops what runs under a lease that is not valid any more.
    fn retire_shard(&mut self, lost: Lease) {
        let gone: Vec<_> = self
            .running
            .iter()
            .filter(|(_, running)| running.lease == lost)
            .map(|(tenant, _)| *tenant)
            .collect();
        for tenant in gone {
            self.running.remove(&tenant);
            // A tenant too busy to hear it is refused by the fence at its next write.
            drop(self.registry.offer(tenant, Retire));
            self.registry.remove(tenant);
            if self.leaving.remove(&tenant) {
                self.answer_starters(tenant, || Err(DispatchError::NotHere));
            }
        }
    }

    fn renew(&mut self, ctx: &mut Context<Self>) {
        if self.draining || std::mem::replace(&mut self.renewing, true) {
            return;
        }
        let held: Vec<_> = self.leases.values().copied().collect();
        let store = Arc::clone(&self.ports.store);
        let renewed = async move {
            let kept = if held.is_empty() {
                Vec::new()
            } else {
                store.renew_leases(held).await?
            };
            let expired = store.take_expired().await?;
            Ok::<_, StoreError>((kept, expired))
        };
        ctx.spawn(renewed.into_actor(self).map(|renewed, actor, _| {
            actor.renewing = false;
            match renewed {
                Ok((kept, expired)) => {
                    let kept: HashSet<_> = kept.into_iter().collect();
                    let lost: Vec<_> = actor
                        .leases
                        .values()
                        .copied()
                        .filter(|l| !kept.contains(l))
                        .collect();
                    for lease in lost {
                        warn!(
                            shard = lease.shard.0,
                            "lease of shard {} is lost", lease.shard.0
                        );
                        actor.leases.remove(&lease.shard);
                        actor.retire_shard(lease);
                    }
                    actor.hold(expired);
                }
                // Nothing can be committed either while the store is away.
                Err(fault) => warn!(%fault, "leases could not be renewed"),
            }
        }));
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

    /// Asks every tenant to finish, waits for them, and gives the leases back.
    fn drain(&mut self, reply: oneshot::Sender<()>, ctx: &mut Context<Self>) {
        self.draining = true;
        let mut waiting = Vec::new();
        for tenant in self.running.keys() {
            let (done, finished) = oneshot::channel();
            if self.registry.offer(*tenant, Drain(done)).is_ok() {
                waiting.push(finished);
            }
        }
        let (store, limit) = (Arc::clone(&self.ports.store), self.config.drain);
        let leases: Vec<_> = self.leases.values().copied().collect();
        let drained = async move {
            let all = futures_util::future::join_all(waiting);
            let in_time = tokio::time::timeout(limit, all).await.is_ok();
            if let Err(fault) = store.release_leases(leases).await {
                warn!(%fault, "leases could not be given back; they will run out");
            }
            in_time
        };
        ctx.spawn(drained.into_actor(self).map(move |in_time, actor, ctx| {
            info!(in_time, "drained");
            actor.leases.clear();
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
        ctx.run_interval(self.config.lease_renewal, Self::renew);
    }
}

impl Handler<ShardLost> for EngineActor {
    type Result = ();

    fn handle(&mut self, ShardLost(lease): ShardLost, _: &mut Self::Context) {
        if self.leases.get(&lease.shard) == Some(&lease) {
            self.leases.remove(&lease.shard);
        }
        self.retire_shard(lease);
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
