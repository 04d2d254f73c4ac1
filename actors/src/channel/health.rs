//! Keeping a number's health where people see it. What could not be stored is tried again until
//! it is, newest value only.

use super::actor::{ChannelActor, STORE_AWAY};
use crate::lifecycle::Reason;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ports::{ChannelHealth, StoreError};
use tracing::warn;

impl ChannelActor {
    /// Nothing is stored if nothing changed, or if the channel is not this actor's any more.
    pub(super) fn set_health(&mut self, health: ChannelHealth, ctx: &mut Context<Self>) {
        if !self.bell.is_closed() {
            self.bell.set_health(health);
            self.save_health(ctx);
        }
    }

    /// Stores the health unless it is stored. One call at a time, so that an older value never
    /// comes last.
    pub(super) fn save_health(&mut self, ctx: &mut Context<Self>) {
        if self.saving {
            return;
        }
        let Some(health) = self.bell.take_unsaved() else {
            return;
        };
        self.saving = true;
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let store = self.shared.store();
        let kept = store.set_channel_health(lease, tenant, self.channel, health);
        ctx.spawn(kept.into_actor(self).map(|kept, actor, ctx| {
            actor.saving = false;
            match kept {
                Ok(()) => actor.save_health(ctx),
                Err(StoreError::Fenced) => actor.end(Reason::Fenced, ctx),
                Err(fault) => {
                    warn!(channel.id = %actor.channel, %fault, "the health could not be kept");
                    if matches!(fault, StoreError::Unavailable(_) | StoreError::Busy) {
                        actor.bell.mark_unsaved();
                        ctx.run_later(STORE_AWAY, Self::save_health);
                    }
                }
            }
        }));
    }
}
