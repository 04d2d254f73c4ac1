//! Taking messages from the outbox: how many, when, and what becomes of claims that nobody works
//! on. Under one lease a channel has one claimer at a time, so whatever is claimed and not in its
//! hands belongs to nobody.

use super::actor::{ChannelActor, STORE_AWAY};
use super::outcome::add;
use crate::lifecycle::Reason;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::Timestamp;
use papo_domain::ports::{Claimed, HealthLevel, OpenClaim, SendOutcome, StoreError};
use tokio::time::Instant;
use tracing::warn;

/// Claims that are stored, but in nobody's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leftovers {
    /// An earlier life's: they may have been sent.
    Earlier,
    /// Of a claim whose answer was lost: nothing was tried.
    Unheard,
}

impl ChannelActor {
    /// Claims as many messages as may go out now.
    pub(super) fn go_on(&mut self, ctx: &mut Context<Self>) {
        if self.claiming {
            return;
        }
        if self.bell.is_closed() {
            return self.passivate(ctx);
        }
        if let Some(whose) = self.leftovers {
            return self.look_back(whose, ctx);
        }
        if !self.more || self.down {
            return;
        }
        let now = self.now();
        if let Some(until) = self.pauses.until(now) {
            return self.wake_at(until, ctx);
        }
        let free = self.at_once().saturating_sub(self.bell.in_flight());
        let tokens = self.throughput.available(now);
        let limit = u32::try_from(free).unwrap_or(u32::MAX).min(tokens);
        if limit == 0 {
            if tokens == 0 {
                self.wake_at(self.throughput.ready_at(), ctx);
            }
            return;
        }
        self.claim(limit, ctx);
    }

    /// Requests that may be under way together. A number that was down when this life began is
    /// tried with one at a time until one goes through: whoever repaired it meanwhile may not
    /// have found anybody to tell.
    fn at_once(&self) -> usize {
        match self.bell.level() {
            HealthLevel::Red => 1,
            HealthLevel::Green | HealthLevel::Yellow => self.shared.config.channel.concurrency,
        }
    }

    /// Somebody else's channel from now on, or nobody's: what is on its way is still recorded.
    fn passivate(&mut self, ctx: &mut Context<Self>) {
        if self.bell.in_flight() == 0 {
            self.end(Reason::Passivated, ctx);
        }
    }

    /// Settles what is claimed and in nobody's hands. Nothing is claimed before that.
    fn look_back(&mut self, whose: Leftovers, ctx: &mut Context<Self>) {
        self.claiming = true;
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let open = self.shared.store().open_claims(lease, tenant, self.channel);
        ctx.spawn(open.into_actor(self).map(move |open, actor, ctx| {
            actor.claiming = false;
            match open {
                Ok(open) => {
                    actor.leftovers = None;
                    // After the end of this life the next one's claims could be among them.
                    if !actor.bell.is_closed() {
                        for claim in open {
                            actor.pick_up(claim, whose, ctx);
                        }
                    }
                    actor.bell.end_claim();
                    actor.go_on(ctx);
                }
                Err(fault) => actor.come_back(&fault, ctx),
            }
        }));
    }

    fn pick_up(&mut self, claim: OpenClaim, whose: Leftovers, ctx: &mut Context<Self>) {
        if self.bell.has(claim) {
            return;
        }
        self.bell.sends(claim);
        let outcome = match whose {
            Leftovers::Earlier => SendOutcome::Unknown,
            // In front of what came later.
            Leftovers::Unheard => SendOutcome::Requeue {
                at: Timestamp::UNIX_EPOCH,
                counted: false,
            },
        };
        self.report(claim, outcome, ctx);
    }

    fn claim(&mut self, limit: u32, ctx: &mut Context<Self>) {
        if !self.bell.begin_claim() {
            return;
        }
        self.claiming = true;
        self.more = false;
        let begun = Instant::now();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let claim = self
            .shared
            .store()
            .claim(lease, tenant, self.channel, limit);
        ctx.spawn(claim.into_actor(self).map(move |claimed, actor, ctx| {
            actor.claiming = false;
            match claimed {
                Ok(claimed) => actor.claimed(claimed, limit, begun, ctx),
                Err(fault) => {
                    if fault == StoreError::Busy {
                        // A lane that was full did nothing.
                        actor.bell.end_claim();
                    } else {
                        // It may have happened all the same.
                        actor.leftovers = Some(Leftovers::Unheard);
                    }
                    actor.come_back(&fault, ctx);
                }
            }
        }));
    }

    fn come_back(&mut self, fault: &StoreError, ctx: &mut Context<Self>) {
        if *fault == StoreError::Fenced {
            return self.end(Reason::Fenced, ctx);
        }
        warn!(channel.id = %self.channel, %fault, "nothing could be claimed");
        self.more = true;
        let again = add(self.now(), STORE_AWAY);
        self.wake_at(again, ctx);
    }

    fn claimed(
        &mut self,
        claimed: Vec<Claimed>,
        limit: u32,
        begun: Instant,
        ctx: &mut Context<Self>,
    ) {
        let all = u32::try_from(claimed.len()).is_ok_and(|n| n >= limit);
        self.more |= all;
        let start_by = begun + self.shared.config.channel.start_within;
        for message in claimed {
            self.bell.sends(message.open());
            let now = self.now();
            let wait = self
                .held_up(start_by, now)
                .or_else(|| self.pairs.take(message.conversation, now).err());
            if let Some(at) = wait {
                let outcome = SendOutcome::Requeue { at, counted: false };
                self.report(message.open(), outcome, ctx);
                continue;
            }
            // A claim never takes more than there were tokens; the bucket only refills meanwhile.
            if self.throughput.take(now).is_err() {
                metrics::counter!("papo_channel_overdraft_total").increment(1);
            }
            self.send(message, start_by, ctx);
        }
        self.bell.end_claim();
        if self.more || self.bell.is_closed() {
            self.go_on(ctx);
        } else {
            self.look_ahead(ctx);
        }
    }

    /// When what was just claimed may be claimed again, if it may not go out now.
    fn held_up(&self, start_by: Instant, now: Timestamp) -> Option<Timestamp> {
        // A takeover may have come since a late claim; the next claim asks again.
        let late = Instant::now() >= start_by;
        if late || self.down || self.bell.is_closed() || self.bell.is_draining() {
            return Some(now);
        }
        self.pauses.until(now)
    }

    /// Arranges to come back for what is queued for later.
    fn look_ahead(&self, ctx: &mut Context<Self>) {
        let next = self.shared.store().next_send(self.shared.tenant);
        ctx.spawn(next.into_actor(self).map(|next, actor, ctx| {
            if let Ok(Some(at)) = next
                && at > actor.now()
            {
                actor.wake_at(at, ctx);
            }
        }));
    }
}
