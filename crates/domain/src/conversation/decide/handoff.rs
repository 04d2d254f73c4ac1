//! Asking for a person. A request is kept whatever the hour; outside of business
//! hours the customer is told so.

use super::scratch::{Scratch, seconds};
use super::{offer, place};
use crate::bot::texts::Notice;
use crate::conversation::command::Context;
use crate::conversation::decision::HandoffChange;
use crate::conversation::event::{DeadlineKind, Event, HandoffReason, Originator};
use crate::conversation::state::{Mode, Priority};
use crate::ids::{DepartmentId, HandoffId, UserId};
use crate::routing::Skill;
use crate::tenant::{BusinessHours, Department};
use crate::{Timestamp, later};

/// A request for a person.
pub(super) struct Ask<'n> {
    pub(super) reason: HandoffReason,
    pub(super) by: Originator,
    /// `None` keeps the conversation's department; an unknown one counts as none.
    pub(super) department: Option<DepartmentId>,
    pub(super) priority: Priority,
    /// Kept with the request, for staff.
    pub(super) note: Option<&'n str>,
    /// What the customer is told within business hours, unless `words` say it otherwise.
    /// `None`: nothing is said at any hour.
    pub(super) notice: Option<Notice>,
    pub(super) attendant: Option<&'n str>,
    /// What whoever serves it must be able to do, besides what the department asks.
    pub(super) skills: Vec<Skill>,
    pub(super) words: Option<String>,
}

impl Ask<'_> {
    /// A request as most are made.
    pub(super) fn new(reason: HandoffReason, by: Originator) -> Self {
        Self {
            reason,
            by,
            department: None,
            priority: Priority::Medium,
            note: None,
            notice: Some(Notice::Handoff),
            attendant: None,
            skills: Vec::new(),
            words: None,
        }
    }
}

/// Puts the conversation into the queue. A request that is already there is replaced.
pub(super) fn ask(s: &mut Scratch<'_>, ask: Ask<'_>) {
    let at = s.ctx.now;
    let department = ask.department.or(s.state.department);
    let department = department.filter(|id| find(&s.ctx, *id).is_some());
    let (since, passed_over) = history(s, ask.reason);
    let preferred = s
        .state
        .last_attendant
        .filter(|user| Some(*user) != passed_over);
    let skills = skills(&s.ctx, department, ask.skills);
    offer::decided(s, None);
    let priority = match (ask.reason, s.state.priority) {
        // Staff says how urgent it is now; nobody else makes it less than it was.
        (HandoffReason::Staff, _) | (_, None) => ask.priority,
        (_, Some(before)) => ask.priority.max(before),
    };
    match s.state.mode {
        Mode::Waiting { handoff: id, .. } => s.handoff(HandoffChange::Cancel { id, at }),
        Mode::Human {
            handoff: Some(id), ..
        } => s.handoff(match ask.reason {
            HandoffReason::AttendantIdle => HandoffChange::Cancel { id, at },
            _ => HandoffChange::Complete {
                id,
                resolution: None,
                satisfaction: None,
                at,
            },
        }),
        Mode::Human { handoff: None, .. } | Mode::Bot(_) | Mode::Closed { .. } => {}
    }
    let id = HandoffId::of(s.state.conversation, s.state.epoch.saturating_add(1));
    s.happen(Event::HandoffRequested {
        handoff: id,
        at,
        department,
        priority,
        reason: ask.reason,
        by: ask.by,
        since,
        passed_over,
        preferred,
        skills,
    });
    s.handoff(HandoffChange::Open {
        id,
        department,
        priority,
        reason: ask.reason,
        note: ask.note.map(str::to_owned),
        by: ask.by,
        at,
        since: since.unwrap_or(at),
    });
    if let Some(notice) = ask.notice {
        match ask.words {
            _ if !is_open(&s.ctx, department) => s.tell(Notice::OutOfHours, None),
            Some(words) => s.tell_words(words),
            None => s.tell(notice, ask.attendant),
        };
        place::tell_first(s);
    }
    watch_queue(s);
}

/// Since when the customer waits, where that is not from now on, and who is not to be asked first:
/// whoever lets the conversation go.
fn history(s: &Scratch<'_>, reason: HandoffReason) -> (Option<Timestamp>, Option<UserId>) {
    match s.state.mode {
        Mode::Waiting { since, .. } => (Some(since), None),
        Mode::Human {
            unanswered_since, ..
        } => {
            let idle = reason == HandoffReason::AttendantIdle;
            (unanswered_since.filter(|_| idle), s.state.attendant())
        }
        Mode::Bot(_) | Mode::Closed { .. } => (None, None),
    }
}

/// What the department asks of whoever serves its customers, and what this request does.
fn skills(ctx: &Context<'_>, department: Option<DepartmentId>, asked: Vec<Skill>) -> Vec<Skill> {
    let own = department.and_then(|id| Some(&find(ctx, id)?.routing));
    let mut skills = own.unwrap_or(&ctx.policy.routing).skills.clone();
    for skill in asked {
        if !skills.contains(&skill) {
            skills.push(skill);
        }
    }
    skills
}

/// Watches that the wait does not grow too long.
pub(super) fn watch_queue(s: &mut Scratch<'_>) {
    let patience = s.ctx.policy.waiting_too_long;
    if patience > 0 && matches!(s.state.mode, Mode::Waiting { .. }) {
        let from = counts_from(&s.ctx, s.state.department, s.ctx.now);
        s.arm(DeadlineKind::WaitingTooLong, later(from, seconds(patience)));
    }
}

/// From when a wait counts that begins at `at`. Nobody is late while it is closed: it counts from
/// the next opening then.
pub(super) fn counts_from(
    ctx: &Context<'_>,
    department: Option<DepartmentId>,
    at: Timestamp,
) -> Timestamp {
    let hours = hours(ctx, department);
    if hours.is_open(at) {
        return at;
    }
    hours.next_opening(at).unwrap_or(at)
}

/// Whether the department is open now; without one, or with an unknown one, whether the tenant
/// is. Where the tenant is not served, everything is closed.
pub(super) fn is_open(ctx: &Context<'_>, department: Option<DepartmentId>) -> bool {
    ctx.served && hours(ctx, department).is_open(ctx.now)
}

/// The department of this id.
pub(super) fn find<'c>(ctx: &Context<'c>, id: DepartmentId) -> Option<&'c Department> {
    ctx.departments.iter().find(|d| d.id == id)
}

fn hours<'c>(ctx: &Context<'c>, department: Option<DepartmentId>) -> &'c BusinessHours {
    department
        .and_then(|id| find(ctx, id)?.business_hours.as_ref())
        .unwrap_or(&ctx.policy.business_hours)
}
