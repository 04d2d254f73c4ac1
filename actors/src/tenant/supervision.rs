//! One-for-one supervision of a tenant's children: who died, of what, when it lives again, and
//! when a person has to look.

use super::actor::TenantActor;
use super::attempts::{GivenUp, count_dead_letters};
use super::directory::Slot;
use crate::api::{OnExhausted, RestartReport};
use crate::conversation::Work;
use crate::lifecycle::{Child, Down, Reason, RestartWindow, Trying, Verdict};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use papo_domain::ports::{Incident, IncidentKind, StoreError};
use papo_domain::{ConversationId, UserId};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::time::Instant;
use tracing::{error, warn};

/// Crashes that a report shows.
const REPORTED: usize = 100;
/// Crash windows kept; the oldest quiet ones go first.
const WINDOWS_MAX: usize = 10_000;

/// What supervision remembers.
#[derive(Default)]
pub(super) struct Supervision {
    pub(super) windows: HashMap<Child, RestartWindow>,
    /// Conversations that are to be quarantined, until that is committed.
    pub(super) quarantine: HashMap<ConversationId, Quarantine>,
    restarts: VecDeque<RestartReport>,
    /// Conversations whose stored state could not be read, time and again.
    pub(super) unreadable: HashSet<ConversationId>,
    /// People whose actor crashed, with when their sockets are let in again.
    resting: HashMap<UserId, Instant>,
    /// Pauses that end, with who lives again then.
    pauses: Vec<(Instant, ConversationId)>,
}

/// How far a quarantine is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quarantine {
    /// The next life gets the command first thing.
    Due,
    UnderWay,
    /// As far as anybody knows it was not committed.
    DueAgain,
}

impl Supervision {
    pub(super) fn restarts(&self) -> Vec<RestartReport> {
        self.restarts.iter().cloned().collect()
    }
}

impl TenantActor {
    pub(super) fn pause_until(
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
        if down.reason != Reason::Passivated {
            // Earlier items fell back into the table; buffered ones must not overtake them.
            self.shared.in_hand.hold_back(conversation);
            buffer.retain(|work| !matches!(work, Work::Item { .. }));
            self.shared.in_hand.life_over(conversation);
        }
        match down.reason {
            Reason::Passivated => self.leave_slot(conversation, buffer, ctx),
            Reason::Stale => {
                self.leave_slot(conversation, buffer, ctx);
                self.pump_all(ctx);
            }
            Reason::Fenced => self.lost_shard(ctx),
            reason @ (Reason::CrashedDeciding | Reason::Unstorable | Reason::Crashed) => {
                self.directory
                    .slots
                    .insert(conversation, Slot::Backoff { buffer });
                self.crashed(conversation, reason, down.in_hand, ctx);
            }
        }
    }

    /// A conversation is out of memory. What waits for it brings it back at once.
    fn leave_slot(
        &mut self,
        conversation: ConversationId,
        buffer: VecDeque<Work>,
        ctx: &mut Context<Self>,
    ) {
        self.directory.slots.remove(&conversation);
        if !buffer.is_empty() {
            self.directory.load(conversation, buffer);
            self.load_next(ctx);
        }
    }

    /// Counts the attempt in the table first, unless that was done before it began, so that a
    /// poison item ends even if this process does, and only then plans the next life.
    fn crashed(
        &mut self,
        conversation: ConversationId,
        reason: Reason,
        in_hand: Option<Trying>,
        ctx: &mut Context<Self>,
    ) {
        if let Some(trying) = in_hand {
            self.pump.attempts.crashed(trying.row);
        }
        let child = Child::Conversation(conversation);
        self.remember_crash(child, reason);
        let reason = reason.words().to_owned();
        self.record_incident(child, IncidentKind::Restart, reason, ctx);
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let store = Arc::clone(self.shared.store());
        let most = self.shared.config.conversations.max_attempts;
        let counted = async move {
            let Some(Trying {
                row: id,
                counted: false,
            }) = in_hand
            else {
                return Ok(None);
            };
            let attempts = store.count_attempts(lease, tenant, vec![id]).await?;
            let attempts = attempts.first().copied().unwrap_or_default();
            if attempts < most {
                return Ok(None);
            }
            let given_up = GivenUp {
                id,
                conversation,
                attempts,
            };
            store
                .settle_inbox(lease, tenant, vec![given_up.verdict()])
                .await?;
            Ok::<_, StoreError>(Some(given_up))
        };
        ctx.spawn(counted.into_actor(self).map(move |counted, actor, ctx| {
            match counted {
                Ok(None) => {}
                Ok(Some(given_up)) => {
                    count_dead_letters(1);
                    actor.report_given_up(given_up, ctx);
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
        let wait = match self.next_life(conversation) {
            Verdict::RestartAfter(wait) => wait,
            Verdict::Exhausted => {
                let policy = &self.shared.config.conversations;
                if policy.on_exhausted == OnExhausted::Quarantine {
                    let quarantines = &mut self.supervision.quarantine;
                    quarantines.entry(conversation).or_insert(Quarantine::Due);
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

    /// Counts the end of a life in the conversation's window.
    pub(super) fn next_life(&mut self, conversation: ConversationId) -> Verdict {
        let policy = &self.shared.config.conversations;
        let child = Child::Conversation(conversation);
        let chance = chance(child, self.directory.next_incarnation());
        let window = self.supervision.windows.entry(child).or_default();
        window.crashed(policy, Instant::now(), chance)
    }

    /// A person's next life begins with their next socket, after a pause.
    fn attendant_crashed(&mut self, user: UserId, reason: Reason) {
        let child = Child::Attendant(user);
        self.remember_crash(child, reason);
        let (policy, now) = (&self.shared.config.attendants, Instant::now());
        let chance = chance(child, self.directory.next_incarnation());
        let window = self.supervision.windows.entry(child).or_default();
        let pause = window.pause_after_crash(policy, now, chance);
        self.supervision.resting.retain(|_, until| *until > now);
        self.supervision.resting.insert(user, now + pause);
    }

    /// Whether a person's sockets are turned away for now.
    pub(super) fn is_resting(&self, user: UserId) -> bool {
        let until = self.supervision.resting.get(&user);
        until.is_some_and(|until| *until > Instant::now())
    }

    pub(super) fn remember_crash(&mut self, child: Child, reason: Reason) {
        if reason == Reason::Crashed {
            error!(
                tenant.id = %self.shared.tenant,
                conversation.id = child.conversation().map(tracing::field::display),
                user.id = child.user().map(tracing::field::display),
                channel.id = child.channel().map(tracing::field::display),
                "{child} crashed",
            );
        }
        metrics::counter!("papo_actor_crashes_total", "actor" => child.kind()).increment(1);
        let restarts = &mut self.supervision.restarts;
        if restarts.len() >= REPORTED {
            restarts.pop_front();
        }
        restarts.push_back(RestartReport {
            at: self.shared.ports.clock.now(),
            actor: child.to_string(),
            reason: reason.words().to_owned(),
        });
        if self.supervision.windows.len() > WINDOWS_MAX {
            let (policy, now) = (&self.shared.config.conversations, Instant::now());
            self.supervision
                .windows
                .retain(|_, window| !window.is_over(policy, now));
        }
    }

    /// Keeps an incident for people to read.
    pub(super) fn record_incident(
        &self,
        child: Child,
        kind: IncidentKind,
        reason: String,
        ctx: &mut Context<Self>,
    ) {
        let incident = Incident {
            actor: child.kind(),
            conversation: child.conversation(),
            kind,
            reason,
        };
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let call = self.shared.store().record_incident(lease, tenant, incident);
        self.spawn_store_call("an incident could not be recorded", call, ctx);
    }
}

impl Handler<Down> for TenantActor {
    type Result = ();

    fn handle(&mut self, down: Down, ctx: &mut Self::Context) {
        match down.child {
            Child::Conversation(conversation) => self.conversation_down(conversation, down, ctx),
            Child::Channel(channel) => self.channel_down(channel, &down, ctx),
            Child::Attendant(user) => {
                self.fanout.attendant_down(user, down.incarnation);
                if down.reason.is_crash() {
                    self.attendant_crashed(user, down.reason);
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
