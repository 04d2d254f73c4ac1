//! The tenants of this node: started when there is something for them, started again when they
//! crash, and let go when there was nothing for long.

use super::actor::{EngineActor, Running};
use crate::api::DispatchError;
use crate::lifecycle::{Child, Down, Watch};
use crate::mailbox::offer;
use crate::tenant::{Drain, Passivate, Retire, Rules, Shared, Sweep, TenantActor};
use actix::{ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use futures_util::future::join_all;
use papo_domain::TenantId;
use papo_domain::ports::{Lease, StoreError, TenantRecord};
use papo_domain::routing::DeskRecord;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{error, info};

/// Where it is told that a tenant runs.
pub(super) type Starter = oneshot::Sender<Result<(), DispatchError>>;

/// Start this tenant, if its shard is held here.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct StartTenant {
    pub(crate) tenant: TenantId,
    pub(crate) reply: Option<Starter>,
}

/// A tenant that has had nothing to do for long offers to leave memory.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct OfferToPassivate {
    pub(crate) tenant: TenantId,
    pub(crate) incarnation: u64,
}

impl EngineActor {
    pub(super) fn start(
        &mut self,
        tenant: TenantId,
        reply: Option<Starter>,
        ctx: &mut Context<Self>,
    ) {
        let answer = |reply: Option<Starter>, result| {
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
        // One that is leaving has to be gone, or to stay, before anything else.
        if first && !self.leaving.contains_key(&tenant) {
            self.load(tenant, ctx);
        }
    }

    fn load(&self, tenant: TenantId, ctx: &mut Context<Self>) {
        let store = Arc::clone(&self.ports.store);
        // In this order: the desk is never older than the head from which events are followed.
        let load = async move {
            let record = store.load_tenant(tenant).await?;
            Ok::<_, StoreError>((record, store.load_desk(tenant).await?))
        };
        ctx.spawn(load.into_actor(self).map(move |loaded, actor, ctx| {
            let started = match loaded {
                Ok((record, desk)) => actor.bring_up(record, desk, ctx),
                Err(fault) => Err(DispatchError::Store(fault)),
            };
            actor.answer_starters(tenant, || match &started {
                Ok(()) => Ok(()),
                Err(DispatchError::Store(fault)) => Err(DispatchError::Store(fault.clone())),
                Err(_) => Err(DispatchError::NotHere),
            });
        }));
    }

    /// Tells everybody who waits for the tenant. Whether anybody or anything did.
    pub(super) fn answer_starters(
        &mut self,
        tenant: TenantId,
        result: impl Fn() -> Result<(), DispatchError>,
    ) -> bool {
        let Some(waiting) = self.starting.remove(&tenant) else {
            return false;
        };
        for reply in waiting {
            drop(reply.send(result()));
        }
        true
    }

    fn bring_up(
        &mut self,
        record: TenantRecord,
        desk: DeskRecord,
        ctx: &mut Context<Self>,
    ) -> Result<(), DispatchError> {
        let tenant = record.tenant;
        let held = self.leases.get(&record.shard).copied();
        let Some(lease) = held.filter(|lease| !self.too_new.contains(&lease.shard)) else {
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
            served: record.served,
            policy: record.policy.clone(),
            flow: record.flow.clone(),
            trials: record.trials.clone(),
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
        let addr = self.pool.start(tenant, TenantActor::MAILBOX, move |_| {
            TenantActor::new(shared, record, desk, engine, pool, watch)
        });
        self.registry.insert(tenant, addr);
        self.running.insert(tenant, Running { lease, incarnation });
        info!(tenant.id = %tenant, shard = lease.shard.0, "tenant {tenant} runs here");
        Ok(())
    }

    pub(super) fn running_under(&self, lease: Lease) -> Vec<TenantId> {
        let running = self.running.iter();
        running
            .filter(|(_, running)| running.lease == lease)
            .map(|(tenant, _)| *tenant)
            .collect()
    }

    /// Where `tenants` are, also those that are asked to leave memory and may stay.
    pub(super) fn addresses(&self, tenants: Vec<TenantId>) -> Vec<Addr<TenantActor>> {
        let leaving = |tenant| self.leaving.get(&tenant).cloned();
        let addresses = tenants.into_iter();
        addresses
            .filter_map(|tenant| self.registry.addr(tenant).or_else(|| leaving(tenant)))
            .collect()
    }

    fn runs(&self, tenant: TenantId, incarnation: u64) -> bool {
        self.running
            .get(&tenant)
            .is_some_and(|running| running.incarnation == incarnation)
    }

    /// Lets a tenant leave memory. First nobody can reach it any more, then it is asked: whatever
    /// was on its way to it comes before the question, and whoever comes after it waits here.
    fn passivate(&mut self, tenant: TenantId, incarnation: u64, ctx: &mut Context<Self>) {
        if self.draining || !self.runs(tenant, incarnation) {
            return;
        }
        let Some(addr) = self.registry.remove(tenant) else {
            return;
        };
        let (reply, left) = oneshot::channel();
        if offer(&addr, Passivate(reply)).is_err() {
            self.registry.insert(tenant, addr);
            return;
        }
        self.leaving.insert(tenant, addr.clone());
        ctx.spawn(left.into_actor(self).map(move |left, actor, _| {
            // If it left or died, its watch tells.
            if left == Ok(false) {
                actor.stays(tenant, incarnation, addr);
            }
        }));
    }

    /// Something had come for it before it was asked to leave.
    fn stays(&mut self, tenant: TenantId, incarnation: u64, addr: Addr<TenantActor>) {
        if !self.runs(tenant, incarnation) {
            // Its shard was lost meanwhile, and it could not be told.
            drop(offer(&addr, Retire));
            return;
        }
        self.leaving.remove(&tenant);
        self.registry.insert(tenant, addr);
        if self.answer_starters(tenant, || Ok(())) {
            drop(self.registry.offer(tenant, Sweep));
        }
    }

    fn tenant_down(&mut self, tenant: TenantId, down: &Down, ctx: &mut Context<Self>) {
        if !self.runs(tenant, down.incarnation) {
            return;
        }
        self.running.remove(&tenant);
        self.registry.remove(tenant);
        let left = self.leaving.remove(&tenant).is_some();
        if self.draining {
            return;
        }
        if !down.reason.is_crash() {
            if left && self.starting.contains_key(&tenant) {
                self.load(tenant, ctx);
            }
            return;
        }
        if left {
            self.answer_starters(tenant, || Err(DispatchError::Gone));
        }
        error!(tenant.id = %tenant, "tenant {tenant} crashed");
        metrics::counter!("papo_actor_crashes_total", "actor" => "tenant").increment(1);
        let policy = &self.config.tenants;
        let window = self.windows.entry(tenant).or_default();
        let wait = window.pause_after_crash(policy, Instant::now(), 0.5);
        self.pausing.insert(tenant);
        ctx.run_later(wait, move |actor, ctx| {
            actor.pausing.remove(&tenant);
            actor.start(tenant, None, ctx);
        });
    }
}

/// Asks tenants to begin nothing and to finish what is in hand, for `limit` at most. Whether all
/// did in time.
pub(super) async fn finish(tenants: Vec<Addr<TenantActor>>, limit: Duration) -> bool {
    let finished = tenants.into_iter().map(|tenant| async move {
        let (done, finished) = oneshot::channel();
        // One that ends before it answers has nothing in hand either.
        if tenant.send(Drain(done)).await.is_ok() {
            drop(finished.await);
        }
    });
    tokio::time::timeout(limit, join_all(finished))
        .await
        .is_ok()
}

impl Handler<StartTenant> for EngineActor {
    type Result = ();

    fn handle(&mut self, StartTenant { tenant, reply }: StartTenant, ctx: &mut Self::Context) {
        self.start(tenant, reply, ctx);
    }
}

impl Handler<OfferToPassivate> for EngineActor {
    type Result = ();

    fn handle(&mut self, offered: OfferToPassivate, ctx: &mut Self::Context) {
        self.passivate(offered.tenant, offered.incarnation, ctx);
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
