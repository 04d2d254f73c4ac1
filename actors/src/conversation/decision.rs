//! From something to decide to a commit under way. Whatever the domain does with a command runs
//! inside one guard, from the decision to the planned commit, so that a bug there costs this
//! conversation one life and names the item that met it.

use super::actor::{ConversationActor, Current};
use super::commit::{Place, Planned, plan};
use super::work::Work;
use crate::api::{DispatchError, Outcome};
use crate::lifecycle::Reason;
use crate::tenant::{ItemToken, count_dead_letters};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture, fut};
use papo_domain::conversation::{Command, Context as Facts, Decision, Rejection, decide};
use papo_domain::ports::{InboxVerdict, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing::error;

/// What a command comes to.
enum Decided {
    Commit(Box<Planned>),
    Nothing,
    Refused(Rejection),
    /// Its answer cannot be written down.
    Unwritable(serde_json::Error),
}

impl ConversationActor {
    pub(super) fn begin(&mut self, work: Work, ctx: &mut Context<Self>) {
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
        // From here until it is settled, an end for whatever reason is this item's.
        self.watch.in_hand = work.trying();
        match self.decide(command, &work) {
            Ok(Decided::Commit(planned)) => return self.commit(work, *planned, ctx),
            Ok(Decided::Nothing) => self.nothing_to_do(work, ctx),
            Ok(Decided::Refused(rejection)) => self.reject(work, rejection, ctx),
            Ok(Decided::Unwritable(fault)) => {
                work.refuse(StoreError::Corrupt(fault.to_string()).into());
            }
            Err(panic) => {
                error!(
                    tenant.id = %self.shared.tenant,
                    conversation.id = %self.id(),
                    command = command.name(),
                    panic,
                    "conversation {} crashed while deciding",
                    self.id(),
                );
                return self.end(Reason::CrashedDeciding, ctx);
            }
        }
        self.watch.in_hand = None;
    }

    /// Decides on the state as it is, and plans the commit. The error is a panic's text.
    fn decide(&self, command: &Command, work: &Work) -> Result<Decided, String> {
        let rules = self.shared.rules();
        let outlook = self.shared.outlook();
        let now = self.shared.ports.clock.now();
        let (flow, flow_since) = rules.flow_of(self.customer, now);
        let facts = Facts {
            now,
            served: rules.served,
            policy: &rules.policy,
            flow,
            flow_since,
            departments: &rules.departments,
            customer_name: self.name.as_deref(),
            outlook: &outlook,
            recent: self.recent.as_slice(),
        };
        let place = Place {
            tenant: self.shared.tenant,
            channel: self.channel,
            version: self.version,
        };
        catch_unwind(AssertUnwindSafe(|| {
            #[cfg(any(test, feature = "testing"))]
            self.step(crate::ports::DecideStep::Decide, command);
            let decision = match decide(&self.state, command, &facts) {
                // Under a key even nothing is stored: it may be the repetition of something.
                Ok(decision) if decision == Decision::default() && !work.is_keyed() => {
                    return Decided::Nothing;
                }
                Ok(decision) => decision,
                Err(rejection) => return Decided::Refused(rejection),
            };
            #[cfg(any(test, feature = "testing"))]
            self.step(crate::ports::DecideStep::Evolve, command);
            let (inbox, idempotency) = work.origin();
            match plan(&place, &self.state, command, decision, inbox, idempotency) {
                Ok(planned) => Decided::Commit(Box::new(planned)),
                Err(fault) => Decided::Unwritable(fault),
            }
        }))
        .map_err(|panic| panic_text(panic.as_ref()))
    }

    #[cfg(any(test, feature = "testing"))]
    fn step(&self, step: crate::ports::DecideStep, command: &Command) {
        if let Some(hook) = &self.shared.ports.before_decide {
            hook(step, command);
        }
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

    fn nothing_to_do(&self, work: Work, ctx: &mut Context<Self>) {
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

    fn reject(&self, work: Work, rejection: Rejection, ctx: &mut Context<Self>) {
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
    fn settle(&self, verdict: InboxVerdict, token: ItemToken, ctx: &mut Context<Self>) {
        let dead = usize::from(matches!(verdict, InboxVerdict::Dead { .. }));
        let store = self.shared.store();
        let settled = store.settle_inbox(self.shared.lease, self.shared.tenant, vec![verdict]);
        ctx.spawn(fut::wrap_future(async move {
            // A failure leaves the row pending, and the pump finds it again.
            if settled.await.is_ok() {
                count_dead_letters(dead);
            }
            drop(token);
        }));
    }

    fn commit(&mut self, work: Work, planned: Planned, ctx: &mut Context<Self>) {
        let Planned {
            commit,
            outcome,
            said,
            receipts,
        } = planned;
        self.current = Some(Current {
            next: commit.state.clone(),
            said,
            outcome,
            sends: !commit.outbox.is_empty(),
            receipts,
            work,
        });
        let committed = self.shared.store().commit(self.shared.lease, commit);
        ctx.spawn(committed.into_actor(self).map(|result, actor, ctx| {
            actor.committed(result, ctx);
            actor.go_on(ctx);
        }));
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
