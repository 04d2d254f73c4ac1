//! How conversations come into memory: so many at a time, from what is stored, with what was kept
//! for them meanwhile. What happens when one dies is [`super::supervision`]'s.

use super::actor::TenantActor;
use super::directory::Slot;
use crate::api::DispatchError;
use crate::conversation::{ConversationActor, Work};
use crate::engine::GiveBack;
use crate::lifecycle::{Child, Verdict, Watch};
use crate::mailbox::offer;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ConversationId;
use papo_domain::ports::{Activation, StoreError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

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
                .store()
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
            Err(StoreError::TooNew) => self.give_back(conversation, buffer),
            Err(fault) => {
                warn!(
                    tenant.id = %self.shared.tenant,
                    conversation.id = %conversation,
                    %fault,
                    "conversation {conversation} could not be loaded",
                );
                // Its items stay pending: nothing is wrong with them.
                self.shared.in_hand.hold_back(conversation);
                for work in buffer {
                    work.refuse(DispatchError::Store(fault.clone()));
                }
                let pause = match fault {
                    StoreError::Corrupt(_) => self.unreadable(conversation, ctx),
                    _ => self.shared.config.conversations.backoff.max,
                };
                self.pause_until(conversation, Instant::now() + pause, VecDeque::new());
            }
        }
    }

    /// Only a newer version can serve this conversation, so none of its shard's tenants can be
    /// served here.
    fn give_back(&self, conversation: ConversationId, buffer: VecDeque<Work>) {
        warn!(
            tenant.id = %self.shared.tenant,
            conversation.id = %conversation,
            "conversation {conversation} was written by a newer version",
        );
        for work in buffer {
            work.refuse(DispatchError::NotHere);
        }
        // If the engine's mailbox is full, the next one who wants the conversation tells it.
        drop(offer(&self.engine, GiveBack(self.shared.lease)));
    }

    /// How long a conversation pauses whose stored state cannot be read. Counts like a crash; when
    /// that has gone on for too long a person is told, once, and it is tried now and then.
    fn unreadable(&mut self, conversation: ConversationId, ctx: &mut Context<Self>) -> Duration {
        let longest = self.shared.config.conversations.backoff.max;
        if self.supervision.unreadable.contains(&conversation) {
            return longest;
        }
        match self.next_life(conversation) {
            Verdict::RestartAfter(pause) => pause,
            Verdict::Exhausted => {
                self.supervision.unreadable.insert(conversation);
                let reason = "what is stored of it cannot be read".to_owned();
                self.quarantined(conversation, reason, ctx);
                longest
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
        if activation.state.quarantined {
            self.found_in_quarantine(conversation, ctx);
        } else if self.is_quarantine_due(conversation) {
            buffer.push_front(self.quarantine(conversation, ctx));
        }
        self.supervision.unreadable.remove(&conversation);
        let watch = Watch {
            parent: ctx.address().recipient(),
            child: Child::Conversation(conversation),
            incarnation,
            reason: None,
            in_hand: None,
        };
        let customer = activation.customer;
        let shared = Arc::clone(&self.shared);
        // The actor's own deque is the bound that callers see.
        let mailbox = self.shared.config.conversation_queue;
        let addr = self.pool.start(conversation, mailbox, move |_| {
            ConversationActor::new(shared, activation, buffer, watch)
        });
        let now = Instant::now();
        self.directory
            .idle_checks
            .add(now + self.shared.config.passivate_after, conversation);
        self.directory.slots.insert(
            conversation,
            Slot::Up {
                incarnation,
                addr,
                customer,
                used: now,
            },
        );
    }
}
