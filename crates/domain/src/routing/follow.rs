//! What each event of a conversation means to the desk.

use super::desk::{Desk, Request, Service, Term};
use super::tellings::{Heard, TELL_AGAIN_AFTER};
use crate::conversation::{Event, HandoffReason, Offer, OfferEnd, Owner};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::{Timestamp, later};
use chrono::TimeDelta;

impl Desk {
    /// Something happened to a conversation.
    pub fn follow(&mut self, conversation: ConversationId, event: &Event) {
        match event {
            Event::HandoffRequested { at, .. } => self.asked_for(conversation, event, *at),
            Event::WaitingEscalated { priority, .. } | Event::PriorityChanged { priority, .. } => {
                if let Some(request) = self.queue.get_mut(&conversation) {
                    request.priority = *priority;
                }
            }
            Event::Offered {
                handoff,
                to,
                expires_at,
                ..
            } => {
                let (to, expires_at) = (*to, *expires_at);
                self.offered(conversation, *handoff, Offer { to, expires_at });
            }
            Event::OfferEnded {
                handoff,
                to,
                at,
                how,
            } => self.offer_ended(conversation, *handoff, (*to, *how), *at),
            Event::TakenOver { owner, at, .. } => self.led_by(conversation, *owner, None, *at),
            Event::Transferred {
                to, at, department, ..
            } => self.led_by(conversation, Owner::User(*to), Some(*department), *at),
            Event::ReturnedToBot { at, .. }
            | Event::Closed { at, .. }
            | Event::SessionOpened { at } => {
                self.served(conversation, *at);
                self.queue.remove(&conversation);
                self.hold(conversation, None);
            }
            Event::PlaceTold {
                handoff,
                at,
                position,
                minutes,
            } => {
                // Nothing follows from it.
                return self.told(conversation, *handoff, (*position, *minutes), *at);
            }
            Event::Snoozed { .. } => {
                // Nothing follows from it now.
                if let Some(term) = self.led.get_mut(&conversation) {
                    term.paused = true;
                }
                return;
            }
            Event::Quarantined { .. } => self.withhold(conversation, true),
            Event::Resumed { .. } => self.withhold(conversation, false),
            _ => return,
        }
        self.stirred = true;
        self.moved = true;
    }

    fn asked_for(&mut self, conversation: ConversationId, event: &Event, at: Timestamp) {
        let Event::HandoffRequested {
            handoff,
            department,
            priority,
            reason,
            since,
            passed_over,
            preferred,
            skills,
            ..
        } = event
        else {
            return;
        };
        self.served(conversation, at);
        let before = self.queue.get(&conversation);
        let heard = before.map(|request| (request.heard, request.tell_after));
        let (heard, tell_after) = heard.unwrap_or((Heard::Nothing, later(at, TELL_AGAIN_AFTER)));
        let before = before.map(|request| request.since);
        let request = Request {
            handoff: *handoff,
            since: before.or(*since).unwrap_or(at),
            priority: *priority,
            department: *department,
            skills: skills.clone(),
            preferred: *preferred,
            passed: passed_over.iter().map(|user| (*user, at)).collect(),
            offer: None,
            flight: None,
            not_before: None,
            heard,
            tell_after,
            withheld: *reason == HandoffReason::Quarantine,
        };
        self.queue.insert(conversation, request);
        self.hold(conversation, None);
    }

    fn offered(&mut self, conversation: ConversationId, handoff: HandoffId, offer: Offer) {
        let Some(request) = self.queue.get_mut(&conversation) else {
            return;
        };
        if request.handoff == handoff {
            request.offer = Some(offer);
            request.flight = None;
            self.give_to(conversation, offer.to);
        }
    }

    fn offer_ended(
        &mut self,
        conversation: ConversationId,
        handoff: HandoffId,
        (to, how): (UserId, OfferEnd),
        at: Timestamp,
    ) {
        let Some(request) = self.queue.get_mut(&conversation) else {
            return;
        };
        if request.handoff != handoff {
            return;
        }
        request.offer = None;
        request.flight = None;
        if matches!(how, OfferEnd::Rejected | OfferEnd::TimedOut) {
            request.pass(to, at);
        }
        self.hold(conversation, None);
    }

    /// `department` where the event names one.
    fn led_by(
        &mut self,
        conversation: ConversationId,
        owner: Owner,
        department: Option<Option<DepartmentId>>,
        at: Timestamp,
    ) {
        let waited = self.queue.remove(&conversation);
        let term = self.led.get(&conversation).copied();
        let known = waited.map(|request| request.department);
        let known = known.or_else(|| term.map(|term| term.department));
        match owner {
            Owner::User(user) => {
                // Whoever takes it from another goes on with the same service.
                let term = Term {
                    department: department.or(known).unwrap_or_default(),
                    since: term.map_or(at, |term| term.since),
                    paused: term.is_some_and(|term| term.paused),
                };
                self.led.insert(conversation, term);
                self.give_to(conversation, user);
                if self.dismissed.contains(&user) {
                    self.relief_at = Some(at);
                }
            }
            Owner::Phone => {
                self.led.remove(&conversation);
                self.hold(conversation, None);
            }
        }
    }

    /// If somebody led it, the service is over. One that was put out of the way says nothing about
    /// how long services take.
    fn served(&mut self, conversation: ConversationId, at: Timestamp) {
        if let Some(term) = self.led.remove(&conversation).filter(|term| !term.paused) {
            let service = Service {
                ended_at: at,
                took: at.signed_duration_since(term.since).max(TimeDelta::zero()),
            };
            self.remember(term.department, service);
        }
    }

    fn withhold(&mut self, conversation: ConversationId, withheld: bool) {
        if let Some(request) = self.queue.get_mut(&conversation) {
            request.withheld = withheld;
        }
    }
}
