//! Changes of customers, and customers whom somebody writes to first, on their way to the owner's
//! lane.

use super::actor::TenantActor;
use super::messages::{ChangeCustomer, Resolve};
use crate::api::DispatchError;
use actix::{ActorFutureExt, AsyncContext, Handler, WrapFuture};
use papo_domain::CustomerId;
use papo_domain::ports::{CustomerChange, CustomerOutcome, StoreError};
use tokio::time::Instant;

impl Handler<ChangeCustomer> for TenantActor {
    type Result = ();

    fn handle(&mut self, message: ChangeCustomer, ctx: &mut Self::Context) {
        let ChangeCustomer { change, reply } = message;
        if self.draining {
            drop(reply.send(Err(DispatchError::Draining)));
            return;
        }
        self.used = Instant::now();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let mut whose = named(&change);
        let call = self.shared.store().change_customer(lease, tenant, *change);
        ctx.spawn(call.into_actor(self).map(move |done, actor, _| {
            if let Ok(CustomerOutcome::Changed(now)) = &done {
                whose.push(*now);
                actor.read_anew(&whose);
            }
            drop(reply.send(done.map_err(DispatchError::Store)));
        }));
    }
}

impl Handler<Resolve> for TenantActor {
    type Result = ();

    fn handle(&mut self, Resolve { query, reply }: Resolve, ctx: &mut Self::Context) {
        if self.draining {
            drop(reply.send(Err(DispatchError::Draining)));
            return;
        }
        self.used = Instant::now();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let call = self
            .shared
            .store()
            .resolve_peers(lease, tenant, vec![*query]);
        ctx.spawn(call.into_actor(self).map(|found, _, _| {
            let one = found.and_then(|found| {
                let missing = || StoreError::Corrupt("a peer without a conversation".to_owned());
                found.into_iter().next().ok_or_else(missing)
            });
            drop(reply.send(one.map_err(DispatchError::Store)));
        }));
    }
}

/// Whom a change names.
fn named(change: &CustomerChange) -> Vec<CustomerId> {
    match change {
        CustomerChange::Edit { customer, .. } => vec![*customer],
        CustomerChange::Merge { source, target, .. } => vec![*source, *target],
        CustomerChange::Unmerge { .. } => Vec::new(),
    }
}
