//! When a tenant has nothing more to do here. Everything that is due is in tables which the engine
//! asks every second, so a tenant that is due something is rung and does not count as idle, and one
//! that has left is started again.

use super::actor::TenantActor;
use crate::engine::Idle;
use crate::mailbox::offer;

impl TenantActor {
    /// Nothing came for long, nothing is under way, and nobody is online.
    pub(super) fn is_idle(&self) -> bool {
        self.used.elapsed() >= self.shared.config.retire_after
            && self.directory.slots.is_empty()
            && self.directory.loading == 0
            && self.shared.in_hand.len() == 0
            && !self.pump.is_busy()
            && self.fanout.people().next().is_none()
            && self.shared.bells.sending() == 0
            && !self.is_draining()
    }

    /// Tells the engine, which alone can let a tenant go: others may be about to send it something.
    pub(super) fn offer_to_leave(&self) {
        if self.is_idle() {
            let idle = Idle {
                tenant: self.shared.tenant,
                incarnation: self.watch.incarnation,
            };
            if offer(&self.engine, idle).is_err() {
                tracing::debug!("the engine is too busy to let an idle tenant go");
            }
        }
    }
}
