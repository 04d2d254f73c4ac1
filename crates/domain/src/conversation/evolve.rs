//! How a state changes: the only writer of [`State`]. Total: any event in any state gives a
//! state, and the same one every time. It never sees a context, a clock or a word of a message,
//! so folding a conversation's events over a base gives what its actor holds.

use super::decision::{Sender, UnreadChange};
use super::event::{DeadlineKind, Event, OfferEnd};
use super::state::{
    BotState, Deadline, Mode, Offer, Owner, PASSED_OVER_MAX, PendingTurn, Priority, State, Survey,
};
use crate::Timestamp;
use crate::bot::VARIABLES_MAX;
use crate::content::MessageKind;
use crate::ids::{HandoffId, UserId};
use std::collections::BTreeMap;

/// Applies one event.
pub fn evolve(state: &mut State, event: &Event) {
    if event.raises_epoch() {
        state.epoch = state.epoch.saturating_add(1);
    }
    match event {
        Event::SessionOpened { at } => {
            state.session = state.session.saturating_add(1);
            state.session_at = Some(*at);
            state.department = None;
            state.priority = None;
            enter(state, Mode::Bot(BotState::default()));
        }
        Event::MessageAdded { .. } => add_message(state, event),
        Event::BotMoved { node, misses } => {
            if let Mode::Bot(bot) = &mut state.mode {
                bot.node = Some(node.clone());
                bot.misses = *misses;
            }
        }
        Event::InputCollected { variable, seq } => {
            if let Mode::Bot(bot) = &mut state.mode {
                collect(&mut bot.answers, variable, *seq);
            }
        }
        Event::TurnPending { from_seq, since } => {
            state.turn = Some(PendingTurn {
                from_seq: *from_seq,
                since: *since,
            });
        }
        Event::TurnSettled => {
            state.turn = None;
            disarm(state, DeadlineKind::BotTurn);
        }
        Event::Read { upto_seq, .. } => read(state, *upto_seq),
        Event::RatingAsked { .. } | Event::Rated { .. } | Event::RatingCommented { .. } => {
            survey(state, event);
        }
        Event::MarkedUnread { .. } => state.marked = true,
        Event::Archived { .. } | Event::Unarchived { .. } => put_away(state, event),
        Event::PriorityChanged { priority, .. } => prioritise(state, *priority),
        Event::Snoozed { until, .. } => arm(state, DeadlineKind::Snooze, *until),
        Event::SnoozeEnded { .. } => disarm(state, DeadlineKind::Snooze),
        Event::DeadlineArmed { deadline, at } => arm(state, *deadline, *at),
        Event::DeadlineCleared { deadline } => disarm(state, *deadline),
        Event::Quarantined { .. } => {
            state.quarantined = true;
            state.deadlines.clear();
            state.turn = None;
        }
        Event::Resumed { .. } => state.quarantined = false,
        Event::SendFailed { .. } | Event::Labelled { .. } | Event::MediaChanged { .. } => {}
        Event::HandoffRequested { .. }
        | Event::PlaceTold { .. }
        | Event::WaitingEscalated { .. }
        | Event::Offered { .. }
        | Event::OfferEnded { .. }
        | Event::TakenOver { .. }
        | Event::Transferred { .. }
        | Event::ReturnedToBot { .. }
        | Event::Closed { .. } => change_control(state, event),
    }
}

/// Folds events over a base.
pub fn fold<'a>(base: State, events: impl IntoIterator<Item = &'a Event>) -> State {
    let mut state = base;
    for event in events {
        evolve(&mut state, event);
    }
    state
}

/// Who leads, and all that belongs to it.
fn change_control(state: &mut State, event: &Event) {
    match event {
        Event::HandoffRequested { .. } => request(state, event),
        Event::WaitingEscalated {
            priority: new,
            notified: told,
        } => {
            if let Mode::Waiting { notified, .. } = &mut state.mode {
                *notified = *told;
                prioritise(state, *new);
            }
        }
        Event::PlaceTold { at, .. } => {
            if let Mode::Waiting { told_at, .. } = &mut state.mode {
                *told_at = Some(*at);
            }
        }
        Event::Offered { to, expires_at, .. } => {
            let (to, expires_at) = (*to, *expires_at);
            open_offer(state, Offer { to, expires_at });
        }
        Event::OfferEnded { to, how, .. } => end_offer(state, *to, *how),
        Event::TakenOver {
            owner, at, handoff, ..
        } => lead(state, *owner, *at, *handoff),
        Event::Transferred {
            to, at, department, ..
        } => {
            let handoff = match state.mode {
                Mode::Waiting { handoff, .. } => Some(handoff),
                Mode::Human { handoff, .. } => handoff,
                Mode::Bot(_) | Mode::Closed { .. } => None,
            };
            state.department = *department;
            lead(state, Owner::User(*to), *at, handoff);
        }
        Event::ReturnedToBot { .. } => {
            state.priority = None;
            enter(state, Mode::Bot(BotState::default()));
        }
        Event::Closed { at, reason, .. } => {
            state.unread = 0;
            state.marked = false;
            state.priority = None;
            enter(
                state,
                Mode::Closed {
                    at: *at,
                    reason: *reason,
                    archived: None,
                    survey: None,
                },
            );
        }
        _ => {}
    }
}

/// A person is asked for. A request that moves keeps its place in time: the customer waits since
/// then.
fn request(state: &mut State, event: &Event) {
    let Event::HandoffRequested {
        handoff,
        at,
        department,
        priority,
        since,
        passed_over,
        skills,
        ..
    } = event
    else {
        return;
    };
    let (since, notified, told_at) = match state.mode {
        Mode::Waiting {
            since,
            notified,
            told_at,
            ..
        } => (since, notified, told_at),
        _ => (since.unwrap_or(*at), false, None),
    };
    state.department = *department;
    state.priority = Some(*priority);
    enter(
        state,
        Mode::Waiting {
            handoff: *handoff,
            since,
            priority: *priority,
            notified,
            offer: None,
            passed_over: passed_over.iter().copied().collect(),
            skills: skills.clone(),
            told_at,
        },
    );
}

/// Of the messages after the one that was read, at most all are the customer's. A mark counts as
/// one of them, and the last to go, as clients count.
fn read(state: &mut State, upto_seq: u64) {
    let after = state.seq.saturating_sub(upto_seq);
    let after = u32::try_from(after).unwrap_or(u32::MAX);
    state.unread = state.unread.min(after);
    state.marked &= after > state.unread;
}

/// What the customer was asked or said about the session that ended. Nobody has to read a rating.
fn survey(state: &mut State, event: &Event) {
    if let Event::Rated { upto_seq, .. } = event {
        read(state, *upto_seq);
    }
    let Mode::Closed { survey, .. } = &mut state.mode else {
        return;
    };
    match event {
        Event::RatingAsked {
            until,
            attendant,
            handoff,
        } => {
            *survey = Some(Survey::Asked {
                until: *until,
                attendant: *attendant,
                handoff: *handoff,
            });
        }
        Event::Rated {
            score,
            comment_until,
            ..
        } => {
            *survey = Some(Survey::Rated {
                score: *score,
                comment_until: *comment_until,
            });
        }
        Event::RatingCommented { .. } => {
            if let Some(Survey::Rated { comment_until, .. }) = survey {
                *comment_until = None;
            }
        }
        _ => {}
    }
}

fn put_away(state: &mut State, event: &Event) {
    if let Mode::Closed { archived, .. } = &mut state.mode {
        *archived = match event {
            Event::Archived { at, .. } => Some(*at),
            _ => None,
        };
    }
}

/// The place in the queue is the conversation's own urgency.
fn prioritise(state: &mut State, new: Priority) {
    state.priority = Some(new);
    if let Mode::Waiting { priority, .. } = &mut state.mode {
        *priority = new;
    }
}

/// Every deadline and pending turn belongs to the control period it was set in. What a person
/// said who led until now is somebody else's words for the next one.
fn enter(state: &mut State, mode: Mode) {
    if let Mode::Human { replied_seq, .. } = state.mode {
        state.words_seq = state.words_seq.max(replied_seq);
    }
    state.mode = mode;
    state.deadlines.clear();
    state.turn = None;
}

fn open_offer(state: &mut State, open: Offer) {
    if let Mode::Waiting { offer, .. } = &mut state.mode {
        *offer = Some(open);
    }
}

/// Nobody is being asked any more. Who did not want it is not the next one to be asked.
fn end_offer(state: &mut State, to: UserId, how: OfferEnd) {
    disarm(state, DeadlineKind::OfferTimeout);
    let Mode::Waiting {
        offer, passed_over, ..
    } = &mut state.mode
    else {
        return;
    };
    *offer = None;
    if matches!(how, OfferEnd::Rejected | OfferEnd::TimedOut) {
        passed_over.retain(|user| *user != to);
        passed_over.push(to);
        let surplus = passed_over.len().saturating_sub(PASSED_OVER_MAX);
        passed_over.drain(..surplus);
    }
}

/// A person leads from `at` on. A customer who waits for an answer now waits for theirs.
fn lead(state: &mut State, owner: Owner, at: Timestamp, handoff: Option<HandoffId>) {
    let waits = match state.mode {
        Mode::Human {
            unanswered_since, ..
        } => unanswered_since.is_some(),
        Mode::Waiting { .. } => true,
        Mode::Bot(_) | Mode::Closed { .. } => state.unread > 0,
    };
    if let Owner::User(user) = owner {
        state.last_attendant = Some(user);
    }
    let skills = match &state.mode {
        Mode::Waiting { skills, .. } | Mode::Human { skills, .. } => skills.clone(),
        Mode::Bot(_) | Mode::Closed { .. } => Vec::new(),
    };
    enter(
        state,
        Mode::Human {
            owner,
            since: at,
            handoff,
            unanswered_since: waits.then_some(at),
            replied_seq: 0,
            skills,
        },
    );
}

fn add_message(state: &mut State, event: &Event) {
    let Event::MessageAdded {
        seq,
        sender,
        kind,
        at,
        utterance,
        scheduled,
        ..
    } = event
    else {
        return;
    };
    state.seq = *seq;
    if *kind == MessageKind::Note {
        return;
    }
    state.last_message_at = state.last_message_at.max(Some(*at));
    note_words(state, *seq, *sender, *kind);
    match sender.unread_change(*kind, *utterance, *scheduled) {
        UnreadChange::Raise => {
            state.unread = state.unread.saturating_add(1);
            state.last_inbound_at = state.last_inbound_at.max(Some(*at));
            if let Mode::Human {
                unanswered_since, ..
            } = &mut state.mode
            {
                unanswered_since.get_or_insert(*at);
            }
        }
        UnreadChange::Clear => answered(state),
        UnreadChange::Keep => {}
    }
    if *sender == Sender::Bot {
        state.last_bot_at = state.last_bot_at.max(Some(*at));
    }
}

/// Notes who said something last: what a machine says or tells about control, and what is no
/// utterance, is nothing that an answer must know of.
fn note_words(state: &mut State, seq: u64, sender: Sender, kind: MessageKind) {
    match (sender, &mut state.mode) {
        (Sender::Attendant(_), Mode::Human { replied_seq, .. }) => *replied_seq = seq,
        (Sender::Attendant(_), _) => state.words_seq = seq,
        (Sender::Customer | Sender::Phone, _) if kind.is_utterance() => state.words_seq = seq,
        (Sender::Customer | Sender::Phone | Sender::Bot | Sender::System, _) => {}
    }
}

/// A flow may be replaced in the middle of a session, with other variables: what the snapshot has
/// no room for is the oldest answer.
fn collect(answers: &mut BTreeMap<String, u64>, variable: &str, seq: u64) {
    answers.insert(variable.to_owned(), seq);
    while answers.len() > VARIABLES_MAX
        && let Some((_, oldest)) = answers.iter().map(|(name, seq)| (*seq, name.clone())).min()
    {
        answers.remove(&oldest);
    }
}

/// A person has answered the customer.
fn answered(state: &mut State) {
    state.unread = 0;
    state.marked = false;
    if let Mode::Human {
        unanswered_since, ..
    } = &mut state.mode
    {
        *unanswered_since = None;
    }
    disarm(state, DeadlineKind::HumanIdle);
}

/// Every arming has a number of its own, by which a timer knows whether it was overtaken.
fn arm(state: &mut State, kind: DeadlineKind, at: Timestamp) {
    state.generation = state.generation.saturating_add(1);
    disarm(state, kind);
    state.deadlines.push(Deadline {
        kind,
        at,
        generation: state.generation,
    });
}

fn disarm(state: &mut State, kind: DeadlineKind) {
    state.deadlines.retain(|d| d.kind != kind);
}
