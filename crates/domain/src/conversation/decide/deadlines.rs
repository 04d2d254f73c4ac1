//! What a timer's ring means. The state is asked anew each time: an overtaken arming means
//! nothing, and a deadline that moved on meanwhile is armed again. A ring of the current arming
//! never leaves it armed, or the timer would ring for ever.

use super::handoff::{self, Ask};
use super::scratch::{Scratch, seconds};
use super::{bot_turn, control, offer, snooze};
use crate::bot::texts::Notice;
use crate::conversation::decision::{HandoffChange, TransferKind};
use crate::conversation::event::{CloseReason, DeadlineKind, Event, HandoffReason, Originator};
use crate::conversation::state::{Mode, Priority};
use crate::later;
use crate::tenant::HumanIdleAction;

pub(super) fn fired(s: &mut Scratch<'_>, kind: DeadlineKind, generation: u32) {
    if s.state.deadline(kind).map(|d| d.generation) != Some(generation) {
        return;
    }
    match kind {
        DeadlineKind::BotTurn => bot_turn::burst_ended(s),
        DeadlineKind::BotIdle => bot_idle(s),
        DeadlineKind::WaitingTooLong => waiting_too_long(s),
        DeadlineKind::HumanIdle => human_idle(s),
        DeadlineKind::OfferTimeout => offer::timed_out(s),
        DeadlineKind::Snooze => snooze::fired(s),
    }
}

/// The customer may have left. While a burst waits for its answer, the silence is ours.
fn bot_idle(s: &mut Scratch<'_>) {
    let kind = DeadlineKind::BotIdle;
    let (idle, now) = (s.ctx.policy.bot_idle, s.ctx.now);
    if idle == 0 || !matches!(s.state.mode, Mode::Bot(_)) {
        return s.disarm(kind);
    }
    let silent_since = match s.state.turn {
        Some(_) => now,
        None => s.state.last_message_at.unwrap_or(now),
    };
    let due = later(silent_since, seconds(idle));
    if due > now {
        return s.arm(kind, due);
    }
    s.tell(Notice::BotIdle, None);
    s.happen(Event::Closed {
        by: Originator::System,
        at: now,
        reason: CloseReason::BotIdle,
        upto_seq: s.state.seq,
    });
}

/// The customer waits: the priority rises by one step, and the first time they are told.
fn waiting_too_long(s: &mut Scratch<'_>) {
    let kind = DeadlineKind::WaitingTooLong;
    let Mode::Waiting {
        handoff: id,
        priority: before,
        notified,
        ..
    } = s.state.mode
    else {
        return s.disarm(kind);
    };
    if s.ctx.policy.waiting_too_long == 0 {
        return s.disarm(kind);
    }
    if !handoff::is_open(&s.ctx, s.state.department) {
        return handoff::watch_queue(s);
    }
    let priority = match before {
        Priority::Low => Priority::Medium,
        Priority::Medium => Priority::High,
        Priority::High | Priority::Urgent => Priority::Urgent,
    };
    let notified = notified || s.tell(Notice::WaitingTooLong, None);
    s.happen(Event::WaitingEscalated { priority, notified });
    if priority != before {
        s.handoff(HandoffChange::Escalate { id, priority });
    }
    if priority < Priority::Urgent {
        handoff::watch_queue(s);
    } else {
        s.disarm(kind);
    }
}

/// The customer waits for the person who leads. Nobody loses what they lead while it is closed.
fn human_idle(s: &mut Scratch<'_>) {
    let kind = DeadlineKind::HumanIdle;
    let (idle, now) = (s.ctx.policy.human_idle, s.ctx.now);
    let Mode::Human {
        unanswered_since: Some(since),
        ..
    } = s.state.mode
    else {
        return s.disarm(kind);
    };
    if idle == 0 {
        return s.disarm(kind);
    }
    let due = |from| {
        let from = handoff::counts_from(&s.ctx, s.state.department, from);
        later(from, seconds(idle))
    };
    let due = if handoff::is_open(&s.ctx, s.state.department) {
        due(since)
    } else {
        due(now)
    };
    if due > now {
        return s.arm(kind, due);
    }
    match s.ctx.policy.human_idle_action {
        HumanIdleAction::Keep => s.disarm(kind),
        HumanIdleAction::Requeue => {
            let from = control::owner(s);
            let ask = Ask {
                priority: Priority::High,
                skills: offer::skills(s),
                notice: Some(Notice::Requeued),
                ..Ask::new(HandoffReason::AttendantIdle, Originator::System)
            };
            handoff::ask(s, ask);
            let system = Originator::System;
            control::record(s, TransferKind::Release, from, None, system, None);
        }
    }
}
