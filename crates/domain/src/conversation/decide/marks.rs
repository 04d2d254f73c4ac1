//! What staff marks a conversation with. None of it changes who leads.

use super::scratch::Scratch;
use crate::conversation::decision::HandoffChange;
use crate::conversation::event::{Event, Originator};
use crate::conversation::rejection::Rejection;
use crate::conversation::state::{Mode, Priority};
use crate::ids::{LabelId, UserId};
use std::collections::BTreeSet;

/// The most labels of a conversation, and so the most that come or go at once.
pub const LABELS_MAX: usize = 20;

/// It is to be looked at again. What is unread already stays as it is.
pub(super) fn unread(s: &mut Scratch<'_>, by: Originator) {
    if s.state.unread_shown() == 0 {
        let upto_seq = s.state.seq;
        s.happen(Event::MarkedUnread { by, upto_seq });
    }
}

/// What is closed is put away; the customer's next words bring it back.
pub(super) fn archive(s: &mut Scratch<'_>, by: UserId) -> Result<(), Rejection> {
    match s.state.mode {
        Mode::Closed { archived: None, .. } => {
            let at = s.ctx.now;
            s.happen(Event::Archived { by, at });
            Ok(())
        }
        Mode::Closed { .. } => Ok(()),
        Mode::Bot(_) | Mode::Waiting { .. } | Mode::Human { .. } => Err(Rejection::NotClosed),
    }
}

/// It is among the others again, if it was not.
pub(super) fn unarchive(s: &mut Scratch<'_>, by: UserId) {
    if let Mode::Closed {
        archived: Some(_), ..
    } = s.state.mode
    {
        let at = s.ctx.now;
        s.happen(Event::Unarchived { by, at });
    }
}

/// How urgent a session is, until it ends. Of one that waits, it is its place in the queue.
pub(super) fn set_priority(
    s: &mut Scratch<'_>,
    by: UserId,
    priority: Priority,
) -> Result<(), Rejection> {
    if matches!(s.state.mode, Mode::Closed { .. }) {
        return Err(Rejection::AlreadyClosed);
    }
    if s.state.priority == Some(priority) {
        return Ok(());
    }
    s.happen(Event::PriorityChanged { by, priority });
    if let Mode::Waiting { handoff: id, .. } = s.state.mode {
        s.handoff(HandoffChange::Escalate { id, priority });
    }
    Ok(())
}

/// Labels come and go. Whether they are known and not too many is for the caller to see, who sees
/// the ones that are there.
pub(super) fn label(
    s: &mut Scratch<'_>,
    by: UserId,
    add: &[LabelId],
    remove: &[LabelId],
) -> Result<(), Rejection> {
    let added: BTreeSet<LabelId> = add.iter().copied().collect();
    let removed: BTreeSet<LabelId> = remove.iter().copied().collect();
    let problem = if added.len() > LABELS_MAX || removed.len() > LABELS_MAX {
        "has more than 20 entries"
    } else if !added.is_disjoint(&removed) {
        "cannot come and go at once"
    } else {
        if !added.is_empty() || !removed.is_empty() {
            s.happen(Event::Labelled {
                by,
                added: added.into_iter().collect(),
                removed: removed.into_iter().collect(),
            });
        }
        return Ok(());
    };
    Err(Rejection::Invalid {
        field: "labels",
        problem,
    })
}
