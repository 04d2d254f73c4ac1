//! Items whose decision was begun and never ended: counted in the table before they are tried
//! again, so that a poison item ends even if it takes the whole process with it each time. A
//! process that dies does not say of which item, so all that were under way are counted; those
//! that have used up their tries in company are tried as often again, each alone.

use super::actor::TenantActor;
use super::in_hand::{InHand, ItemToken};
use crate::conversation::Work;
use crate::lifecycle::Child;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ConversationId;
use papo_domain::conversation::Command;
use papo_domain::ports::{InboxVerdict, IncidentKind, StoreError};
use std::collections::{BTreeSet, HashMap};
use tracing::{error, warn};

/// Which rows are suspect, and where each is on its way through the count.
#[derive(Default)]
pub(super) struct Attempts {
    /// Rows up to here were found pending when this life began: one of them may be what ended
    /// the last one, so each is counted in the table before it is decided, one at a time.
    suspect_to: i64,
    surveyed: bool,
    /// Suspects whose try in this life is counted. It goes on until it ends in a commit or in a
    /// crash, however often the store turns it away in between.
    tried: BTreeSet<i64>,
    /// Conversations with suspects on their way to the table and back; nothing of theirs may
    /// overtake these.
    counting: HashMap<ConversationId, usize>,
    /// The suspect that is tried without company.
    alone: Option<i64>,
    /// Suspects wait in the table until nobody is under way.
    waiting: bool,
}

impl Attempts {
    /// Whether a suspect may go now, which had `attempts` of `most` tries before. If not, it
    /// waits for others to end: it, or one of them, must be alone.
    fn may_go(&mut self, row: i64, attempts: u32, most: u32, in_hand: &InHand) -> bool {
        let doubtful = attempts >= most && !self.tried.contains(&row);
        let led_alone = self.alone.is_some_and(|row| in_hand.holds(row));
        if led_alone || doubtful && self.any_under_way(in_hand) {
            self.waiting = true;
            return false;
        }
        if doubtful {
            self.alone = Some(row);
        }
        true
    }

    /// Whether suspects wait although nobody is under way any more.
    fn ask_again(&mut self, in_hand: &InHand) -> bool {
        self.waiting && !self.any_under_way(in_hand) && std::mem::take(&mut self.waiting)
    }

    fn any_under_way(&self, in_hand: &InHand) -> bool {
        !self.counting.is_empty() || self.tried.iter().any(|row| in_hand.holds(*row))
    }

    /// Everything up to `cursor` was read once; what comes later came in this life.
    pub(super) fn surveyed(&mut self, cursor: i64) {
        if !std::mem::replace(&mut self.surveyed, true) {
            self.suspect_to = cursor;
        }
    }

    /// Whether everything that was pending when this life began has been read.
    pub(super) fn is_surveyed(&self) -> bool {
        self.surveyed
    }

    pub(super) fn is_suspect(&self, row: i64) -> bool {
        !self.surveyed || row <= self.suspect_to
    }

    pub(super) fn is_counting(&self, conversation: ConversationId) -> bool {
        self.counting.contains_key(&conversation)
    }

    /// The row's try crashed: the next one is another.
    pub(super) fn crashed(&mut self, row: i64) {
        self.tried.remove(&row);
    }

    /// Rows before the oldest pending one have ended.
    pub(super) fn forget_before(&mut self, oldest: i64) {
        self.tried = self.tried.split_off(&oldest);
    }

    fn begin(&mut self, conversation: ConversationId) {
        *self.counting.entry(conversation).or_default() += 1;
    }

    fn end(&mut self, conversation: ConversationId) {
        if let Some(count) = self.counting.get_mut(&conversation) {
            *count -= 1;
            if *count == 0 {
                self.counting.remove(&conversation);
            }
        }
    }
}

/// A row that was pending when this life began, already in hand.
pub(super) struct Suspect {
    id: i64,
    conversation: ConversationId,
    work: Work,
}

/// An item that has used up its attempts.
#[derive(Clone, Copy)]
pub(super) struct GivenUp {
    pub(super) id: i64,
    pub(super) conversation: ConversationId,
    pub(super) attempts: u32,
}

impl GivenUp {
    pub(super) fn verdict(self) -> InboxVerdict {
        InboxVerdict::Dead {
            id: self.id,
            reason: self.reason(),
        }
    }

    fn reason(self) -> String {
        format!("given up after {} attempts", self.attempts)
    }
}

/// Items that are in the table for good are counted where the verdict is stored.
pub(crate) fn count_dead_letters(items: usize) {
    if let Ok(items @ 1..) = u64::try_from(items) {
        metrics::counter!("papo_dead_letters_total").increment(items);
    }
}

impl TenantActor {
    /// Whether a row may go to its conversation, for all that is known of earlier tries.
    pub(super) fn may_try(&mut self, row: i64, attempts: u32) -> bool {
        let most = self.shared.config.conversations.max_attempts;
        let attempts_of = &mut self.pump.attempts;
        !attempts_of.is_suspect(row)
            || attempts_of.may_go(row, attempts, most, &self.shared.in_hand)
    }

    /// Goes on with suspects that waited for another one to end.
    pub(super) fn try_next_suspect(&mut self, ctx: &mut Context<Self>) {
        if self.pump.attempts.ask_again(&self.shared.in_hand) {
            self.pump_all(ctx);
        }
    }

    /// Lets an item that is in hand go to its conversation, by way of `suspects` if its try has
    /// to be counted first.
    pub(super) fn pass_on(
        &mut self,
        token: ItemToken,
        conversation: ConversationId,
        command: Command,
        suspects: &mut Vec<Suspect>,
        ctx: &mut Context<Self>,
    ) {
        let attempts = &mut self.pump.attempts;
        let id = token.row();
        let counted = attempts.is_suspect(id);
        let work = Work::Item {
            token,
            command: Box::new(command),
            counted,
        };
        if counted && !attempts.tried.contains(&id) {
            attempts.begin(conversation);
            suspects.push(Suspect {
                id,
                conversation,
                work,
            });
        } else {
            self.deliver(conversation, work, ctx);
        }
    }

    /// Counts one more attempt of each suspect, then lets those pass that have tries left.
    pub(super) fn count_attempts(&self, suspects: Vec<Suspect>, ctx: &mut Context<Self>) {
        if suspects.is_empty() {
            return;
        }
        let ids = suspects.iter().map(|s| s.id).collect();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let counted = self.shared.store().count_attempts(lease, tenant, ids);
        ctx.spawn(
            counted
                .into_actor(self)
                .map(move |counts, actor, ctx| match counts {
                    Ok(counts) => actor.counted(suspects, counts, ctx),
                    Err(fault) => actor.not_counted(suspects, &fault, ctx),
                }),
        );
    }

    fn counted(&mut self, suspects: Vec<Suspect>, counts: Vec<u32>, ctx: &mut Context<Self>) {
        // In company, then alone.
        let most = self.shared.config.conversations.max_attempts * 2;
        for (suspect, attempts) in suspects.into_iter().zip(counts) {
            self.pump.attempts.end(suspect.conversation);
            self.pump.attempts.tried.insert(suspect.id);
            if attempts > most {
                self.dead_letter(suspect, attempts, ctx);
            } else {
                self.deliver(suspect.conversation, suspect.work, ctx);
            }
        }
    }

    fn not_counted(&mut self, suspects: Vec<Suspect>, fault: &StoreError, ctx: &mut Context<Self>) {
        for suspect in suspects {
            self.pump.attempts.end(suspect.conversation);
            self.shared.in_hand.pause(suspect.conversation);
            if matches!(fault, StoreError::Unavailable(_)) {
                // Perhaps only the answer was lost. A store that comes and goes must not use up
                // the tries of an item that nothing is wrong with.
                self.pump.attempts.tried.insert(suspect.id);
            }
        }
        if *fault == StoreError::Fenced {
            return self.lost_shard(ctx);
        }
        warn!(tenant.id = %self.shared.tenant, %fault, "attempts could not be counted");
    }

    fn dead_letter(&self, suspect: Suspect, attempts: u32, ctx: &mut Context<Self>) {
        let given_up = GivenUp {
            id: suspect.id,
            conversation: suspect.conversation,
            attempts,
        };
        if let Work::Item { token, .. } = suspect.work {
            self.settle_items(vec![(token, given_up.verdict())], ctx);
        }
        self.report_given_up(given_up, ctx);
    }

    /// Tells people of an item that is given up.
    pub(super) fn report_given_up(&self, given_up: GivenUp, ctx: &mut Context<Self>) {
        let GivenUp {
            id,
            conversation,
            attempts,
        } = given_up;
        error!(
            tenant.id = %self.shared.tenant,
            conversation.id = %conversation,
            inbox.id = id,
            attempts,
            "inbox item {id} is given up after {attempts} attempts",
        );
        let child = Child::Conversation(conversation);
        self.record_incident(child, IncidentKind::DeadLetter, given_up.reason(), ctx);
    }
}
