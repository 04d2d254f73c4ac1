//! One-for-one supervision of a tenant's children: who died, of what, when it lives again, and
//! when a person has to look.

use super::actor::TenantActor;
use super::directory::Slot;
use crate::api::{DispatchError, OnExhausted, RestartReport};
use crate::conversation::{ConversationActor, Work};
use crate::lifecycle::{Child, Down, Reason, RestartWindow, Verdict, Watch};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use papo_domain::ConversationId;
use papo_domain::conversation::Command;
use papo_domain::ports::{Activation, InboxVerdict, IncidentKind, StoreError};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::time::Instant;
use tracing::{error, warn};

/// Crashes that a report shows.
const REPORTED: usize = 100;
/// Crash windows kept; the oldest quiet ones go first.
const WINDOWS: usize = 10_000;

/// What supervision remembers.
#[derive(Default)]
pub(super) struct Supervision {
    pub(super) windows: HashMap<Child, RestartWindow>,
    /// Conversations that get a quarantine command first thing in their next life.
    quarantine: HashSet<ConversationId>,
    restarts: VecDeque<RestartReport>,
    /// Pauses that end, with who lives again then.
    pauses: Vec<(Instant, ConversationId)>,
}

impl Supervision {
    pub(super) fn restarts(&self) -> Vec<RestartReport> {
        self.restarts.iter().cloned().collect()
    }
}

impl TenantActor {
    /// Starts loading as many conversations as may load at once.
    pub(super) fn load_next(&mut self, ctx: &mut Context<Self>) {
        while self.directory.loading < self.shared.config.loading {
            let Some(conversation) = self.directory.to_load.pop_front() else {
                return;
            };
            let Some(Slot::Loading { incarnation, .. }) = self.directory.slots.get(&conversation)
            else {
                continue;
            };
            let incarnation = *incarnation;
            self.directory.loading += 1;
            let load = self
                .shared
                .ports
                .store
                .activate(self.shared.tenant, conversation);
            ctx.spawn(load.into_actor(self).map(move |loaded, actor, ctx| {
                actor.directory.loading -= 1;
                actor.loaded(conversation, incarnation, loaded, ctx);
                actor.load_next(ctx);
            }));
        }
    }

    fn loaded(
        &mut self,
        conversation: ConversationId,
        incarnation: u64,
        loaded: Result<Activation, StoreError>,
        ctx: &mut Context<Self>,
    ) {
        let Some(slot) = self.directory.slots.remove(&conversation) else {
            return;
        };
        let Slot::Loading {
            incarnation: current,
            buffer,
        } = slot
        else {
            self.directory.slots.insert(conversation, slot);
            return;
        };
        if current != incarnation {
            let slot = Slot::Loading {
                incarnation: current,
                buffer,
            };
            self.directory.slots.insert(conversation, slot);
            return;
        }
        match loaded {
            Ok(activation) => self.bring_up(conversation, incarnation, activation, buffer, ctx),
            Err(StoreError::NotFound) => {
                for work in buffer {
                    work.refuse(DispatchError::Store(StoreError::NotFound));
                }
            }
            Err(StoreError::TooNew) => self.lost_shard(ctx),
            Err(fault) => {
                warn!(
                    tenant.id = %self.shared.tenant,
                    conversation.id = %conversation,
                    %fault,
                    "conversation {conversation} could not be loaded",
                );
                for work in buffer {
                    work.refuse(DispatchError::Store(fault.clone()));
                }
                self.shared.in_hand.hold_back(conversation);
                let again = self.shared.config.conversations.backoff.max;
                self.pause_until(conversation, Instant::now() + again, VecDeque::new());
            }
        }
    }

    fn bring_up(
        &mut self,
        conversation: ConversationId,
        incarnation: u64,
        activation: Activation,
        mut buffer: VecDeque<Work>,
        ctx: &mut Context<Self>,
    ) {
        if self.supervision.quarantine.remove(&conversation) && !activation.state.quarantined {
            buffer.push_front(Work::internal(Command::Quarantine));
            let reason = "restarts did not help".to_owned();
            let kind = IncidentKind::Quarantine;
            self.record(Some(conversation), "conversation", kind, reason, ctx);
        }
        let watch = Watch {
            parent: ctx.address().recipient(),
            child: Child::Conversation(conversation),
            incarnation,
            reason: None,
            in_hand: None,
        };
        let shared = Arc::clone(&self.shared);
        let addr = self.pool.start(conversation, move |_| {
            ConversationActor::new(shared, activation, buffer, watch)
        });
        let now = Instant::now();
        self.directory
            .idle_checks
            .push_back((now + self.shared.config.passivate_after, conversation));
        self.directory.slots.insert(
            conversation,
            Slot::Up {
                incarnation,
                addr,
                used: now,
            },
        );
    }

    fn pause_until(
        &mut self,
        conversation: ConversationId,
        until: Instant,
        buffer: VecDeque<Work>,
    ) {
        self.directory
            .slots
            .insert(conversation, Slot::Backoff { buffer });
        self.supervision.pauses.push((until, conversation));
    }

    /// Loads the conversations whose pause is over.
    pub(super) fn end_pauses(&mut self, ctx: &mut Context<Self>) {
        let now = Instant::now();
        let mut over = Vec::new();
        self.supervision.pauses.retain(|(until, conversation)| {
            let ends = *until <= now;
            if ends {
                over.push(*conversation);
            }
            !ends
        });
        if over.is_empty() {
            return;
        }
        for conversation in over {
            match self.directory.slots.remove(&conversation) {
                Some(Slot::Backoff { buffer }) => self.directory.load(conversation, buffer),
                Some(slot) => drop(self.directory.slots.insert(conversation, slot)),
                None => {}
            }
        }
        self.load_next(ctx);
        self.pump_all(ctx);
    }

    fn conversation_down(
        &mut self,
        conversation: ConversationId,
        down: Down,
        ctx: &mut Context<Self>,
    ) {
        let Some(slot) = self.directory.slots.get_mut(&conversation) else {
            return;
        };
        let (current, mut buffer) = match slot {
            Slot::Up { incarnation, .. } => (*incarnation, VecDeque::new()),
            Slot::Leaving {
                incarnation,
                buffer,
            } => (*incarnation, std::mem::take(buffer)),
            Slot::Loading { .. } | Slot::Backoff { .. } => return,
        };
        if current != down.incarnation {
            if let Slot::Leaving { buffer: kept, .. } = slot {
                *kept = buffer;
            }
            return;
        }
        if down.reason == Reason::Passivated {
            self.directory.slots.remove(&conversation);
            if !buffer.is_empty() {
                self.directory.load(conversation, buffer);
                self.load_next(ctx);
            }
            return;
        }
        // Earlier items fell back into the table; buffered ones must not overtake them.
        self.shared.in_hand.hold_back(conversation);
        buffer.retain(|work| !matches!(work, Work::Item { .. }));
        match down.reason {
            Reason::Fenced => self.lost_shard(ctx),
            Reason::Passivated => {}
            Reason::Stale => {
                self.directory.slots.remove(&conversation);
                if !buffer.is_empty() {
                    self.directory.load(conversation, buffer);
                    self.load_next(ctx);
                }
                self.pump_all(ctx);
            }
            Reason::Panicked(_) | Reason::Died => {
                self.directory
                    .slots
                    .insert(conversation, Slot::Backoff { buffer });
                self.crashed(conversation, down.in_hand, ctx);
            }
        }
    }

    /// Counts the attempt in the table first, so that a poison item ends even if this process
    /// does, and only then plans the next life.
    fn crashed(
        &mut self,
        conversation: ConversationId,
        in_hand: Option<i64>,
        ctx: &mut Context<Self>,
    ) {
        let child = Child::Conversation(conversation);
        self.remember_crash(child);
        self.record(
            Some(conversation),
            "conversation",
            IncidentKind::Restart,
            "crashed while deciding".to_owned(),
            ctx,
        );
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let store = Arc::clone(&self.shared.ports.store);
        let most = self.shared.config.conversations.max_attempts;
        let counted = async move {
            let Some(id) = in_hand else { return Ok(None) };
            let attempts = store.count_attempts(lease, tenant, vec![id]).await?;
            let attempts = attempts.first().copied().unwrap_or_default();
            if attempts < most {
                return Ok(None);
            }
            let reason = format!("given up after {attempts} attempts");
            let verdict = InboxVerdict::Dead {
                id,
                reason: reason.clone(),
            };
            store.settle_inbox(lease, tenant, vec![verdict]).await?;
            Ok::<_, StoreError>(Some((id, reason)))
        };
        ctx.spawn(counted.into_actor(self).map(move |counted, actor, ctx| {
            match counted {
                Ok(None) => {}
                Ok(Some((id, reason))) => {
                    error!(
                        tenant.id = %actor.shared.tenant,
                        conversation.id = %conversation,
                        inbox.id = id,
                        "inbox item {id} is {reason}",
                    );
                    let kind = IncidentKind::DeadLetter;
                    actor.record(Some(conversation), "conversation", kind, reason, ctx);
                }
                Err(StoreError::Fenced) => return actor.lost_shard(ctx),
                Err(fault) => warn!(
                    tenant.id = %actor.shared.tenant,
                    %fault,
                    "an attempt could not be counted",
                ),
            }
            actor.plan_restart(conversation);
        }));
    }

    fn plan_restart(&mut self, conversation: ConversationId) {
        let now = Instant::now();
        let policy = self.shared.config.conversations.clone();
        let child = Child::Conversation(conversation);
        let chance = chance(child, self.directory.next_incarnation());
        let window = self.supervision.windows.entry(child).or_default();
        let wait = match window.crashed(&policy, now, chance) {
            Verdict::RestartAfter(wait) => wait,
            Verdict::Exhausted => {
                if policy.on_exhausted == OnExhausted::Quarantine {
                    self.supervision.quarantine.insert(conversation);
                }
                policy.backoff.max
            }
        };
        let buffer = match self.directory.slots.remove(&conversation) {
            Some(Slot::Backoff { buffer }) => buffer,
            Some(slot) => {
                self.directory.slots.insert(conversation, slot);
                return;
            }
            None => VecDeque::new(),
        };
        self.pause_until(conversation, now + wait, buffer);
    }

    pub(super) fn remember_crash(&mut self, child: Child) {
        metrics::counter!("papo_actor_crashes_total", "actor" => child.kind()).increment(1);
        let restarts = &mut self.supervision.restarts;
        if restarts.len() >= REPORTED {
            restarts.pop_front();
        }
        restarts.push_back(RestartReport {
            at: self.shared.ports.clock.now(),
            actor: child.to_string(),
            reason: "crashed".to_owned(),
        });
        if self.supervision.windows.len() > WINDOWS {
            let (policy, now) = (&self.shared.config.conversations, Instant::now());
            self.supervision
                .windows
                .retain(|_, window| !window.is_over(policy, now));
        }
    }
}

impl Handler<Down> for TenantActor {
    type Result = ();

    fn handle(&mut self, down: Down, ctx: &mut Self::Context) {
        match down.child {
            Child::Conversation(conversation) => self.conversation_down(conversation, down, ctx),
            Child::Channel(channel) => self.channel_down(channel, &down.reason, ctx),
            Child::Attendant(user) => {
                let frames = Arc::clone(&self.shared.ports.frames);
                self.fanout
                    .attendant_down(user, down.incarnation, frames.as_ref());
                if down.reason.is_crash() {
                    self.remember_crash(down.child);
                }
            }
            Child::Tenant(_) => {}
        }
    }
}

/// A number in 0..1 that differs between children, so that their pauses do.
pub(super) fn chance(child: Child, life: u64) -> f64 {
    let mut hasher = DefaultHasher::new();
    (child, life).hash(&mut hasher);
    let [a, b, ..] = hasher.finish().to_be_bytes();
    f64::from(u16::from_be_bytes([a, b])) / f64::from(u16::MAX)
}
