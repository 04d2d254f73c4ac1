//! Putting a conversation out of the way for a while. That is the armed deadline and nothing else:
//! whatever changes who leads clears it, so nobody takes over what they do not see.

use super::control::refuse_other;
use super::marks;
use super::scratch::Scratch;
use crate::Timestamp;
use crate::conversation::event::{DeadlineKind, Event, Originator};
use crate::conversation::rejection::Rejection;
use crate::conversation::state::Mode;
use crate::ids::UserId;
use crate::later;
use chrono::TimeDelta;

/// The longest it can be.
const LONGEST: TimeDelta = TimeDelta::days(365);

/// Whoever leads wants it out of the way; by force, so does a supervisor. The customer knows how
/// to wait then: nobody is late with an answer until it is back.
pub(super) fn begin(
    s: &mut Scratch<'_>,
    by: UserId,
    force: bool,
    until: Timestamp,
) -> Result<(), Rejection> {
    led(s, by, force)?;
    if until <= s.ctx.now || until > later(s.ctx.now, LONGEST) {
        return Err(Rejection::Invalid {
            field: "until",
            problem: "must lie ahead, at most 365 days",
        });
    }
    if s.state.snoozed_until() == Some(until) {
        return Ok(());
    }
    let at = s.ctx.now;
    s.happen(Event::Snoozed { by, at, until });
    s.disarm(DeadlineKind::HumanIdle);
    Ok(())
}

/// Staff brings it back.
pub(super) fn end_by(s: &mut Scratch<'_>, by: UserId, force: bool) -> Result<(), Rejection> {
    led(s, by, force)?;
    end(s, Originator::User(by));
    Ok(())
}

/// It is time.
pub(super) fn fired(s: &mut Scratch<'_>) {
    end(s, Originator::System);
    marks::unread(s, Originator::System);
}

/// It is back, if it was away.
pub(super) fn end(s: &mut Scratch<'_>, by: Originator) {
    if s.state.snoozed_until().is_some() {
        let at = s.ctx.now;
        s.happen(Event::SnoozeEnded { by, at });
        s.watch_answer();
    }
}

fn led(s: &Scratch<'_>, by: UserId, force: bool) -> Result<(), Rejection> {
    match s.state.mode {
        Mode::Human { .. } => refuse_other(s, by, force),
        Mode::Bot(_) | Mode::Waiting { .. } => Err(Rejection::NotInHumanMode),
        Mode::Closed { .. } => Err(Rejection::AlreadyClosed),
    }
}
