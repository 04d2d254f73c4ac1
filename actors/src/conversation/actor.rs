//! The actor of one active conversation.
//!
//! One commit is in flight at most; whatever arrives meanwhile waits in a bounded deque, human
//! control first, and is decided on the state that the commit leaves. A failed commit leaves the
//! state as it was, so numbers cannot gap. Anything unexpected ends this life of the actor: the
//! stored state is the truth and the next life starts from it. AI, HTTP and media never occupy
//! the commit's slot.

use super::commit::{Place, Planned, plan};
use super::recent::{Recent, said};
use super::work::Work;
use crate::api::{DispatchError, Outcome};
use crate::lifecycle::{Reason, Watch};
use crate::tenant::Shared;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message};
use actix::{WrapFuture, fut};
use papo_domain::conversation::{
    Command, Context as Facts, Decision, RecentMessage, Rejection, State, decide,
};
use papo_domain::ports::{Activation, CommitError, Committed, InboxVerdict, StoreError};
use papo_domain::{ChannelId, ConversationId};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tracing::{error, warn};

/// Something to decide.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Deliver(pub(crate) Work);

/// Leave memory once nothing is left to do.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Passivate;

/// One conversation.
pub(crate) struct ConversationActor {
    shared: Arc<Shared>,
    channel: ChannelId,
    customer: Option<String>,
    version: u64,
    state: State,
    recent: Recent,
    urgent: VecDeque<Work>,
    waiting: VecDeque<Work>,
    current: Option<Current>,
    leaving: bool,
    ended: bool,
    watch: Watch,
}

/// The commit in flight.
struct Current {
    work: Work,
    next: State,
    said: Vec<RecentMessage>,
    outcome: Outcome,
    sends: bool,
    shows: Vec<(String, bool)>,
}

impl ConversationActor {
    /// `waiting` is what the parent kept while the state was read.
    pub(crate) fn new(
        shared: Arc<Shared>,
        activation: Activation,
        waiting: VecDeque<Work>,
        watch: Watch,
    ) -> Self {
        let Activation {
            version,
            state,
            channel,
            name,
            recent,
            answers,
        } = activation;
        Self {
            shared,
            channel,
            customer: name,
            version,
            state,
            recent: Recent::new(answers, recent),
            urgent: VecDeque::new(),
            waiting,
            current: None,
            leaving: false,
            ended: false,
            watch,
        }
    }

    fn id(&self) -> ConversationId {
        self.state.conversation
    }

    /// Ends this life. What waits is dropped: items go back to the table, callers are told.
    fn end(&mut self, reason: Reason, ctx: &mut Context<Self>) {
        self.shared.in_hand.hold_back(self.id());
        self.watch.reason = Some(reason);
        self.ended = true;
        self.urgent.clear();
        self.waiting.clear();
        self.current = None;
        ctx.terminate();
    }

    fn go_on(&mut self, ctx: &mut Context<Self>) {
        while self.current.is_none() && !self.ended {
            let Some(work) = self.urgent.pop_front().or_else(|| self.waiting.pop_front()) else {
                break;
            };
            self.begin(work, ctx);
        }
        if self.leaving && !self.ended && self.current.is_none() {
            self.watch.reason = Some(Reason::Passivated);
            self.ended = true;
            ctx.stop();
        }
    }

    fn begin(&mut self, work: Work, ctx: &mut Context<Self>) {
        let fired;
        let command = match &work {
            Work::Item { command, .. } | Work::Command { command, .. } => command.as_ref(),
            Work::Fired { kind, generation } => {
                fired = Command::DeadlineFired {
                    kind: *kind,
                    generation: *generation,
                };
                &fired
            }
            Work::Wake => return self.look_at_deadlines(),
        };
        let decided = match self.decide(command) {
            Ok(decided) => decided,
            Err(panic) => {
                error!(
                    tenant.id = %self.shared.tenant,
                    conversation.id = %self.id(),
                    command = command.name(),
                    panic,
                    "conversation {} crashed while deciding",
                    self.id(),
                );
                self.watch.in_hand = work.uncounted();
                return self.end(Reason::Panicked(panic), ctx);
            }
        };
        match decided {
            Ok(decision) if decision == Decision::default() => self.nothing_to_do(work, ctx),
            Ok(decision) => self.commit(work, decision, ctx),
            Err(rejection) => self.reject(work, rejection, ctx),
        }
    }

    /// Decides on the state as it is. The outer error is a panic's text.
    fn decide(&self, command: &Command) -> Result<Result<Decision, Rejection>, String> {
        let rules = self.shared.rules();
        let facts = Facts {
            now: self.shared.ports.clock.now(),
            policy: &rules.policy,
            flow: &rules.flow,
            departments: &rules.departments,
            customer_name: self.customer.as_deref(),
            recent: self.recent.as_slice(),
        };
        catch_unwind(AssertUnwindSafe(|| {
            #[cfg(any(test, feature = "testing"))]
            if let Some(hook) = &self.shared.ports.before_decide {
                hook(command);
            }
            decide(&self.state, command, &facts)
        }))
        .map_err(|panic| panic_text(panic.as_ref()))
    }

    /// A timer's shadow fell here; the state says what is really due.
    fn look_at_deadlines(&mut self) {
        let now = self.shared.ports.clock.now();
        for deadline in self.state.deadlines.iter().filter(|d| d.at <= now) {
            let (kind, generation) = (deadline.kind, deadline.generation);
            self.waiting.push_front(Work::Fired { kind, generation });
        }
        if let Some(at) = self.state.wake_at().filter(|at| *at > now) {
            self.shared.wheel.keep(self.state.conversation, at);
        }
    }

    fn nothing_to_do(&mut self, work: Work, ctx: &mut Context<Self>) {
        match work {
            Work::Item { token, .. } => {
                let verdict = InboxVerdict::Done { id: token.row() };
                self.settle(verdict, token, ctx);
            }
            Work::Command {
                reply: Some(reply), ..
            } => {
                drop(reply.send(Ok(Outcome {
                    conversation_id: self.id(),
                    version: self.version,
                    epoch: self.state.epoch,
                    seq: self.state.seq,
                    message: None,
                    cancelled: 0,
                    on_the_wire: 0,
                    replayed: false,
                })));
            }
            Work::Command { reply: None, .. } | Work::Wake | Work::Fired { .. } => {}
        }
    }

    fn reject(&mut self, work: Work, rejection: Rejection, ctx: &mut Context<Self>) {
        match work {
            Work::Item { token, .. } => {
                // What arrived is never refused; if it is, a person should look at it.
                let reason = format!("refused: {}", rejection.code());
                let verdict = InboxVerdict::Dead {
                    id: token.row(),
                    reason,
                };
                self.settle(verdict, token, ctx);
            }
            work => work.refuse(DispatchError::Rejected(rejection)),
        }
    }

    /// Settles an item outside of a commit; its token keeps it in hand until then.
    fn settle(
        &self,
        verdict: InboxVerdict,
        token: crate::tenant::ItemToken,
        ctx: &mut Context<Self>,
    ) {
        let store = &self.shared.ports.store;
        let settled = store.settle_inbox(self.shared.lease, self.shared.tenant, vec![verdict]);
        ctx.spawn(fut::wrap_future(async move {
            // A failure leaves the row pending, and the pump finds it again.
            drop(settled.await);
            drop(token);
        }));
    }

    fn commit(&mut self, work: Work, decision: Decision, ctx: &mut Context<Self>) {
        let place = Place {
            tenant: self.shared.tenant,
            channel: self.channel,
            version: self.version,
        };
        let fired;
        let (command, inbox, idempotency) = match &work {
            Work::Item { token, command, .. } => (command.as_ref(), Some(token.row()), None),
            Work::Command {
                command,
                idempotency,
                ..
            } => (command.as_ref(), None, idempotency.clone()),
            Work::Fired { kind, generation } => {
                fired = Command::DeadlineFired {
                    kind: *kind,
                    generation: *generation,
                };
                (&fired, None, None)
            }
            Work::Wake => return,
        };
        let said = said(&decision.messages);
        let planned = plan(&place, &self.state, command, decision, inbox, idempotency);
        let Planned {
            commit,
            outcome,
            shows,
        } = match planned {
            Ok(planned) => planned,
            Err(fault) => return work.refuse(StoreError::Corrupt(fault.to_string()).into()),
        };
        self.current = Some(Current {
            next: commit.state.clone(),
            said,
            outcome,
            sends: !commit.outbox.is_empty(),
            shows,
            work,
        });
        let committed = self.shared.ports.store.commit(self.shared.lease, commit);
        ctx.spawn(committed.into_actor(self).map(|result, actor, ctx| {
            actor.committed(result, ctx);
            actor.go_on(ctx);
        }));
    }

    fn committed(&mut self, result: Result<Committed, CommitError>, ctx: &mut Context<Self>) {
        let Some(current) = self.current.take() else {
            return;
        };
        match result {
            Ok(committed) => self.become_next(current, committed),
            Err(CommitError::Replayed(answer)) => {
                if let Work::Command {
                    reply: Some(reply), ..
                } = current.work
                {
                    let first = serde_json::from_value::<Outcome>(answer)
                        .map(|outcome| Outcome {
                            replayed: true,
                            ..outcome
                        })
                        .map_err(|fault| StoreError::Corrupt(fault.to_string()).into());
                    drop(reply.send(first));
                }
            }
            Err(CommitError::KeyReused) => current.work.refuse(DispatchError::KeyReused),
            Err(CommitError::Busy) => {
                // Nothing was tried. Items go back; later ones must not overtake them.
                self.shared.in_hand.hold_back(self.id());
                self.waiting
                    .retain(|work| !matches!(work, Work::Item { .. }));
                current.work.refuse(DispatchError::Busy);
            }
            Err(CommitError::Poison(fault)) => self.poisoned(current.work, fault, ctx),
            Err(CommitError::Conflict) => {
                current.work.refuse(DispatchError::Gone);
                self.end(Reason::Stale, ctx);
            }
            Err(CommitError::Unavailable(fault)) => {
                current.work.refuse(StoreError::Unavailable(fault).into());
                self.end(Reason::Stale, ctx);
            }
            Err(CommitError::Fenced) => {
                current.work.refuse(DispatchError::NotHere);
                self.end(Reason::Fenced, ctx);
            }
        }
    }

    fn become_next(&mut self, current: Current, committed: Committed) {
        let Current {
            work,
            next,
            said,
            mut outcome,
            sends,
            shows,
        } = current;
        self.state = next;
        self.version += 1;
        self.recent.remember(said, &self.state);
        if let Some(at) = self.state.wake_at() {
            self.shared.wheel.keep(self.state.conversation, at);
        }
        if sends {
            self.shared.bells.ring(self.channel);
        }
        for (external_id, typing) in shows {
            self.shared
                .bells
                .show_read(self.channel, external_id, typing);
        }
        if let Work::Command {
            reply: Some(reply), ..
        } = work
        {
            outcome.cancelled = committed.cancelled;
            outcome.on_the_wire = committed.on_the_wire;
            drop(reply.send(Ok(outcome)));
        }
    }

    /// This change alone cannot be stored. For an item that counts like a crash.
    fn poisoned(&mut self, work: Work, fault: String, ctx: &mut Context<Self>) {
        warn!(
            tenant.id = %self.shared.tenant,
            conversation.id = %self.id(),
            fault,
            "a change of conversation {} cannot be stored",
            self.id(),
        );
        match work {
            Work::Command { reply: Some(_), .. } => work.refuse(StoreError::Corrupt(fault).into()),
            work => {
                self.watch.in_hand = work.uncounted();
                self.end(Reason::Panicked(fault), ctx);
            }
        }
    }
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // The deque is the bound that callers see.
        ctx.set_mailbox_capacity(self.shared.config.conversation_queue);
        self.go_on(ctx);
    }
}

impl Handler<Deliver> for ConversationActor {
    type Result = ();

    fn handle(&mut self, Deliver(work): Deliver, ctx: &mut Self::Context) {
        if self.ended {
            return;
        }
        let bound = self.shared.config.conversation_queue;
        // People must not be turned away by a customer's burst: they have a bound of their own.
        if work.is_urgent() && self.urgent.len() < bound {
            self.urgent.push_back(work);
        } else if self.waiting.len() >= bound {
            if matches!(work, Work::Item { .. }) {
                self.shared.in_hand.hold_back(self.id());
            }
            return work.refuse(DispatchError::Busy);
        } else {
            self.waiting.push_back(work);
        }
        self.go_on(ctx);
    }
}

impl Handler<Passivate> for ConversationActor {
    type Result = ();

    fn handle(&mut self, _: Passivate, ctx: &mut Self::Context) {
        self.leaving = true;
        self.go_on(ctx);
    }
}

/// The text a panic was raised with.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without text".to_owned())
}
