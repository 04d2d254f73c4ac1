//! Conversations whose restarts do not help: they are told to only record, and people are told
//! once that is committed. A command that did not come to a commit is given again.

use super::actor::TenantActor;
use super::supervision::Quarantine;
use crate::conversation::Work;
use crate::lifecycle::Child;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ConversationId;
use papo_domain::conversation::Command;
use papo_domain::ports::IncidentKind;
use tokio::sync::oneshot;

impl TenantActor {
    pub(super) fn is_quarantine_due(&self, conversation: ConversationId) -> bool {
        let stage = self.supervision.quarantine.get(&conversation);
        stage.is_some_and(|stage| *stage != Quarantine::UnderWay)
    }

    /// The command that begins it.
    pub(super) fn quarantine(
        &mut self,
        conversation: ConversationId,
        ctx: &mut Context<Self>,
    ) -> Work {
        let quarantines = &mut self.supervision.quarantine;
        quarantines.insert(conversation, Quarantine::UnderWay);
        let (reply, outcome) = oneshot::channel();
        ctx.spawn(outcome.into_actor(self).map(move |outcome, actor, ctx| {
            if let Ok(Ok(_)) = outcome {
                actor.in_quarantine(conversation, ctx);
            } else if let Some(stage) = actor.supervision.quarantine.get_mut(&conversation) {
                *stage = Quarantine::DueAgain;
            }
        }));
        Work::Command {
            token: self.shared.in_hand.take_command(),
            command: Box::new(Command::Quarantine),
            idempotency: None,
            reply: Some(reply),
        }
    }

    /// Gives the command again where it came to nothing and no other life began since.
    pub(super) fn ask_for_quarantines(&mut self, ctx: &mut Context<Self>) {
        let again: Vec<_> = self
            .supervision
            .quarantine
            .iter()
            .filter(|(_, stage)| **stage == Quarantine::DueAgain)
            .map(|(conversation, _)| *conversation)
            .collect();
        for conversation in again {
            let work = self.quarantine(conversation, ctx);
            self.deliver(conversation, work, ctx);
        }
    }

    /// A conversation comes into memory that is in quarantine. If it was to go there, either it
    /// was there before, or the answer of the commit was lost.
    pub(super) fn found_in_quarantine(
        &mut self,
        conversation: ConversationId,
        ctx: &mut Context<Self>,
    ) {
        if self.supervision.quarantine.get(&conversation) == Some(&Quarantine::Due) {
            self.supervision.quarantine.remove(&conversation);
        }
        self.in_quarantine(conversation, ctx);
    }

    fn in_quarantine(&mut self, conversation: ConversationId, ctx: &mut Context<Self>) {
        if self.supervision.quarantine.remove(&conversation).is_some() {
            self.quarantined(conversation, "restarts did not help".to_owned(), ctx);
        }
    }

    /// Tells people.
    pub(super) fn quarantined(
        &self,
        conversation: ConversationId,
        reason: String,
        ctx: &mut Context<Self>,
    ) {
        metrics::counter!("papo_quarantines_total").increment(1);
        let child = Child::Conversation(conversation);
        self.record_incident(child, IncidentKind::Quarantine, reason, ctx);
    }
}
