//! How the customer was served: asked when staff has closed, answered while it is still closed.
//! An answer ends nothing and begins nothing; whatever is none opens a session as always.

use super::scratch::{REPLY_WINDOW, Scratch};
use crate::bot::{Keyword, keyword, normalise};
use crate::content::Content;
use crate::conversation::command::{Inbound, RecentMessage};
use crate::conversation::decision::{Effect, Sender};
use crate::conversation::event::{Event, Originator};
use crate::conversation::state::{Mode, Survey};
use crate::ids::{HandoffId, UserId};
use crate::{Timestamp, later};
use chrono::TimeDelta;

/// How long the customer has for an answer.
const ANSWER_TIME: TimeDelta = REPLY_WINDOW;
/// How long after a rating a text is taken for the reason, and not for something new.
const COMMENT_TIME: TimeDelta = TimeDelta::minutes(15);
/// In front of the ids of the answers. Those of one session are no others'.
const ANSWER: &str = "csat";

/// Says the question, just before the end. Whether it was said: outside of the window only a
/// template can be, if the tenant has one for it.
pub(super) fn question(s: &mut Scratch<'_>) -> bool {
    if !s.ctx.policy.csat.enabled || s.state.quarantined {
        return false;
    }
    let session = s.state.session;
    if !s.window_open() {
        let survey = s.ctx.policy.csat.survey(|score| answer_id(session, score));
        return survey.is_some_and(|survey| s.tell_all(survey));
    }
    let list = s.ctx.policy.csat.list(|score| answer_id(session, score));
    s.tell_all(list)
}

/// From now on the customer's answer is awaited.
pub(super) fn await_answer(
    s: &mut Scratch<'_>,
    attendant: Option<UserId>,
    handoff: Option<HandoffId>,
) {
    let until = later(s.ctx.now, ANSWER_TIME);
    s.happen(Event::RatingAsked {
        until,
        attendant,
        handoff,
    });
}

/// The session that ended is rated.
pub(super) fn rate(
    s: &mut Scratch<'_>,
    score: u8,
    by: Originator,
    attendant: Option<UserId>,
    handoff: Option<HandoffId>,
) {
    let ask = by == Originator::Customer && s.ctx.policy.csat.ask_comment;
    s.happen(Event::Rated {
        session: s.state.session,
        score,
        by,
        at: s.ctx.now,
        attendant,
        department: s.state.department,
        handoff,
        comment_until: ask.then(|| later(s.ctx.now, COMMENT_TIME)),
        upto_seq: s.state.seq,
    });
}

/// Takes the customer's words if they are about the session that ended. Whether they are.
pub(super) fn hear(s: &mut Scratch<'_>, inbound: &Inbound) -> bool {
    let Mode::Closed {
        at,
        survey: Some(survey),
        ..
    } = s.state.mode
    else {
        return hear_late(s, inbound);
    };
    match survey {
        Survey::Asked {
            until,
            attendant,
            handoff,
        } if s.ctx.now < until => match score_of(s, at, inbound) {
            Some(score) => {
                s.hear(Sender::Customer, inbound);
                rate(s, score, Originator::Customer, attendant, handoff);
                answer(s, inbound, s.ctx.policy.csat.thanks());
                true
            }
            None => false,
        },
        Survey::Rated {
            comment_until: Some(until),
            ..
        } if s.ctx.now < until && is_comment(s, inbound) => {
            let (session, seq) = (s.state.session, s.hear(Sender::Customer, inbound));
            s.happen(Event::RatingCommented { session, seq });
            answer(s, inbound, s.ctx.policy.csat.comment_thanks());
            true
        }
        // A second tap on the same list changes nothing, and is no reason to begin anew.
        Survey::Rated { .. } if tapped(s.state.session, inbound).is_some() => {
            s.hear(Sender::Customer, inbound);
            true
        }
        Survey::Asked { .. } | Survey::Rated { .. } => false,
    }
}

/// A tap on the list of an earlier session. It says something about that one and nothing to whoever
/// leads now: no flow asked for it. Words of thanks open a session, so the one before is still
/// rated by it, for a day. Who served it then is known to those who keep its facts.
fn hear_late(s: &mut Scratch<'_>, inbound: &Inbound) -> bool {
    if matches!(s.state.mode, Mode::Closed { .. }) {
        return false;
    }
    let Some((session, score)) = inbound.content.choice().and_then(answer_of) else {
        return false;
    };
    s.hear(Sender::Customer, inbound);
    let now = s.ctx.now;
    let opened = s.state.session_at;
    let recent = opened.is_some_and(|at| now < later(at, ANSWER_TIME));
    if recent && session.checked_add(1) == Some(s.state.session) {
        s.happen(Event::Rated {
            session,
            score,
            by: Originator::Customer,
            at: now,
            attendant: None,
            department: None,
            handoff: None,
            comment_until: None,
            upto_seq: 0,
        });
    }
    true
}

/// The session and the rating that an id of a list's row, or of a template's button, stands for.
fn answer_of(choice: &str) -> Option<(u32, u8)> {
    let (session, score) = choice
        .strip_prefix(ANSWER)?
        .strip_prefix(':')?
        .split_once(':')?;
    let (session, score) = (session.parse().ok()?, score.parse().ok()?);
    (1..=5).contains(&score).then_some((session, score))
}

/// Whether a message that was recorded before is about a session that ended.
pub(super) fn is_answer(message: &RecentMessage) -> bool {
    message.choice.as_deref().and_then(answer_of).is_some()
}

fn answer(s: &mut Scratch<'_>, inbound: &Inbound, thanks: &str) {
    if s.tell_words(thanks.to_owned()) && s.ctx.policy.show_read {
        s.effect(Effect::ShowRead {
            external_id: inbound.external_id.clone(),
            typing: false,
        });
    }
}

fn answer_id(session: u32, score: u8) -> String {
    format!("{ANSWER}:{session}:{score}")
}

/// Which answer of this session's list was tapped.
fn tapped(session: u32, inbound: &Inbound) -> Option<u8> {
    let choice = inbound.content.choice()?;
    (1..=5).find(|score| choice == answer_id(session, *score))
}

/// The rating in a message: a tap, or a digit that was typed after the end.
fn score_of(s: &Scratch<'_>, ended: Timestamp, inbound: &Inbound) -> Option<u8> {
    let other = || match &inbound.content {
        Content::Text { body } if inbound.sent_at.timestamp() >= ended.timestamp() => {
            let word = normalise(body);
            (1..=5).find(|score| word == score.to_string())
        }
        _ => None,
    };
    tapped(s.state.session, inbound).or_else(other)
}

/// Words that ask for somebody or for the menu are no comment.
fn is_comment(s: &Scratch<'_>, inbound: &Inbound) -> bool {
    let meant = |body: &str| -> Option<Keyword> { keyword(body, &s.ctx.policy.handoff_keywords) };
    matches!(&inbound.content, Content::Text { body } if meant(body).is_none())
}
