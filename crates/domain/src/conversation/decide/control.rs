//! Who leads, by the will of staff: takeover, assignment, transfer, return to the bot, close.
//! Whatever is done here raises the epoch, so nothing automatic that was queued before survives.

use super::handoff::{self, Ask};
use super::scratch::Scratch;
use super::{bot_turn, csat, offer, reply};
use crate::bot::texts::Notice;
use crate::conversation::command::TransferTarget;
use crate::conversation::decision::{Effect, HandoffChange, TransferKind, TransferRecord};
use crate::conversation::event::{CloseReason, Event, HandoffReason, Originator};
use crate::conversation::rejection::Rejection;
use crate::conversation::state::{Mode, Owner, Priority};
use crate::ids::{DepartmentId, HandoffId, UserId};
use crate::routing::{REQUIRED_MAX, Skill, skills_problem};

/// An attendant takes control, in any mode; from another person only by force.
pub(super) fn take_over(
    s: &mut Scratch<'_>,
    by: UserId,
    name: &str,
    force: bool,
) -> Result<(), Rejection> {
    if owner(s) == Some(Owner::User(by)) {
        return Ok(());
    }
    refuse_other(s, by, force)?;
    lead(s, Owner::User(by), Originator::User(by));
    s.tell(Notice::TakenOver, Some(name));
    Ok(())
}

/// Someone decides who serves a waiting conversation. A later request than the one that was
/// meant stays in the queue.
pub(super) fn assign(
    s: &mut Scratch<'_>,
    by: UserId,
    handoff: HandoffId,
    to: Assignee<'_>,
) -> Result<(), Rejection> {
    match (&s.state.mode, owner(s)) {
        (Mode::Waiting { handoff: id, .. }, _) if *id == handoff => {}
        (_, Some(Owner::User(user))) if user != to.user && handoff_of(s) == Some(handoff) => {
            return Err(Rejection::AssignedToAnother { by: Some(user) });
        }
        _ => return Err(Rejection::NotWaiting),
    }
    if !to.force {
        let skills = offer::skills(s);
        offer::take_slot(s, to.user, skills);
    }
    lead(s, Owner::User(to.user), Originator::User(by));
    s.tell(Notice::TakenOver, Some(to.name));
    Ok(())
}

/// Who is to serve a waiting conversation.
pub(super) struct Assignee<'n> {
    pub(super) user: UserId,
    /// Shown to the customer.
    pub(super) name: &'n str,
    /// Whether or not they have room.
    pub(super) force: bool,
}

/// A request for a person, as staff makes it.
pub(super) struct Wish<'w> {
    pub(super) department: Option<DepartmentId>,
    pub(super) priority: Option<Priority>,
    pub(super) skills: Option<&'w [Skill]>,
    pub(super) reason: Option<&'w str>,
}

/// Gives control to `to`, whoever leads. An assignment is a takeover that another one decided.
pub(super) fn lead(s: &mut Scratch<'_>, to: Owner, by: Originator) {
    s.open_session();
    offer::decided(s, Some(to));
    let (from, handoff, at) = (owner(s), handoff_of(s), s.ctx.now);
    s.happen(Event::TakenOver {
        owner: to,
        from,
        at,
        handoff,
    });
    let kind = if by == to.into() {
        TransferKind::Takeover
    } else {
        TransferKind::Assign
    };
    record(s, kind, from, Some(to), by, None);
    if let Some(id) = handoff {
        s.handoff(HandoffChange::Assign { id, to, at });
    }
    s.watch_answer();
}

/// Staff asks for a person in the bot's place, or moves a request that waits already.
pub(super) fn request_handoff(
    s: &mut Scratch<'_>,
    by: UserId,
    wish: Wish<'_>,
) -> Result<(), Rejection> {
    let note = reply::optional_text("reason", wish.reason)?;
    let skills = wish.skills.unwrap_or_default();
    if let Some(problem) = skills_problem(skills, REQUIRED_MAX) {
        let field = "skills";
        return Err(Rejection::Invalid { field, problem });
    }
    // The customer was told when the request was made first.
    let notice = match s.state.mode {
        Mode::Bot(_) => Some(Notice::Handoff),
        Mode::Waiting { .. } => None,
        Mode::Human { .. } => {
            return Err(Rejection::AssignedToAnother {
                by: s.state.attendant(),
            });
        }
        Mode::Closed { .. } => return Err(Rejection::AlreadyClosed),
    };
    if let Some(id) = wish.department {
        handoff::find(&s.ctx, id).ok_or(Rejection::UnknownDepartment)?;
    }
    // Another department asks for skills of its own.
    let stays = wish.department.is_none() || wish.department == s.state.department;
    let skills = match wish.skills {
        None if stays => offer::skills(s),
        _ => skills.to_vec(),
    };
    let priority = wish.priority.or(s.state.priority).unwrap_or_default();
    s.open_session();
    let ask = Ask {
        department: wish.department,
        priority,
        skills,
        note,
        notice,
        ..Ask::new(HandoffReason::Staff, Originator::User(by))
    };
    handoff::ask(s, ask);
    Ok(())
}

/// The person who leads hands control on; by force, so does a supervisor, also from the queue.
pub(super) fn transfer(
    s: &mut Scratch<'_>,
    by: UserId,
    force: bool,
    to: &TransferTarget,
    note: Option<&str>,
) -> Result<(), Rejection> {
    let note = reply::optional_text("note", note)?;
    match s.state.mode {
        Mode::Human { .. } => refuse_other(s, by, force)?,
        Mode::Waiting { .. } if force => {}
        Mode::Waiting { .. } | Mode::Bot(_) => return Err(Rejection::NotInHumanMode),
        Mode::Closed { .. } => return Err(Rejection::AlreadyClosed),
    }
    let by_user = Originator::User(by);
    match to {
        TransferTarget::Attendant { id, .. } if owner(s) == Some(Owner::User(*id)) => {
            return Ok(());
        }
        TransferTarget::Attendant { id, name } => {
            if !force {
                let skills = offer::skills(s);
                offer::take_slot(s, *id, skills);
            }
            transfer_to(s, *id, name, by_user, note);
        }
        TransferTarget::Department(id) => {
            let department = handoff::find(&s.ctx, *id).ok_or(Rejection::UnknownDepartment)?;
            let from = owner(s);
            // Another department asks for skills of its own.
            let same = s.state.department == Some(*id);
            let ask = Ask {
                department: Some(*id),
                skills: if same { offer::skills(s) } else { Vec::new() },
                note,
                notice: Some(Notice::Transferred),
                attendant: Some(&department.name),
                ..Ask::new(HandoffReason::Department, by_user)
            };
            handoff::ask(s, ask);
            record(s, TransferKind::Transfer, from, None, by_user, note);
        }
        TransferTarget::Bot => release_to_bot(s, by_user, note),
    }
    if let Some(note) = note {
        s.write_note(by, note, Vec::new());
    }
    Ok(())
}

/// Whoever leads serves no more, and nobody else sees the conversation: it goes back into the queue.
/// A customer who waits for an answer is told, and waits since they wrote.
pub(super) fn relieve(s: &mut Scratch<'_>, user: UserId) {
    let Mode::Human {
        unanswered_since, ..
    } = s.state.mode
    else {
        return;
    };
    let from = owner(s);
    if from != Some(Owner::User(user)) {
        return;
    }
    let ask = Ask {
        skills: offer::skills(s),
        notice: unanswered_since.map(|_| Notice::Requeued),
        ..Ask::new(HandoffReason::AttendantIdle, Originator::System)
    };
    handoff::ask(s, ask);
    record(
        s,
        TransferKind::Release,
        from,
        None,
        Originator::System,
        None,
    );
}

/// The bot leads again, from the start of its flow.
pub(super) fn return_to_bot(s: &mut Scratch<'_>, by: UserId, force: bool) -> Result<(), Rejection> {
    match s.state.mode {
        Mode::Human { .. } => refuse_other(s, by, force)?,
        Mode::Waiting { .. } => {}
        Mode::Bot(_) => return Err(Rejection::AlreadyWithBot),
        Mode::Closed { .. } => return Err(Rejection::AlreadyClosed),
    }
    release_to_bot(s, Originator::User(by), None);
    Ok(())
}

/// Who completes a request does not mean the one that came after it.
pub(super) fn refuse_later(s: &Scratch<'_>, meant: Option<HandoffId>) -> Result<(), Rejection> {
    match meant {
        Some(_) if handoff_of(s) != meant => Err(Rejection::AlreadyClosed),
        _ => Ok(()),
    }
}

/// The session ends; from another person only by force. What is told about it is kept with the
/// request for a person, or as a note where nobody was asked for.
pub(super) fn close(
    s: &mut Scratch<'_>,
    by: UserId,
    force: bool,
    resolution: Option<&str>,
    satisfaction: Option<u8>,
) -> Result<(), Rejection> {
    if matches!(s.state.mode, Mode::Closed { .. }) {
        return Err(Rejection::AlreadyClosed);
    }
    refuse_other(s, by, force)?;
    let resolution = reply::optional_text("resolution", resolution)?;
    if satisfaction.is_some_and(|stars| !(1..=5).contains(&stars)) {
        return Err(Rejection::Invalid {
            field: "satisfaction",
            problem: "must be 1 to 5",
        });
    }
    offer::decided(s, None);
    let (led_by, handoff) = (owner(s), handoff_of(s));
    let attendant = s.state.attendant();
    end_handoff(s, resolution, satisfaction);
    if handoff.is_none()
        && let Some(note) = closing_note(resolution, satisfaction)
    {
        s.write_note(by, &note, Vec::new());
    }
    s.tell(Notice::Closed, None);
    // Where no person led, there is nobody to be rated; what staff passes on is not asked again.
    let asked = led_by.is_some() && satisfaction.is_none() && csat::question(s);
    s.happen(Event::Closed {
        by: Originator::User(by),
        at: s.ctx.now,
        reason: CloseReason::Staff,
        upto_seq: s.state.seq,
    });
    if asked {
        csat::await_answer(s, attendant, handoff);
    } else if let Some(score) = satisfaction {
        csat::rate(s, score, Originator::User(by), attendant, handoff);
    }
    Ok(())
}

fn transfer_to(s: &mut Scratch<'_>, to: UserId, name: &str, by: Originator, note: Option<&str>) {
    offer::decided(s, Some(Owner::User(to)));
    let (from, at) = (owner(s), s.ctx.now);
    s.happen(Event::Transferred {
        from,
        to,
        by,
        at,
        department: s.state.department,
    });
    let to = Owner::User(to);
    record(s, TransferKind::Transfer, from, Some(to), by, note);
    if let Some(id) = handoff_of(s) {
        s.handoff(HandoffChange::Assign { id, to, at });
    }
    s.tell(Notice::Transferred, Some(name));
    s.watch_answer();
}

fn release_to_bot(s: &mut Scratch<'_>, by: Originator, note: Option<&str>) {
    offer::decided(s, None);
    let (from, at) = (owner(s), s.ctx.now);
    end_handoff(s, None, None);
    s.happen(Event::ReturnedToBot { by, at });
    record(s, TransferKind::Release, from, None, by, note);
    if s.bot_can_speak() {
        s.tell(Notice::ReturnedToBot, None);
        bot_turn::start(s);
    } else {
        // The start is entered when the customer writes again.
        s.watch_customer();
    }
}

/// A request that was served is complete, and so is one of which somebody tells what came of it.
/// Else one that nobody took is not needed any more.
fn end_handoff(s: &mut Scratch<'_>, resolution: Option<&str>, satisfaction: Option<u8>) {
    let Some(id) = handoff_of(s) else { return };
    let at = s.ctx.now;
    let waits = matches!(s.state.mode, Mode::Waiting { .. });
    s.handoff(if waits && resolution.is_none() && satisfaction.is_none() {
        HandoffChange::Cancel { id, at }
    } else {
        HandoffChange::Complete {
            id,
            resolution: resolution.map(str::to_owned),
            satisfaction,
            at,
        }
    });
}

/// What is told at the end, for staff.
fn closing_note(resolution: Option<&str>, satisfaction: Option<u8>) -> Option<String> {
    let stars = satisfaction.map(|stars| format!("Avaliação do cliente: {stars} de 5"));
    match (resolution, stars) {
        (Some(words), Some(stars)) => Some(format!("{words}\n{stars}")),
        (Some(words), None) => Some(words.to_owned()),
        (None, stars) => stars,
    }
}

pub(super) fn record(
    s: &mut Scratch<'_>,
    kind: TransferKind,
    from: Option<Owner>,
    to: Option<Owner>,
    by: Originator,
    note: Option<&str>,
) {
    let record = TransferRecord {
        kind,
        from,
        to,
        department: s.state.department,
        by,
        note: note.map(str::to_owned),
        at: s.ctx.now,
    };
    s.effect(Effect::RecordTransfer(record));
}

/// Who leads, if a person does.
pub(super) fn owner(s: &Scratch<'_>) -> Option<Owner> {
    match s.state.mode {
        Mode::Human { owner, .. } => Some(owner),
        _ => None,
    }
}

/// The request that waits, or that led to whoever leads.
pub(super) fn handoff_of(s: &Scratch<'_>) -> Option<HandoffId> {
    match s.state.mode {
        Mode::Waiting { handoff, .. } => Some(handoff),
        Mode::Human { handoff, .. } => handoff,
        Mode::Bot(_) | Mode::Closed { .. } => None,
    }
}

pub(super) fn refuse_other(s: &Scratch<'_>, by: UserId, force: bool) -> Result<(), Rejection> {
    match owner(s) {
        Some(owner) if owner != Owner::User(by) && !force => Err(Rejection::AssignedToAnother {
            by: s.state.attendant(),
        }),
        _ => Ok(()),
    }
}
