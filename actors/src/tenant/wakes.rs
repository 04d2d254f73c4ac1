//! The tenant's deadlines: read from the table ahead of their time, fired when it has come. What
//! had come in before a deadline is decided before it: it may be the answer that was waited for.

use super::actor::TenantActor;
use crate::conversation::Work;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ConversationId;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How far ahead deadlines are kept in memory.
const HORIZON: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
/// Deadlines taken from the table or the wheel at once.
const WAKES_MAX: u32 = 1_000;
/// So long a deadline waits for rows of its conversation, and then fires all the same: what keeps
/// them may have no end. Longer than all tries of an item take with the usual pauses in between.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the tenant's actor is with its deadlines.
#[derive(Default)]
pub(super) struct Wakes {
    reading: bool,
    /// Conversations whose deadline has come, with until when it may have to wait.
    due: BTreeMap<ConversationId, Instant>,
}

impl TenantActor {
    /// Wakes the conversations whose deadline has come and that have nothing older to do.
    pub(super) fn fire_wakes(&mut self, ctx: &mut Context<Self>) {
        if self.draining {
            // Rows are not read any more. The next life reads both.
            return;
        }
        let limit = usize::try_from(WAKES_MAX).unwrap_or(usize::MAX);
        let (clock, now) = (&self.shared.ports.clock, Instant::now());
        for conversation in self.shared.wheel.take_due(clock.now(), limit) {
            let due = self.wakes.due.entry(conversation);
            due.or_insert(now + PATIENCE);
        }
        let surveyed = self.pump.attempts.is_surveyed();
        let in_hand = &self.shared.in_hand;
        let fires: Vec<_> = self
            .wakes
            .due
            .extract_if(.., |conversation, until| {
                *until <= now || surveyed && !in_hand.has_older(*conversation)
            })
            .collect();
        for (conversation, _) in fires {
            self.deliver(conversation, Work::Wake, ctx);
        }
    }

    /// Reads the deadlines of the next minute from the table.
    pub(super) fn read_wakes(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.wakes.reading, true) {
            return;
        }
        let horizon = self.shared.ports.clock.now() + HORIZON;
        self.shared.wheel.reach_to(horizon);
        let read = self
            .shared
            .store()
            .due_wakes(self.shared.tenant, horizon, WAKES_MAX);
        ctx.spawn(read.into_actor(self).map(|wakes, actor, _| {
            actor.wakes.reading = false;
            match wakes {
                Ok(wakes) => {
                    for wake in wakes {
                        actor.shared.wheel.keep(wake.conversation, wake.at);
                    }
                }
                Err(fault) => tracing::warn!(
                    tenant.id = %actor.shared.tenant,
                    %fault,
                    "deadlines could not be read",
                ),
            }
        }));
    }
}
