//! Telling a customer who waits their place in the queue and, where enough is known, how long it
//! may take. What is said is true for a moment only: it is void as soon as somebody leads, and is
//! said seldom.

use super::handoff;
use super::scratch::Scratch;
use crate::Timestamp;
use crate::bot::texts::Notice;
use crate::bot::{Values, fill};
use crate::conversation::event::Event;
use crate::conversation::state::Mode;
use crate::ids::HandoffId;
use crate::routing::{Place, TELL_AGAIN_AFTER, arrival};

/// A person was just asked for: the customer hears how many are before them, unless somebody is
/// about to be asked.
pub(super) fn tell_first(s: &mut Scratch<'_>) {
    let Mode::Waiting {
        handoff,
        since,
        priority,
        ..
    } = s.state.mode
    else {
        return;
    };
    let arrival = arrival(since, priority, s.ctx.policy.aging);
    let department = s.state.department;
    let place = s
        .ctx
        .outlook
        .place(department, (arrival, handoff), s.ctx.now);
    if let Some(place) = place.filter(|place| place.is_worth_telling(None)) {
        tell(s, handoff, place);
    }
}

/// Tells `place`, unless the customer was told lately, somebody is being asked, or nobody serves
/// at this hour.
pub(super) fn tell(s: &mut Scratch<'_>, wanted: HandoffId, place: Place) {
    let Mode::Waiting {
        handoff,
        offer: None,
        told_at,
        ..
    } = s.state.mode
    else {
        return;
    };
    let at = s.ctx.now;
    let lately = |told: Timestamp| at.signed_duration_since(told) < TELL_AGAIN_AFTER;
    let open = handoff::is_open(&s.ctx, s.state.department);
    if handoff != wanted || told_at.is_some_and(lately) || !open {
        return;
    }
    let Place {
        position, minutes, ..
    } = place;
    let notice = match minutes {
        Some(_) => Notice::QueueEstimate,
        None => Notice::QueuePosition,
    };
    let mut values = Values::default();
    values.set("name", s.ctx.customer_name);
    values.set("position", Some(&position.to_string()));
    values.set("minutes", minutes.map(|m| m.to_string()).as_deref());
    let words = fill(notice.words(&s.ctx.policy.texts), &values);
    if s.tell_while_it_lasts(words) {
        s.happen(Event::PlaceTold {
            handoff,
            at,
            position,
            minutes,
        });
    }
}
