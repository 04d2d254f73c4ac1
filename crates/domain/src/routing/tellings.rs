//! Whom to tell how the queue has moved. The desk remembers what each customer heard last; what is
//! stored of it is only when.

use super::desk::{Desk, Request};
use super::moves::{Rules, place};
use super::outlook::Place;
use crate::conversation::Command;
use crate::ids::{ConversationId, HandoffId};
use crate::tenant::{Department, TenantPolicy};
use crate::{Timestamp, later};
use chrono::TimeDelta;

/// A customer who was told their place hears nothing of it for this long.
pub const TELL_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// A place that was not worth telling is looked at again after this.
const LOOK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(30);
/// The most customers who are told at once.
const TELLINGS_MAX: usize = 50;

/// A customer who should hear of their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    pub conversation: ConversationId,
    pub handoff: HandoffId,
    pub place: Place,
}

/// What a customer heard last of their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    /// Something, before this desk was there.
    Unknown,
    Place(Place),
}

impl Telling {
    /// As the conversation is told.
    #[must_use]
    pub fn command(&self) -> Command {
        let (handoff, place) = (self.handoff, self.place);
        Command::TellPlace { handoff, place }
    }
}

impl Desk {
    /// Who should hear of their place now. Each is named once in a while, whatever comes of it.
    pub fn tellings(
        &mut self,
        policy: &TenantPolicy,
        departments: &[Department],
        now: Timestamp,
    ) -> Vec<Telling> {
        if !self.queue.values().any(|request| request.hears(now)) {
            return Vec::new();
        }
        let outlook = self.outlook(policy, departments, now);
        let mut tellings = Vec::new();
        for (conversation, request) in &mut self.queue {
            if tellings.len() >= TELLINGS_MAX {
                break;
            }
            if !request.hears(now) {
                continue;
            }
            request.tell_after = later(now, LOOK_AGAIN_AFTER);
            let order = place(request, policy.aging);
            let is_open = Rules::of(policy, departments, request.department).is_open(now);
            let Some(place) = outlook
                .place(request.department, order, now)
                .filter(|_| is_open)
            else {
                continue;
            };
            let told = match request.heard {
                Heard::Nothing => None,
                Heard::Place(told) => Some(told),
                Heard::Unknown => {
                    // Rather nothing than the same again.
                    request.heard = Heard::Place(place);
                    continue;
                }
            };
            if place.is_worth_telling(told) {
                request.tell_after = later(now, TELL_AGAIN_AFTER);
                tellings.push(Telling {
                    conversation: *conversation,
                    handoff: request.handoff,
                    place,
                });
            }
        }
        tellings
    }

    /// The customer was told.
    pub(super) fn told(
        &mut self,
        conversation: ConversationId,
        handoff: HandoffId,
        (position, minutes): (u32, Option<u32>),
        at: Timestamp,
    ) {
        let request = self.queue.get_mut(&conversation);
        if let Some(request) = request.filter(|request| request.handoff == handoff) {
            request.tell_after = later(at, TELL_AGAIN_AFTER);
            request.heard = Heard::Place(Place {
                position,
                minutes,
                free: false,
            });
        }
    }
}

impl Request {
    /// Whether this customer may hear something now: nobody is being asked, and it is not too
    /// soon.
    fn hears(&self, now: Timestamp) -> bool {
        self.offer.is_none() && self.flight.is_none() && !self.withheld && self.tell_after <= now
    }
}
