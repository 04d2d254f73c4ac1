//! Items whose decision was begun and never ended: counted in the table before they are tried
//! again, so that a poison item ends even if it takes the whole process with it each time.

use super::actor::TenantActor;
use crate::conversation::Work;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ConversationId;
use papo_domain::ports::{InboxVerdict, Incident, IncidentKind};
use tracing::error;

/// A row that was pending when this life began, already in hand.
pub(super) struct Suspect {
    pub(super) id: i64,
    pub(super) conversation: ConversationId,
    pub(super) work: Work,
}

impl TenantActor {
    /// Counts one more attempt of each suspect, then lets those pass that have tries left.
    pub(super) fn count(&self, suspects: Vec<Suspect>, ctx: &mut Context<Self>) {
        if suspects.is_empty() {
            return;
        }
        let ids = suspects.iter().map(|s| s.id).collect();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let counted = self.shared.ports.store.count_attempts(lease, tenant, ids);
        ctx.spawn(
            counted
                .into_actor(self)
                .map(move |counts, actor, ctx| match counts {
                    Ok(counts) => {
                        let most = actor.shared.config.conversations.max_attempts;
                        for (suspect, attempts) in suspects.into_iter().zip(counts) {
                            if attempts > most {
                                actor.dead_letter(suspect, attempts, ctx);
                            } else {
                                actor.deliver(suspect.conversation, suspect.work, ctx);
                            }
                        }
                    }
                    Err(fault) => {
                        for suspect in suspects {
                            actor.shared.in_hand.hold_back(suspect.conversation);
                        }
                        actor.pump_failed(&fault, ctx);
                    }
                }),
        );
    }

    fn dead_letter(&self, suspect: Suspect, attempts: u32, ctx: &mut Context<Self>) {
        let Suspect {
            id,
            conversation,
            work,
        } = suspect;
        error!(
            tenant.id = %self.shared.tenant,
            conversation.id = %conversation,
            inbox.id = id,
            attempts,
            "inbox item {id} is given up after {attempts} attempts",
        );
        let reason = format!("given up after {attempts} attempts");
        if let Work::Item { token, .. } = work {
            let verdict = InboxVerdict::Dead {
                id,
                reason: reason.clone(),
            };
            self.settle(vec![(token, verdict)], ctx);
        }
        self.record(
            Some(conversation),
            "conversation",
            IncidentKind::DeadLetter,
            reason,
            ctx,
        );
    }

    /// Keeps an incident for people to read.
    pub(super) fn record(
        &self,
        conversation: Option<ConversationId>,
        actor: &'static str,
        kind: IncidentKind,
        reason: String,
        ctx: &mut Context<Self>,
    ) {
        let incident = Incident {
            actor,
            conversation,
            kind,
            reason,
        };
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let call = self
            .shared
            .ports
            .store
            .record_incident(lease, tenant, incident);
        self.run("recording an incident", call, ctx);
    }
}
