//! Leaving memory: conversations that nobody needed for long, and the tenant itself when it has
//! nothing more to do here. Everything that is due is in tables which the engine asks every second,
//! so a tenant with something due is rung and does not count as idle, and one that has left is
//! started again.

use super::actor::TenantActor;
use super::directory::Slot;
use crate::conversation::Passivate;
use crate::engine::OfferToPassivate;
use crate::mailbox::offer;
use papo_domain::{ConversationId, CustomerId};
use std::collections::{HashSet, VecDeque};
use tokio::time::Instant;

/// When to look whether a conversation is idle; looked at again if it was used since. Each is in
/// line once, however often it left and came back meanwhile.
#[derive(Default)]
pub(super) struct IdleChecks {
    line: VecDeque<(Instant, ConversationId)>,
    in_line: HashSet<ConversationId>,
}

impl IdleChecks {
    /// One that is in line already keeps its place.
    pub(super) fn add(&mut self, at: Instant, conversation: ConversationId) {
        if self.in_line.insert(conversation) {
            self.line.push_back((at, conversation));
        }
    }

    fn take_due(&mut self, now: Instant) -> Option<ConversationId> {
        let (_, conversation) = self.line.pop_front_if(|(at, _)| *at <= now)?;
        self.in_line.remove(&conversation);
        Some(conversation)
    }
}

impl TenantActor {
    /// Asks conversations that were not used for long to leave memory.
    pub(super) fn passivate_idle(&mut self) {
        let now = Instant::now();
        let quiet = self.shared.config.passivate_after;
        while let Some(conversation) = self.directory.idle_checks.take_due(now) {
            let Some(slot) = self.directory.slots.get_mut(&conversation) else {
                continue;
            };
            let Slot::Up {
                incarnation,
                addr,
                used,
                ..
            } = slot
            else {
                continue;
            };
            let due = *used + quiet;
            if due > now {
                self.directory.idle_checks.add(due, conversation);
            } else if offer(addr, Passivate).is_ok() {
                *slot = Slot::Leaving {
                    incarnation: *incarnation,
                    buffer: VecDeque::new(),
                };
            } else {
                self.directory.idle_checks.add(now + quiet, conversation);
            }
        }
    }

    /// Has the conversations of these customers leave memory once what they have to do is done: they
    /// come back with what is known of the customer now. One that has too much to do to be asked
    /// goes on until it is idle.
    pub(super) fn read_anew(&mut self, customers: &[CustomerId]) {
        for slot in self.directory.slots.values_mut() {
            let Slot::Up {
                incarnation,
                addr,
                customer,
                ..
            } = slot
            else {
                continue;
            };
            if customers.contains(customer) && offer(addr, Passivate).is_ok() {
                *slot = Slot::Leaving {
                    incarnation: *incarnation,
                    buffer: VecDeque::new(),
                };
            }
        }
    }

    /// Nothing came for long, nothing is under way, and nobody is online.
    pub(super) fn is_idle(&self) -> bool {
        self.used.elapsed() >= self.shared.config.retire_after
            && self.directory.slots.is_empty()
            && self.directory.loading == 0
            && self.shared.in_hand.len() == 0
            && !self.pump.is_busy()
            && self.fanout.people().next().is_none()
            && !self.shared.bells.are_busy()
            && !self.draining
    }

    /// Tells the engine, which alone can let a tenant go: others may be about to send it something.
    pub(super) fn offer_to_passivate(&self) {
        if self.is_idle() {
            let offered = OfferToPassivate {
                tenant: self.shared.tenant,
                incarnation: self.watch.incarnation,
            };
            if offer(&self.engine, offered).is_err() {
                tracing::debug!("the engine is too busy to let an idle tenant go");
            }
        }
    }
}

#[cfg(test)]
mod tests;
