//! The actor of one phone number: its state and its life. It claims messages from the outbox only
//! when they may go out at once, sends them, and records how that ended; a message counts as on
//! the way until its result is recorded, which bounds everything here by the configured
//! concurrency. Claiming, sending, recording and health lie in the files beside this one.

use super::bells::{Bell, ReadReceipt};
use super::claim::Leftovers;
use super::pauses::Pauses;
use crate::lifecycle::{Reason, Watch};
use crate::tenant::Shared;
use actix::fut;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, SpawnHandle, WrapFuture};
use papo_domain::channel::{Bucket, Pairs, Rate};
use papo_domain::ports::{ChannelHealth, ChannelRecord, SendReport};
use papo_domain::{ChannelId, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// Pause after a store call failed.
pub(super) const STORE_AWAY: Duration = Duration::from_secs(1);

/// One phone number.
pub(crate) struct ChannelActor {
    pub(super) shared: Arc<Shared>,
    pub(super) channel: ChannelId,
    pub(super) bell: Arc<Bell>,
    /// WhatsApp counts a number's messages in both directions together. Only what goes out is
    /// counted here: what comes in cannot be held back, and if both are too much, the refusal
    /// (130429) makes the number rest.
    pub(super) throughput: Bucket,
    pub(super) pairs: Pairs,
    /// A question to the store about the queue is under way.
    pub(super) claiming: bool,
    /// Set when a claim may have left messages behind.
    pub(super) more: bool,
    /// Set while claims may be stored that nobody is working on.
    pub(super) leftovers: Option<Leftovers>,
    pub(super) reports: Vec<SendReport>,
    pub(super) settling: bool,
    pub(super) pauses: Pauses,
    /// Nothing works until a person acts.
    pub(super) down: bool,
    /// Since when it is tried afresh: this life began, or somebody repaired the number. What was
    /// said of it before that is over.
    since: Timestamp,
    pub(super) saving: bool,
    alarm: Option<(Timestamp, SpawnHandle)>,
    watch: Watch,
}

impl ChannelActor {
    /// Its bell tells it what there is to do; hardly anything comes as a message.
    pub(crate) const MAILBOX: usize = 16;

    pub(crate) fn new(
        shared: Arc<Shared>,
        number: &ChannelRecord,
        bell: Arc<Bell>,
        watch: Watch,
    ) -> Self {
        let since = shared.ports.clock.now();
        Self {
            shared,
            channel: number.id,
            bell,
            throughput: Bucket::full(Rate::per_second(number.throughput)),
            pairs: Pairs::new(Rate::PAIR, Pairs::CAPACITY),
            claiming: false,
            more: true,
            leftovers: Some(Leftovers::Earlier),
            reports: Vec::new(),
            settling: false,
            pauses: Pauses::default(),
            down: false,
            since,
            saving: false,
            alarm: None,
            watch,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shared.ports.clock.now()
    }

    pub(super) fn end(&mut self, reason: Reason, ctx: &mut Context<Self>) {
        self.watch.reason = Some(reason);
        ctx.terminate();
    }

    fn heard(&mut self, ctx: &mut Context<Self>) {
        let refusal = self.bell.take_refusal();
        if let Some(number) = self.bell.take_revival() {
            self.since = self.now();
            self.throughput = Bucket::full(Rate::per_second(number.throughput));
            self.pauses = Pauses::default();
            self.down = false;
            self.set_health(ChannelHealth::default(), ctx);
        }
        if let Some(refusal) = refusal.filter(|refusal| refusal.at > self.since) {
            self.is_down(refusal.code, refusal.detail, ctx);
        }
        self.more = true;
        self.go_on(ctx);
    }

    /// Looks for messages again at `at`, or earlier if that is already arranged.
    pub(super) fn wake_at(&mut self, at: Timestamp, ctx: &mut Context<Self>) {
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
        let Some(mut receipts) = self.bell.take_receipts() else {
            return;
        };
        let gateway = Arc::clone(&self.shared.ports.gateway);
        let (tenant, channel) = (self.shared.tenant, self.channel);
        ctx.spawn(fut::wrap_future(async move {
            while let Some(receipt) = receipts.recv().await {
                let ReadReceipt {
                    external_id,
                    typing,
                } = receipt;
                let shown = gateway.show_read(tenant, channel, external_id, typing);
                if let Err(fault) = shown.await {
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
        self.save_health(ctx);
    }
}
