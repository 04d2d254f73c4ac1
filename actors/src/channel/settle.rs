//! Recording how sends ended. A report is repeated until its answer comes; it names its claim, so
//! that a repetition means nothing to a later claim of the same message.

use super::actor::{ChannelActor, STORE_AWAY};
use crate::lifecycle::Reason;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ports::{OpenClaim, SendOutcome, SendReport, StoreError};
use tracing::warn;

impl ChannelActor {
    pub(super) fn report(
        &mut self,
        claim: OpenClaim,
        outcome: SendOutcome,
        ctx: &mut Context<Self>,
    ) {
        if let SendOutcome::Requeue { at, .. } = &outcome {
            self.wake_at(*at, ctx);
        }
        self.reports.push(SendReport {
            id: claim.id,
            conversation: claim.conversation,
            claim: claim.claim,
            outcome,
        });
        self.settle(ctx);
    }

    fn settle(&mut self, ctx: &mut Context<Self>) {
        if self.settling || self.reports.is_empty() {
            return;
        }
        self.settling = true;
        let reports = std::mem::take(&mut self.reports);
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let settled = self
            .shared
            .store()
            .settle_sends(lease, tenant, reports.clone());
        ctx.spawn(settled.into_actor(self).map(move |settled, actor, ctx| {
            actor.settling = false;
            match settled {
                Ok(()) => {
                    for report in &reports {
                        actor.bell.settled(report);
                    }
                    actor.more = true;
                    actor.settle(ctx);
                    actor.go_on(ctx);
                }
                Err(StoreError::Fenced) => actor.end(Reason::Fenced, ctx),
                Err(fault) => {
                    warn!(channel.id = %actor.channel, %fault, "results could not be recorded");
                    actor.reports.splice(0..0, reports);
                    ctx.run_later(STORE_AWAY, |actor, ctx| actor.settle(ctx));
                }
            }
        }));
    }
}
