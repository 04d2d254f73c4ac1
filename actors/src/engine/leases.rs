//! Which shards this node holds: taken at its start, renewed until it goes, taken over from nodes
//! that are gone, lost to others, given back. What runs under a lease that is not valid any more
//! is stopped here; who runs under a valid one is [`super::tenants`]'s.

use super::actor::EngineActor;
use super::tenants::finish;
use crate::api::DispatchError;
use crate::tenant::Retire;
use actix::{ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use papo_domain::ports::{EngineStore, Lease, StoreError};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tracing::{info, warn};

/// Pause after the leases could not be taken.
const TAKE_AGAIN: Duration = Duration::from_secs(1);

/// The fence refused a write under this lease.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct ShardLost(pub(crate) Lease);

/// Something of this shard can only be read by a newer version.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct GiveBack(pub(crate) Lease);

impl EngineActor {
    /// Takes this node's own leases at once; a restart must not wait for them to run out. They
    /// are renewed from then on and not before: another take beside this one would not know of
    /// what this one takes, and raise its epochs.
    pub(super) fn take_leases(&self, ctx: &mut Context<Self>) {
        let taken = self.ports.store.take_leases();
        ctx.spawn(taken.into_actor(self).map(|taken, actor, ctx| match taken {
            Ok(leases) => {
                info!(shards = leases.len(), "leases taken");
                actor.hold(leases);
                actor.sweep(ctx);
                ctx.run_interval(actor.config.lease_renewal, Self::renew);
            }
            Err(fault) => {
                warn!(%fault, "leases could not be taken");
                ctx.run_later(TAKE_AGAIN, |actor, ctx| actor.take_leases(ctx));
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

    /// A lease is not valid any more. Whether it was held until now.
    fn lose(&mut self, lease: Lease) -> bool {
        let held = self.leases.get(&lease.shard) == Some(&lease);
        if held {
            self.leases.remove(&lease.shard);
        }
        self.retire_shard(lease);
        held
    }

    /// Stops what runs under a lease that is not valid any more.
    fn retire_shard(&mut self, lost: Lease) {
        for tenant in self.running_under(lost) {
            self.running.remove(&tenant);
            // A tenant too busy to hear it is refused by the fence at its next write.
            drop(self.registry.offer(tenant, Retire));
            self.registry.remove(tenant);
            if self.leaving.remove(&tenant).is_some() {
                self.answer_starters(tenant, || Err(DispatchError::NotHere));
            }
        }
    }

    fn renew(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.renewing, true) {
            return;
        }
        let held: Vec<_> = self.leases.values().copied().collect();
        // A node that goes keeps what it has until it is done with it, and takes nothing more.
        let except = (!self.draining).then(|| self.too_new.iter().copied().collect());
        let store = Arc::clone(&self.ports.store);
        let renewed = async move {
            let mut lost: HashSet<_> = held.iter().copied().collect();
            if !held.is_empty() {
                for kept in store.renew_leases(held).await? {
                    lost.remove(&kept);
                }
            }
            let taken = match except {
                Some(except) => store.take_expired(except).await?,
                None => Vec::new(),
            };
            Ok::<_, StoreError>((lost, taken))
        };
        ctx.spawn(renewed.into_actor(self).map(|renewed, actor, ctx| {
            actor.renewing = false;
            match renewed {
                Ok((lost, taken)) => {
                    for lease in lost {
                        if actor.lose(lease) {
                            let shard = lease.shard.0;
                            warn!(shard, "lease of shard {shard} is lost");
                        }
                    }
                    // One of them may have been given back while this take was on its way.
                    let (back, taken) = taken
                        .into_iter()
                        .partition(|lease: &Lease| actor.too_new.contains(&lease.shard));
                    actor.hold(taken);
                    ctx.spawn(release(Arc::clone(&actor.ports.store), back).into_actor(actor));
                }
                // Nothing can be committed either while the store is away.
                Err(fault) => warn!(%fault, "leases could not be renewed"),
            }
        }));
    }

    /// Lets a newer version have a shard, once what is under way there has ended, and never
    /// takes it again: this version would get no further with it.
    fn give_back(&mut self, lease: Lease, ctx: &mut Context<Self>) {
        if self.leases.get(&lease.shard) != Some(&lease) || !self.too_new.insert(lease.shard) {
            return;
        }
        let shard = lease.shard.0;
        warn!(shard, "shard {shard} is left to a newer version");
        let finished = finish(self.addresses(self.running_under(lease)), self.config.drain);
        ctx.spawn(finished.into_actor(self).map(move |_in_time, actor, ctx| {
            actor.lose(lease);
            ctx.spawn(release(Arc::clone(&actor.ports.store), vec![lease]).into_actor(actor));
        }));
    }
}

/// Ends leases before their time.
pub(super) async fn release(store: Arc<dyn EngineStore>, leases: Vec<Lease>) {
    if leases.is_empty() {
        return;
    }
    if let Err(fault) = store.release_leases(leases).await {
        warn!(%fault, "leases could not be given back; they will run out");
    }
}

impl Handler<ShardLost> for EngineActor {
    type Result = ();

    fn handle(&mut self, ShardLost(lease): ShardLost, _: &mut Self::Context) {
        self.lose(lease);
    }
}

impl Handler<GiveBack> for EngineActor {
    type Result = ();

    fn handle(&mut self, GiveBack(lease): GiveBack, ctx: &mut Self::Context) {
        self.give_back(lease, ctx);
    }
}
