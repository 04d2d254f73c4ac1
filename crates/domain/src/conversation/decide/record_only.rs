//! Quarantine: what is left of a conversation whose normal decisions crashed again and again.
//! Messages are kept, a person is waited for, and that person may work. The bot has no part in
//! it: nothing here calls the walk, arms a deadline, or says anything the attendant did not.

use super::scratch::Scratch;
use super::{
    Command, Context, Decision, Event, Rejection, State, control, handoff, marks, media, offer,
    reply,
};
use crate::conversation::decision::{HandoffChange, Sender};
use crate::conversation::event::{HandoffReason, Originator};
use crate::conversation::state::{Mode, Priority};
use crate::ids::HandoffId;

/// Decides for a conversation in quarantine: records what comes in, and accepts takeover, reply,
/// note, close, and the end of the quarantine.
///
/// # Errors
/// [`Rejection::Quarantined`] for every other command, and the rules of those accepted.
pub fn record_only(
    state: &State,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<Decision, Rejection> {
    let mut scratch = Scratch::new(state, ctx);
    let s = &mut scratch;
    match command {
        Command::ReceiveInbound(inbound) => {
            if inbound.content.is_utterance() {
                s.open_session();
                wait_for_person(s);
            }
            s.hear(Sender::Customer, inbound);
        }
        Command::RecordEcho(inbound) => {
            s.hear(Sender::Phone, inbound);
        }
        Command::TakeOver { by, name, force } => control::take_over(s, *by, name, *force)?,
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
        Command::RecordSendFailure { seq, code } => reply::send_failed(s, *seq, *code),
        Command::MarkUnread { by } => marks::unread(s, Originator::User(*by)),
        Command::Archive { by } => marks::archive(s, *by)?,
        Command::Unarchive { by } => marks::unarchive(s, *by),
        Command::Label { by, add, remove } => marks::label(s, *by, add, remove)?,
        Command::SetPriority { by, priority } => marks::set_priority(s, *by, *priority)?,
        Command::RecordMedia { seq, news } => media::record(s, *seq, news),
        Command::FetchMedia { by: _, seq } => media::fetch_again(s, *seq)?,
        Command::Resume { by } => {
            let (by, at) = (*by, ctx.now);
            s.happen(Event::Resumed { by, at });
            handoff::watch_queue(s);
            s.watch_answer();
        }
        Command::DeadlineFired { .. }
        | Command::RescindOffer { .. }
        | Command::TellPlace { .. }
        | Command::Relieve { .. }
        | Command::Quarantine => {}
        Command::RequestHandoff { .. }
        | Command::Assign { .. }
        | Command::Offer { .. }
        | Command::AcceptOffer { .. }
        | Command::RejectOffer { .. }
        | Command::Transfer { .. }
        | Command::ReturnToBot { .. }
        | Command::Snooze { .. }
        | Command::EndSnooze { .. } => return Err(Rejection::Quarantined),
    }
    Ok(scratch.finish())
}

/// Begins the quarantine. Unless a person leads or was asked for already, one is asked for now.
pub(super) fn begin(s: &mut Scratch<'_>) {
    // Nobody would decide that its time is over.
    offer::decided(s, None);
    s.happen(Event::Quarantined { at: s.ctx.now });
    s.open_session();
    wait_for_person(s);
}

fn wait_for_person(s: &mut Scratch<'_>) {
    if !matches!(s.state.mode, Mode::Bot(_)) {
        return;
    }
    let id = HandoffId::of(s.state.conversation, s.state.epoch.saturating_add(1));
    let (department, priority, at) = (s.state.department, Priority::High, s.ctx.now);
    let (reason, by) = (HandoffReason::Quarantine, Originator::System);
    s.happen(Event::HandoffRequested {
        handoff: id,
        at,
        department,
        priority,
        reason,
        by,
        since: None,
        passed_over: None,
        preferred: None,
        skills: Vec::new(),
    });
    s.handoff(HandoffChange::Open {
        id,
        department,
        priority,
        reason,
        note: None,
        by,
        at,
        since: at,
    });
}
