//! Asking one person after the other to take a waiting conversation. An offer is a place in what
//! that person has to do, so it is made and accepted only where they have room: the commit knows
//! that, and is refused otherwise.

use super::control::{handoff_of, lead, owner};
use super::scratch::{Scratch, seconds};
use crate::bot::texts::Notice;
use crate::conversation::decision::{Effect, Slot};
use crate::conversation::event::{DeadlineKind, Event, OfferEnd, Originator};
use crate::conversation::rejection::Rejection;
use crate::conversation::state::{Mode, Offer, Owner};
use crate::ids::{HandoffId, UserId};
use crate::later;
use crate::routing::Skill;

/// Asks `to`. Repeating it while they are being asked changes nothing.
pub(super) fn make(
    s: &mut Scratch<'_>,
    handoff: HandoffId,
    to: UserId,
    patience: u32,
) -> Result<(), Rejection> {
    let Mode::Waiting {
        handoff: waits,
        since,
        priority,
        offer: open,
        ..
    } = s.state.mode
    else {
        return Err(Rejection::NotWaiting);
    };
    match open {
        _ if waits != handoff => return Err(Rejection::NotWaiting),
        None => {}
        Some(offer) if offer.to == to => return Ok(()),
        Some(offer) => return Err(Rejection::OfferedToAnother { to: offer.to }),
    }
    let skills = skills(s);
    take_slot(s, to, skills);
    let (at, expires_at) = (s.ctx.now, later(s.ctx.now, seconds(patience)));
    s.happen(Event::Offered {
        handoff,
        to,
        at,
        expires_at,
        department: s.state.department,
        priority,
        since,
    });
    s.arm(DeadlineKind::OfferTimeout, expires_at);
    Ok(())
}

/// Whoever was asked takes it, in time.
pub(super) fn accept(
    s: &mut Scratch<'_>,
    by: UserId,
    handoff: HandoffId,
    name: &str,
) -> Result<(), Rejection> {
    match owner(s) {
        Some(Owner::User(user)) if user == by && handoff_of(s) == Some(handoff) => return Ok(()),
        Some(_) => {
            let by = s.state.attendant();
            return Err(Rejection::AssignedToAnother { by });
        }
        None => {}
    }
    let offer = open(s, handoff);
    if !offer.is_some_and(|offer| offer.to == by && offer.expires_at > s.ctx.now) {
        return Err(Rejection::OfferEnded);
    }
    let skills = skills(s);
    take_slot(s, by, skills);
    lead(s, Owner::User(by), Originator::User(by));
    s.tell(Notice::TakenOver, Some(name));
    Ok(())
}

/// Whoever was asked does not want it.
pub(super) fn reject(s: &mut Scratch<'_>, by: UserId, handoff: HandoffId) -> Result<(), Rejection> {
    if open(s, handoff).is_some_and(|offer| offer.to == by) {
        end(s, OfferEnd::Rejected);
        return Ok(());
    }
    match &s.state.mode {
        Mode::Waiting {
            handoff: waits,
            passed_over,
            ..
        } if *waits == handoff && passed_over.contains(&by) => Ok(()),
        _ => Err(Rejection::OfferEnded),
    }
}

/// They went away. An answer of theirs may have come first.
pub(super) fn rescind(s: &mut Scratch<'_>, handoff: HandoffId, to: UserId) {
    if open(s, handoff).is_some_and(|offer| offer.to == to) {
        end(s, OfferEnd::Rescinded);
    }
}

/// They said nothing.
pub(super) fn timed_out(s: &mut Scratch<'_>) {
    let kind = DeadlineKind::OfferTimeout;
    match s.state.offer() {
        None => s.disarm(kind),
        Some(offer) if offer.expires_at > s.ctx.now => s.arm(kind, offer.expires_at),
        Some(_) => end(s, OfferEnd::TimedOut),
    }
}

/// Somebody else decides about the conversation, in favour of `to` if of anybody: nobody is asked
/// any more. Comes before what was decided, while the offer is still there to be seen.
pub(super) fn decided(s: &mut Scratch<'_>, to: Option<Owner>) {
    if let Some(offer) = s.state.offer() {
        end(
            s,
            match to {
                Some(Owner::User(user)) if user == offer.to => OfferEnd::Accepted,
                _ => OfferEnd::Rescinded,
            },
        );
    }
}

/// This happens only if `user` has room and can do what is needed.
pub(super) fn take_slot(s: &mut Scratch<'_>, user: UserId, skills: Vec<Skill>) {
    s.effect(Effect::TakeSlot(Slot { user, skills }));
}

/// The skills that whoever serves the waiting request needs, or who goes on with the one that is
/// served.
pub(super) fn skills(s: &Scratch<'_>) -> Vec<Skill> {
    match &s.state.mode {
        Mode::Waiting { skills, .. } | Mode::Human { skills, .. } => skills.clone(),
        Mode::Bot(_) | Mode::Closed { .. } => Vec::new(),
    }
}

/// The open offer, while it is this request that waits.
fn open(s: &Scratch<'_>, wanted: HandoffId) -> Option<Offer> {
    s.state.offer().filter(|_| handoff_of(s) == Some(wanted))
}

fn end(s: &mut Scratch<'_>, how: OfferEnd) {
    if let (Some(offer), Some(handoff)) = (s.state.offer(), handoff_of(s)) {
        let (to, at) = (offer.to, s.ctx.now);
        s.happen(Event::OfferEnded {
            handoff,
            to,
            at,
            how,
        });
    }
}
