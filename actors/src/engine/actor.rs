//! The engine's actor: takes and renews leases, starts tenants when there is something for them,
//! restarts them when they crash, and gives them up when a shard is lost.

use super::registry::{Missed, Registry};
use crate::api::{DispatchError, EngineConfig};
use crate::arbiters::ArbiterPool;
use crate::lifecycle::{Child, Down, RestartWindow, Verdict, Watch, pause};
use crate::ports::Ports;
use crate::tenant::{Drain, Retire, Rules, Shared, Sweep, TenantActor};
use actix::WrapFuture;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message};
use papo_domain::ports::{Lease, StoreError, TenantRecord};
use papo_domain::{Shard, TenantId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{error, info, warn};

/// How often the table is asked who has something due.
const SWEEP: Duration = Duration::from_secs(1);
/// Room for start requests; what does not fit is found by the sweep.
const MAILBOX: usize = 1_024;

/// Start this tenant, if its shard is held here.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct StartTenant {
    pub(crate) tenant: TenantId,
    pub(crate) reply: Option<oneshot::Sender<Result<(), DispatchError>>>,
}

/// The fence refused a write under this lease.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct ShardLost(pub(crate) Lease);

/// Finish, hand over, stop.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Shutdown(pub(crate) oneshot::Sender<()>);

/// Are leases held?
#[derive(Message)]
#[rtype(result = "usize")]
pub(crate) struct HeldShards;

/// The root of the tree.
pub(crate) struct EngineActor {
    ports: Ports,
    config: Arc<EngineConfig>,
    pool: ArbiterPool,
    registry: Arc<Registry>,
    leases: HashMap<Shard, Lease>,
    running: HashMap<TenantId, Running>,
    starting: HashMap<TenantId, Vec<oneshot::Sender<Result<(), DispatchError>>>>,
    windows: HashMap<TenantId, RestartWindow>,
    /// Tenants that pause after a crash.
    pausing: HashSet<TenantId>,
    lives: u64,
    sweeping: bool,
    renewing: bool,
    draining: bool,
}

struct Running {
    lease: Lease,
    incarnation: u64,
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

    fn start(
        &mut self,
        tenant: TenantId,
        reply: Option<oneshot::Sender<Result<(), DispatchError>>>,
        ctx: &mut Context<Self>,
    ) {
        let answer = |reply: Option<oneshot::Sender<_>>, result| {
            if let Some(reply) = reply {
                drop(reply.send(result));
            }
        };
        if self.draining {
            return answer(reply, Err(DispatchError::Draining));
        }
        if self.pausing.contains(&tenant) {
            return answer(reply, Err(DispatchError::Gone));
        }
        if self.registry.has(tenant) && self.running.contains_key(&tenant) {
            return answer(reply, Ok(()));
        }
        let first = !self.starting.contains_key(&tenant);
        self.starting.entry(tenant).or_default().extend(reply);
        if !first {
            return;
        }
        let load = self.ports.store.load_tenant(tenant);
        ctx.spawn(load.into_actor(self).map(move |record, actor, ctx| {
            let started = match record {
                Ok(record) => actor.bring_up(record, ctx),
                Err(fault) => Err(DispatchError::Store(fault)),
            };
            for reply in actor.starting.remove(&tenant).unwrap_or_default() {
                drop(reply.send(match &started {
                    Ok(()) => Ok(()),
                    Err(DispatchError::Store(fault)) => Err(DispatchError::Store(fault.clone())),
                    Err(_) => Err(DispatchError::NotHere),
                }));
            }
        }));
    }

    fn bring_up(
        &mut self,
        record: TenantRecord,
        ctx: &mut Context<Self>,
    ) -> Result<(), DispatchError> {
        let tenant = record.tenant;
        let Some(lease) = self.leases.get(&record.shard).copied() else {
            self.registry.note_elsewhere(tenant);
            return Err(DispatchError::NotHere);
        };
        if self.draining {
            return Err(DispatchError::Draining);
        }
        self.lives += 1;
        let incarnation = self.lives;
        let watch = Watch {
            parent: ctx.address().recipient(),
            child: Child::Tenant(tenant),
            incarnation,
            reason: None,
            in_hand: None,
        };
        let rules = Rules {
            policy: record.policy.clone(),
            flow: record.flow.clone(),
            departments: record.departments.clone(),
        };
        let config = Arc::clone(&self.config);
        let shared = Arc::new(Shared::new(
            tenant,
            lease,
            self.ports.clone(),
            config,
            rules,
        ));
        let (engine, pool) = (ctx.address(), self.pool.clone());
        let addr = self.pool.start(tenant, move |_| {
            TenantActor::new(shared, record, engine, pool, watch)
        });
        self.registry.insert(tenant, addr);
        self.running.insert(tenant, Running { lease, incarnation });
        info!(tenant.id = %tenant, shard = lease.shard.0, "tenant {tenant} runs here");
        Ok(())
    }

    fn tenant_down(&mut self, tenant: TenantId, down: &Down, ctx: &mut Context<Self>) {
        let current = self.running.get(&tenant).map(|running| running.incarnation);
        if current != Some(down.incarnation) {
            return;
        }
        self.running.remove(&tenant);
        self.registry.remove(tenant);
        if !down.reason.is_crash() || self.draining {
            return;
        }
        error!(tenant.id = %tenant, "tenant {tenant} crashed");
        metrics::counter!("papo_actor_crashes_total", "actor" => "tenant").increment(1);
        let policy = self.config.tenants.clone();
        let window = self.windows.entry(tenant).or_default();
        let wait = match window.crashed(&policy, Instant::now(), 0.5) {
            Verdict::RestartAfter(wait) => wait,
            Verdict::Exhausted => pause(&policy.backoff, u32::MAX, 0.0),
        };
        self.pausing.insert(tenant);
        ctx.run_later(wait, move |actor, ctx| {
            actor.pausing.remove(&tenant);
            actor.start(tenant, None, ctx);
        });
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
        ctx.run_interval(self.config.lease_renewal, Self::renew);
    }
}

impl Handler<StartTenant> for EngineActor {
    type Result = ();

    fn handle(&mut self, StartTenant { tenant, reply }: StartTenant, ctx: &mut Self::Context) {
        self.start(tenant, reply, ctx);
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

impl Handler<Down> for EngineActor {
    type Result = ();

    fn handle(&mut self, down: Down, ctx: &mut Self::Context) {
        if let Child::Tenant(tenant) = down.child {
            self.tenant_down(tenant, &down, ctx);
        }
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
