//! How a commit ended, and what follows: only after it is stored does the actor become what it
//! decided. Nothing here decides anything.

use super::actor::{ConversationActor, Current};
use super::work::Work;
use crate::api::{DispatchError, Outcome};
use crate::lifecycle::Reason;
use actix::Context;
use papo_domain::ports::{CommitError, Committed, StoreError};
use tracing::warn;

impl ConversationActor {
    pub(super) fn committed(
        &mut self,
        result: Result<Committed, CommitError>,
        ctx: &mut Context<Self>,
    ) {
        self.watch.in_hand = None;
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
            Err(CommitError::Refused(rejection)) => current.work.refuse(rejection.into()),
            // Nothing was tried.
            Err(CommitError::Busy) => match current.work {
                item @ Work::Item { .. } => self.put_back(item),
                work => work.refuse(DispatchError::Busy),
            },
            Err(CommitError::Poison(fault)) => self.poisoned(current.work, fault, ctx),
            Err(CommitError::Conflict) => {
                current.work.refuse(DispatchError::Gone);
                self.end(Reason::Stale, ctx);
            }
            Err(CommitError::Unavailable(fault)) => {
                // Items wait a moment: a lane that is away would be asked in circles.
                self.shared.in_hand.pause(self.id());
                current.work.refuse(StoreError::Unavailable(fault).into());
                self.end(Reason::Stale, ctx);
            }
            Err(CommitError::Unknown(fault)) => {
                warn!(conversation.id = %self.id(), fault, "nobody knows what became of a commit");
                self.shared.in_hand.pause(self.id());
                current.work.refuse(DispatchError::Unknown);
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
            receipts,
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
        for receipt in receipts {
            self.shared.bells.show_read(self.channel, receipt);
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
                self.watch.in_hand = work.trying();
                self.end(Reason::Unstorable, ctx);
            }
        }
    }
}
