//! The tenant's actor: its state, its life from start to drain, its clockwork, and how work gets
//! to a conversation. What it does with each message is in [`super::handlers`].

use super::directory::{Directory, Slot};
use super::fanout::Fanout;
use super::pump::Pump;
use super::reload::Reloads;
use super::shared::Shared;
use super::supervision::Supervision;
use super::wakes::Wakes;
use crate::api::DispatchError;
use crate::arbiters::ArbiterPool;
use crate::attendant::CutReason;
use crate::conversation::{Deliver, Work};
use crate::engine::{EngineActor, ShardLost};
use crate::lifecycle::Watch;
use crate::mailbox::{Refused, offer};
use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, fut};
use chrono::TimeDelta;
use papo_domain::ConversationId;
use papo_domain::ports::{ChannelRecord, StoreError, TenantRecord};
use papo_domain::routing::{Desk, DeskRecord};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How often deadlines, pauses and idle conversations are looked at.
const TICK: Duration = Duration::from_millis(100);

/// One tenant.
pub(crate) struct TenantActor {
    pub(super) shared: Arc<Shared>,
    pub(super) engine: Addr<EngineActor>,
    pub(super) pool: ArbiterPool,
    pub(super) channels: Vec<ChannelRecord>,
    pub(super) directory: Directory,
    pub(super) supervision: Supervision,
    pub(super) pump: Pump,
    pub(super) fanout: Fanout,
    pub(super) desk: Desk,
    pub(super) reloads: Reloads,
    /// When something last came for it.
    pub(super) used: Instant,
    pub(super) wakes: Wakes,
    /// It takes nothing new any more, for good.
    pub(super) draining: bool,
    /// Where it is told that nothing is in hand any more.
    pub(super) drained: Vec<oneshot::Sender<()>>,
    /// Reports this actor's own end to the engine.
    pub(super) watch: Watch,
}

impl TenantActor {
    /// Room for hints and commands; callers are told when it is used up.
    pub(crate) const MAILBOX: usize = 1_024;

    pub(crate) fn new(
        shared: Arc<Shared>,
        record: TenantRecord,
        desk: DeskRecord,
        engine: Addr<EngineActor>,
        pool: ArbiterPool,
        watch: Watch,
    ) -> Self {
        let (grace, now) = (shared.config.offer_grace, shared.ports.clock.now());
        let grace = TimeDelta::from_std(grace).unwrap_or(TimeDelta::MAX);
        let mut desk = Desk::restore(desk, grace, now);
        desk.set_people(record.people, now);
        Self {
            shared,
            engine,
            pool,
            channels: record.channels,
            directory: Directory::default(),
            supervision: Supervision::default(),
            pump: Pump::default(),
            fanout: Fanout::new(record.head),
            desk,
            reloads: Reloads::default(),
            used: Instant::now(),
            wakes: Wakes::default(),
            draining: false,
            drained: Vec::new(),
            watch,
        }
    }

    /// Another node holds the shard.
    pub(super) fn lost_shard(&mut self, ctx: &mut Context<Self>) {
        // If the engine's mailbox is full, it is busy finding out by itself.
        if offer(&self.engine, ShardLost(self.shared.lease)).is_err() {
            tracing::warn!(tenant.id = %self.shared.tenant, "the engine is too busy for news");
        }
        self.retire(ctx);
    }

    pub(super) fn retire(&mut self, ctx: &mut Context<Self>) {
        self.fanout.cut_all(CutReason::Away);
        for channel in &self.channels {
            self.shared.bells.close(channel.id);
        }
        ctx.stop();
    }

    /// Gives work to a conversation, wherever it is in its life.
    pub(super) fn deliver(
        &mut self,
        conversation: ConversationId,
        work: Work,
        ctx: &mut Context<Self>,
    ) {
        let bound = self.shared.config.conversation_queue;
        match self.directory.slots.get_mut(&conversation) {
            None => self.directory.load(conversation, VecDeque::from([work])),
            Some(Slot::Up {
                addr,
                used,
                incarnation,
                ..
            }) => {
                *used = Instant::now();
                let incarnation = *incarnation;
                match offer(addr, Deliver(work)) {
                    Ok(()) => {}
                    Err(Refused::Full(Deliver(work))) => self.turn_away(conversation, work),
                    Err(Refused::Closed(Deliver(work))) => {
                        // It died and its notice is on the way. Earlier items fell back into the
                        // table, so this one must not go first.
                        let mut buffer = VecDeque::new();
                        if matches!(work, Work::Item { .. }) {
                            self.turn_away(conversation, work);
                        } else {
                            buffer.push_back(work);
                        }
                        let leaving = Slot::Leaving {
                            incarnation,
                            buffer,
                        };
                        self.directory.slots.insert(conversation, leaving);
                    }
                }
            }
            Some(Slot::Loading { buffer, .. } | Slot::Leaving { buffer, .. }) => {
                if buffer.len() < bound {
                    buffer.push_back(work);
                } else {
                    self.turn_away(conversation, work);
                }
            }
            Some(Slot::Backoff { buffer }) => {
                if buffer.len() < bound && !matches!(work, Work::Item { .. }) {
                    buffer.push_back(work);
                } else {
                    self.turn_away(conversation, work);
                }
            }
        }
        self.load_next(ctx);
    }

    fn turn_away(&self, conversation: ConversationId, work: Work) {
        if matches!(work, Work::Item { .. }) {
            self.shared.in_hand.pause(conversation);
        }
        work.refuse(DispatchError::Busy);
    }

    fn tick(&mut self, ctx: &mut Context<Self>) {
        self.fire_wakes(ctx);
        self.end_pauses(ctx);
        self.end_row_pauses(ctx);
        self.try_next_suspect(ctx);
        self.pump_stalled(ctx);
        self.work_desk(ctx);
        self.passivate_idle();
        self.offer_to_passivate();
        self.answer_drain();
    }

    pub(super) fn answer_drain(&mut self) {
        let in_hand = &self.shared.in_hand;
        if in_hand.len() > 0 || in_hand.has_commands() || self.pump.is_busy() {
            return;
        }
        if self.drained.is_empty() || self.shared.bells.are_busy() {
            return;
        }
        for waiting in self.drained.drain(..) {
            if waiting.send(()).is_err() {
                tracing::debug!("the engine has stopped waiting for the drain");
            }
        }
    }

    /// Runs a store call whose failure only matters as a lost shard or as a warning: `failed` says
    /// what is so then.
    pub(super) fn spawn_store_call(
        &self,
        failed: &'static str,
        call: papo_domain::ports::PortFuture<Result<(), StoreError>>,
        ctx: &mut Context<Self>,
    ) {
        ctx.spawn(
            fut::wrap_future::<_, Self>(call).map(move |done, actor, ctx| match done {
                Ok(()) => {}
                Err(StoreError::Fenced) => actor.lost_shard(ctx),
                Err(fault) => tracing::warn!(
                    tenant.id = %actor.shared.tenant,
                    %fault,
                    "{failed}",
                ),
            }),
        );
    }

    fn expire_unknown(&self, ctx: &mut Context<Self>) {
        let call = self
            .shared
            .store()
            .expire_unknown(self.shared.lease, self.shared.tenant);
        let failed = "unknown sends could not be looked at, and will be again";
        self.spawn_store_call(failed, call, ctx);
    }
}

impl Actor for TenantActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(TICK, Self::tick);
        ctx.run_interval(Duration::from_secs(30), |actor, ctx| {
            actor.read_wakes(ctx);
            actor.expire_unknown(ctx);
            actor.reload(ctx);
            actor.ask_for_quarantines(ctx);
        });
        ctx.run_interval(Duration::from_secs(1), |actor, ctx| {
            actor.see_people();
            actor.publish_head(ctx);
        });
        self.follow_room(ctx);
        self.follow_strangers(ctx);
        for channel in self.channels.clone() {
            self.start_channel(&channel, ctx);
        }
        self.read_wakes(ctx);
        self.pump_all(ctx);
    }
}

/// However it ends, its channels claim nothing after it: the next life's must be the only ones.
impl Drop for TenantActor {
    fn drop(&mut self) {
        self.shared.bells.close_all();
    }
}
