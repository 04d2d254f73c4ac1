//! What staff writes and reads, and what became of what was sent.

use super::control;
use super::scratch::{REPLY_WINDOW, Scratch, Words};
use crate::conversation::command::Command;
use crate::conversation::decision::{Effect, NotificationDraft, NotificationKind};
use crate::conversation::event::{Event, Originator};
use crate::conversation::rejection::Rejection;
use crate::conversation::state::{Mode, Owner};
use crate::ids::{NotificationId, UserId};
use crate::later;
use crate::outbound::Outbound;

/// The most characters of a note or of any other words among staff.
const NOTE_MAX: usize = 4096;
/// The most colleagues that a note names.
const MENTIONS_MAX: usize = 20;

/// An attendant answers. Only the one who leads, only who has seen what others said where they ask
/// for that, only what the channel can carry, only within 24 hours after the customer's last
/// message.
pub(super) fn send(s: &mut Scratch<'_>, command: &Command) -> Result<(), Rejection> {
    let Command::SendReply {
        by,
        outbound,
        quote,
        expected_seq,
        scheduled,
    } = command
    else {
        return Ok(());
    };
    let by = *by;
    match s.state.mode {
        Mode::Human { owner, .. } if owner == Owner::User(by) => {}
        Mode::Human { .. } => {
            return Err(Rejection::AssignedToAnother {
                by: s.state.attendant(),
            });
        }
        Mode::Bot(_) | Mode::Waiting { .. } | Mode::Closed { .. } => {
            return Err(Rejection::NotInHumanMode);
        }
    }
    if expected_seq.is_some_and(|seen| seen < s.state.words_seq) {
        return Err(Rejection::ConversationMoved {
            last_seq: s.state.seq,
        });
    }
    may_be_said(s, outbound)?;
    let words = Words {
        outbound,
        quote: quote.as_ref(),
        scheduled: *scheduled,
    };
    s.reply(by, words);
    Ok(())
}

/// An attendant writes first. Nobody is told that they lead now: what they say, says it.
pub(super) fn reach(s: &mut Scratch<'_>, by: UserId, outbound: &Outbound) -> Result<(), Rejection> {
    control::refuse_other(s, by, false)?;
    may_be_said(s, outbound)?;
    if control::owner(s) != Some(Owner::User(by)) {
        control::lead(s, Owner::User(by), Originator::User(by));
    }
    let words = Words {
        outbound,
        quote: None,
        scheduled: false,
    };
    s.reply(by, words);
    Ok(())
}

fn may_be_said(s: &Scratch<'_>, outbound: &Outbound) -> Result<(), Rejection> {
    outbound.check().map_err(Rejection::Content)?;
    if !s.window_open() && !outbound.needs_no_window() {
        let since = s.state.last_inbound_at.map(|at| later(at, REPLY_WINDOW));
        return Err(Rejection::WindowClosed { since });
    }
    Ok(())
}

/// An internal note, in any mode. Each colleague who is named in it is told once; the writer knows.
pub(super) fn note(
    s: &mut Scratch<'_>,
    by: UserId,
    text: &str,
    mentions: &[UserId],
) -> Result<(), Rejection> {
    let text = optional_text("text", Some(text))?.ok_or(Rejection::Invalid {
        field: "text",
        problem: "must not be empty",
    })?;
    let mut told: Vec<UserId> = Vec::new();
    for user in mentions {
        if *user != by && !told.contains(user) {
            told.push(*user);
        }
    }
    if told.len() > MENTIONS_MAX {
        return Err(Rejection::Invalid {
            field: "mentions",
            problem: "has more than 20 entries",
        });
    }
    s.write_note(by, text, told);
    Ok(())
}

/// Staff has seen the messages up to `upto_seq`.
pub(super) fn mark_read(s: &mut Scratch<'_>, by: UserId, upto_seq: u64) {
    let read = Event::Read {
        by,
        upto_seq: upto_seq.min(s.state.seq),
    };
    let mut after = s.state.clone();
    crate::conversation::evolve(&mut after, &read);
    if after.unread_shown() != s.state.unread_shown() {
        s.happen(read);
    }
}

/// One person is told. Whether they were told before is for the commit to see.
pub(super) fn tell(
    s: &mut Scratch<'_>,
    user: UserId,
    id: NotificationId,
    kind: NotificationKind,
    by: Option<UserId>,
) {
    s.effect(Effect::Notify(NotificationDraft {
        id,
        user,
        kind,
        message_seq: None,
        by,
    }));
}

/// The provider refused a message for good. One that is not of this conversation is nobody's.
pub(super) fn send_failed(s: &mut Scratch<'_>, seq: u64, code: i64) {
    if (1..=s.state.seq).contains(&seq) {
        s.happen(Event::SendFailed { seq, code });
    }
}

/// Words among staff: none if there is nothing but blanks.
pub(super) fn optional_text<'t>(
    field: &'static str,
    text: Option<&'t str>,
) -> Result<Option<&'t str>, Rejection> {
    let text = text.filter(|text| !text.trim().is_empty());
    if text.is_some_and(|text| text.chars().count() > NOTE_MAX) {
        return Err(Rejection::Invalid {
            field,
            problem: "has more than 4096 characters",
        });
    }
    Ok(text)
}
