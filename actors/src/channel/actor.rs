//! The actor of one phone number. It claims messages from the outbox only when they may go out
//! at once, sends them, and records how that ended; a message counts as on the way until its
//! result is recorded, which bounds everything here by the configured concurrency.

use super::bells::Bell;
use super::outcome::{Consequence, Number, add, judge};
use crate::lifecycle::{Reason, Watch};
use crate::tenant::Shared;
use actix::fut;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, SpawnHandle, WrapFuture};
use papo_domain::channel::{Backoff, Bucket, Pairs, Rate};
use papo_domain::ports::{
    ChannelHealth, Claimed, HealthLevel, OutboundMessage, SendError, SendOutcome, SendReport,
    StoreError,
};
use papo_domain::{ChannelId, Timestamp};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use tracing::{error, warn};

/// Failures of the way to the provider, in a row, before the whole number pauses.
const FAILURES: u32 = 5;
/// Pause after a store call failed.
const STORE_AWAY: Duration = Duration::from_secs(1);

/// One phone number.
pub(crate) struct ChannelActor {
    shared: Arc<Shared>,
    channel: ChannelId,
    bell: Arc<Bell>,
    throughput: Bucket,
    pairs: Pairs,
    claiming: bool,
    /// Set when a claim may have left messages behind.
    more: bool,
    reports: Vec<SendReport>,
    settling: bool,
    failures: u32,
    paused_until: Option<Timestamp>,
    health: HealthLevel,
    alarm: Option<(Timestamp, SpawnHandle)>,
    watch: Watch,
}

impl ChannelActor {
    pub(crate) fn new(
        shared: Arc<Shared>,
        channel: ChannelId,
        bell: Arc<Bell>,
        watch: Watch,
    ) -> Self {
        let rate = Rate::per_second(shared.config.channel.throughput);
        Self {
            shared,
            channel,
            bell,
            throughput: Bucket::full(rate),
            pairs: Pairs::new(Rate::PAIR, Pairs::CAPACITY),
            claiming: false,
            more: true,
            reports: Vec::new(),
            settling: false,
            failures: 0,
            paused_until: None,
            health: HealthLevel::Green,
            alarm: None,
            watch,
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.ports.clock.now()
    }

    fn end(&mut self, reason: Reason, ctx: &mut Context<Self>) {
        self.watch.reason = Some(reason);
        ctx.terminate();
    }

    fn heard(&mut self, ctx: &mut Context<Self>) {
        if self.bell.closed.load(Ordering::Acquire) {
            return self.end(Reason::Passivated, ctx);
        }
        if self.bell.revived.swap(false, Ordering::AcqRel) {
            self.paused_until = None;
            self.failures = 0;
            self.set_health(HealthLevel::Green, None, None, ctx);
        }
        self.more = true;
        self.go_on(ctx);
    }

    /// Claims as many messages as may go out now.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        if self.claiming || !self.more || self.bell.is_draining() || self.health == HealthLevel::Red
        {
            return;
        }
        let now = self.now();
        if let Some(until) = self.paused_until {
            if now < until {
                return self.wake_at(until, ctx);
            }
            self.paused_until = None;
        }
        let free = self
            .shared
            .config
            .channel
            .concurrency
            .saturating_sub(self.bell.in_flight());
        let tokens = self.throughput.available(now);
        let limit = u32::try_from(free).unwrap_or(u32::MAX).min(tokens);
        if limit == 0 {
            if tokens == 0 {
                self.wake_at(self.throughput.ready_at(), ctx);
            }
            return;
        }
        self.claiming = true;
        self.more = false;
        let begun = Instant::now();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let claim = self
            .shared
            .ports
            .store
            .claim(lease, tenant, self.channel, limit);
        ctx.spawn(claim.into_actor(self).map(move |claimed, actor, ctx| {
            actor.claiming = false;
            match claimed {
                Ok(claimed) => actor.claimed(claimed, limit, begun, ctx),
                Err(StoreError::Fenced) => actor.end(Reason::Fenced, ctx),
                Err(fault) => {
                    warn!(channel.id = %actor.channel, %fault, "nothing could be claimed");
                    actor.more = true;
                    let again = add(actor.now(), STORE_AWAY);
                    actor.wake_at(again, ctx);
                }
            }
        }));
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
        let late = begun.elapsed() >= self.shared.config.channel.start_within;
        for message in claimed {
            self.bell.sends(message.id, message.conversation);
            let now = self.now();
            // A takeover may have come since a late claim; the next claim asks again.
            let wait = if late {
                Some(now)
            } else {
                self.pairs.take(message.conversation, now).err()
            };
            if let Some(at) = wait {
                let outcome = SendOutcome::Requeue { at, counted: false };
                self.report(&message, outcome, ctx);
                continue;
            }
            // A claim never takes more than there were tokens; the bucket only refills meanwhile.
            if self.throughput.take(now).is_err() {
                metrics::counter!("papo_channel_overdraft_total").increment(1);
            }
            self.send(message, ctx);
        }
        if self.more {
            self.go_on(ctx);
        } else {
            self.look_ahead(ctx);
        }
    }

    /// Arranges to come back for what is queued for later.
    fn look_ahead(&self, ctx: &mut Context<Self>) {
        let next = self.shared.ports.store.next_send(self.shared.tenant);
        ctx.spawn(next.into_actor(self).map(|next, actor, ctx| {
            if let Ok(Some(at)) = next
                && at > actor.now()
            {
                actor.wake_at(at, ctx);
            }
        }));
    }

    fn send(&self, message: Claimed, ctx: &mut Context<Self>) {
        let outbound = OutboundMessage {
            tracking: message.id,
            to: message.to.clone(),
            outbound: message.outbound.clone(),
            quote: message.quote.clone(),
        };
        let sent = self
            .shared
            .ports
            .gateway
            .send(self.shared.tenant, self.channel, outbound);
        ctx.spawn(sent.into_actor(self).map(move |result, actor, ctx| {
            actor.sent(&message, result, ctx);
        }));
    }

    fn sent(
        &mut self,
        message: &Claimed,
        result: Result<String, SendError>,
        ctx: &mut Context<Self>,
    ) {
        let now = self.now();
        let label = if result.is_ok() { "sent" } else { "failed" };
        metrics::counter!("papo_sends_total", "result" => label).increment(1);
        if let Err(fault) = &result {
            warn!(
                tenant.id = %self.shared.tenant,
                channel.id = %self.channel,
                conversation.id = %message.conversation,
                message.id = %message.id,
                %fault,
                "message {} was not sent",
                message.id,
            );
        }
        let config = &self.shared.config.channel;
        let Consequence { outcome, number } = judge(result, message.attempts, now, config);
        match number {
            Number::Same => {}
            Number::Works => self.works(ctx),
            Number::Failed => self.failed(now, ctx),
            Number::PauseUntil(until) => self.paused_until = Some(until),
            Number::PairUntil(until) => self.pairs.hold(message.conversation, until, now),
            Number::Down { code, detail } => {
                error!(
                    tenant.id = %self.shared.tenant,
                    channel.id = %self.channel,
                    code,
                    detail,
                    "channel {} is down until a person acts",
                    self.channel,
                );
                self.set_health(HealthLevel::Red, Some(code), Some(detail), ctx);
            }
        }
        self.report(message, outcome, ctx);
    }

    fn works(&mut self, ctx: &mut Context<Self>) {
        self.failures = 0;
        if self.health == HealthLevel::Yellow {
            self.set_health(HealthLevel::Green, None, None, ctx);
        }
    }

    /// The breaker: after several failures in a row the number pauses, then tries again.
    fn failed(&mut self, now: Timestamp, ctx: &mut Context<Self>) {
        self.failures += 1;
        let Some(over) = self.failures.checked_sub(FAILURES) else {
            return;
        };
        let config = &self.shared.config.channel;
        let backoff = Backoff {
            first: config.backoff,
            factor: 2,
            max: config.backoff_max,
        };
        self.paused_until = Some(add(now, backoff.pause(over)));
        if self.health == HealthLevel::Green {
            let detail = "the provider does not answer".to_owned();
            self.set_health(HealthLevel::Yellow, None, Some(detail), ctx);
        }
    }

    fn set_health(
        &mut self,
        level: HealthLevel,
        code: Option<i64>,
        detail: Option<String>,
        ctx: &mut Context<Self>,
    ) {
        if self.health == level {
            return;
        }
        self.health = level;
        self.bell.set_health(level, code);
        let health = ChannelHealth {
            level,
            code,
            detail,
        };
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let store = &self.shared.ports.store;
        let kept = store.set_channel_health(lease, tenant, self.channel, health);
        let channel = self.channel;
        ctx.spawn(fut::wrap_future(async move {
            if let Err(fault) = kept.await {
                warn!(channel.id = %channel, %fault, "the channel's health could not be kept");
            }
        }));
    }

    fn report(&mut self, message: &Claimed, outcome: SendOutcome, ctx: &mut Context<Self>) {
        if let SendOutcome::Requeue { at, .. } = &outcome {
            self.wake_at(*at, ctx);
        }
        let (id, conversation) = (message.id, message.conversation);
        self.reports.push(SendReport {
            id,
            conversation,
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
            .ports
            .store
            .settle_sends(lease, tenant, reports.clone());
        ctx.spawn(settled.into_actor(self).map(move |settled, actor, ctx| {
            actor.settling = false;
            match settled {
                Ok(()) => {
                    for report in &reports {
                        actor.bell.settled(report.id);
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

    /// Looks for messages again at `at`, or earlier if that is already arranged.
    fn wake_at(&mut self, at: Timestamp, ctx: &mut Context<Self>) {
        if let Some((armed, handle)) = self.alarm {
            if armed <= at {
                return;
            }
            ctx.cancel_future(handle);
        }
        let wait = at
            .signed_duration_since(self.now())
            .to_std()
            .unwrap_or_default();
        let handle = ctx.run_later(wait, |actor, ctx| {
            actor.alarm = None;
            actor.more = true;
            actor.go_on(ctx);
        });
        self.alarm = Some((at, handle));
    }

    fn listen(&self, ctx: &mut Context<Self>) {
        let bell = Arc::clone(&self.bell);
        ctx.spawn(
            async move { bell.heard().await }
                .into_actor(self)
                .map(|(), actor, ctx| {
                    actor.listen(ctx);
                    actor.heard(ctx);
                }),
        );
    }

    /// Read receipts, one after the other. A courtesy: what fails is forgotten.
    fn show_reads(&self, ctx: &mut Context<Self>) {
        let Some(mut shows) = self.bell.take_shows() else {
            return;
        };
        let gateway = Arc::clone(&self.shared.ports.gateway);
        let (tenant, channel) = (self.shared.tenant, self.channel);
        ctx.spawn(fut::wrap_future(async move {
            while let Some((external_id, typing)) = shows.recv().await {
                if let Err(fault) = gateway
                    .show_read(tenant, channel, external_id, typing)
                    .await
                {
                    tracing::debug!(channel.id = %channel, %fault, "a read receipt was lost");
                }
            }
        }));
    }
}

impl Actor for ChannelActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.listen(ctx);
        self.show_reads(ctx);
    }
}
