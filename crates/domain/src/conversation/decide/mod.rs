//! The rules: what a command makes happen in a state, or which rule it breaks. Pure: everything
//! it looks at is in the state, the command and the context. Each topic has a file of its own;
//! all of them write to a [`scratch::Scratch`], whose state follows the events as they are
//! decided, so that the later steps of a decision see the earlier ones.

mod bot_turn;
mod control;
mod csat;
mod deadlines;
mod handoff;
mod inbound;
mod marks;
mod media;
mod offer;
mod place;
mod record_only;
mod reply;
mod scratch;
mod snooze;

#[cfg(test)]
mod tests;

use super::command::{Command, Context};
use super::decision::Decision;
use super::event::{Event, Originator};
use super::rejection::Rejection;
use super::state::State;
use control::{Assignee, Wish};
pub use marks::LABELS_MAX;
pub use scratch::REPLY_WINDOW;
use scratch::Scratch;

pub use record_only::record_only;

/// Decides what `command` makes happen. A conversation in quarantine is left to [`record_only`].
///
/// What comes from outside (`ReceiveInbound`, `RecordEcho`, `RecordSendFailure`, `RecordMedia`, `DeadlineFired`,
/// `Quarantine`) is never refused.
///
/// # Errors
/// The rule that was broken; nothing has happened then.
pub fn decide(state: &State, command: &Command, ctx: &Context<'_>) -> Result<Decision, Rejection> {
    if state.quarantined {
        return record_only(state, command, ctx);
    }
    let mut scratch = Scratch::new(state, ctx);
    obey(&mut scratch, command)?;
    Ok(scratch.finish())
}

fn obey(s: &mut Scratch<'_>, command: &Command) -> Result<(), Rejection> {
    match command {
        Command::ReceiveInbound(inbound) => inbound::receive(s, inbound),
        Command::RecordEcho(inbound) => inbound::echo(s, inbound),
        Command::TakeOver { by, name, force } => control::take_over(s, *by, name, *force)?,
        Command::RequestHandoff {
            by,
            department,
            priority,
            skills,
            reason,
        } => {
            let wish = Wish {
                department: *department,
                priority: *priority,
                skills: skills.as_deref(),
                reason: reason.as_deref(),
            };
            control::request_handoff(s, *by, wish)?;
        }
        Command::Assign {
            by,
            handoff,
            to,
            name,
            force,
        } => {
            let (user, force) = (*to, *force);
            control::assign(s, *by, *handoff, Assignee { user, name, force })?;
        }
        Command::Offer {
            handoff,
            to,
            seconds,
        } => offer::make(s, *handoff, *to, *seconds)?,
        Command::AcceptOffer { by, handoff, name } => offer::accept(s, *by, *handoff, name)?,
        Command::RejectOffer { by, handoff } => offer::reject(s, *by, *handoff)?,
        Command::RescindOffer { handoff, to } => offer::rescind(s, *handoff, *to),
        Command::TellPlace { handoff, place } => place::tell(s, *handoff, *place),
        Command::Relieve { user } => control::relieve(s, *user),
        Command::Transfer {
            by,
            force,
            to,
            note,
        } => control::transfer(s, *by, *force, to, note.as_deref())?,
        Command::ReturnToBot { by, force } => control::return_to_bot(s, *by, *force)?,
        Command::SendReply { .. } => reply::send(s, command)?,
        Command::Reach { by, outbound } => reply::reach(s, *by, outbound)?,
        Command::AddNote { by, text, mentions } => reply::note(s, *by, text, mentions)?,
        Command::Close {
            by,
            force,
            handoff,
            resolution,
            satisfaction,
        } => {
            control::refuse_later(s, *handoff)?;
            control::close(s, *by, *force, resolution.as_deref(), *satisfaction)?;
        }
        Command::Tell { to, id, kind, by } => reply::tell(s, *to, *id, *kind, *by),
        Command::MarkRead { by, upto_seq } => reply::mark_read(s, *by, *upto_seq),
        Command::DeadlineFired { kind, generation } => deadlines::fired(s, *kind, *generation),
        Command::RecordSendFailure { seq, code } => reply::send_failed(s, *seq, *code),
        Command::MarkUnread { by } => marks::unread(s, Originator::User(*by)),
        Command::Archive { by } => marks::archive(s, *by)?,
        Command::Unarchive { by } => marks::unarchive(s, *by),
        Command::Label { by, add, remove } => marks::label(s, *by, add, remove)?,
        Command::SetPriority { by, priority } => marks::set_priority(s, *by, *priority)?,
        Command::Snooze { by, force, until } => snooze::begin(s, *by, *force, *until)?,
        Command::EndSnooze { by, force } => snooze::end_by(s, *by, *force)?,
        Command::RecordMedia { seq, news } => media::record(s, *seq, news),
        Command::FetchMedia { by: _, seq } => media::fetch_again(s, *seq)?,
        Command::Quarantine => record_only::begin(s),
        Command::Resume { by: _ } => return Err(Rejection::NotQuarantined),
    }
    Ok(())
}
