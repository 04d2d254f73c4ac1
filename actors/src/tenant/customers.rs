//! Changes of customers, on their way to the owner's lane.

use super::actor::TenantActor;
use super::messages::ChangeCustomer;
use crate::api::DispatchError;
use actix::{ActorFutureExt, AsyncContext, Handler, WrapFuture};
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
        let call = self.shared.store().change_customer(lease, tenant, *change);
        ctx.spawn(call.into_actor(self).map(|done, _, _| {
            drop(reply.send(done.map_err(DispatchError::Store)));
        }));
    }
}
