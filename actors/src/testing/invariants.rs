//! What a commit must never be. Each check names a bug of the engine; a commit that merely lost
//! a race never comes this far, since its version was compared before.

use super::rows::{ConversationRow, SendState, count};
use super::tables::Tables;
use papo_domain::MessageId;
use papo_domain::conversation::{Body, Event, Listing};
use papo_domain::ports::Commit;

impl Tables {
    /// Panics, and remembers it, if `commit` breaks an invariant. Nothing is stored then.
    pub(super) fn check_commit(&mut self, commit: &Commit) {
        let fault = self
            .conversations
            .get(&commit.conversation)
            .and_then(|row| {
                self.messages(row, commit)
                    .or_else(|| control(row, commit))
                    .or_else(|| listing(row, commit))
                    .or_else(|| self.sends(row, commit))
            });
        if let Some(fault) = fault {
            let Commit {
                conversation,
                expected_version,
                ..
            } = commit;
            self.violate(format!(
                "conversation {conversation} at {expected_version}: {fault}"
            ));
        }
    }

    /// Messages continue the order without a gap, and each has its event.
    fn messages(&self, row: &ConversationRow, commit: &Commit) -> Option<String> {
        let mut last = count(row.messages.len());
        for draft in &commit.messages {
            if draft.seq != last + 1 {
                return Some(format!("message {} comes after message {last}", draft.seq));
            }
            last += 1;
            if draft.id != MessageId::of(commit.conversation, draft.seq) {
                return Some(format!("message {} has a foreign id", draft.seq));
            }
            if let Some(external_id) = &draft.external_id {
                let key = (row.tenant, row.channel, external_id.clone());
                if self.heard.contains(&key) {
                    return Some(format!("message {} was stored before", draft.seq));
                }
            }
        }
        if commit.state.seq != last {
            return Some(format!(
                "the state counts {} messages, not {last}",
                commit.state.seq
            ));
        }
        let added = commit.events.iter().filter_map(|draft| match &draft.event {
            Event::MessageAdded { seq, .. } => Some(*seq),
            _ => None,
        });
        if !added.eq(commit.messages.iter().map(|message| message.seq)) {
            return Some("messages and their events differ".to_owned());
        }
        None
    }

    fn sends(&self, row: &ConversationRow, commit: &Commit) -> Option<String> {
        for draft in &commit.outbox {
            let seq = draft.seq;
            let fresh = commit.messages.iter().find(|message| message.seq == seq);
            if !fresh.is_some_and(|message| matches!(message.body, Body::Outbound { .. })) {
                return Some(format!(
                    "send {seq} has no words to the customer in its commit"
                ));
            }
            if draft.channel != row.channel {
                return Some(format!("send {seq} goes through another channel"));
            }
            if draft.epoch.is_some_and(|epoch| epoch != commit.state.epoch) {
                let (own, current) = (draft.epoch, commit.state.epoch);
                return Some(format!(
                    "send {seq} is void at birth: {own:?}, not {current}"
                ));
            }
        }
        let stranded = self.outbox.open(commit.conversation).find(|send| {
            send.state == SendState::Queued
                && send.epoch.is_some_and(|epoch| epoch != commit.state.epoch)
        });
        match stranded {
            Some(send) if !commit.cancel_automatic => Some(format!(
                "automatic send {} survives its epoch in the queue",
                send.seq
            )),
            _ => None,
        }
    }
}

/// The control epoch rises with a change of control, and only then.
fn control(before: &ConversationRow, commit: &Commit) -> Option<String> {
    let after = &commit.state;
    if after.conversation != commit.conversation {
        return Some("the state is another conversation's".to_owned());
    }
    let should = commit.events.iter().any(|draft| draft.event.raises_epoch());
    let sound = if should {
        after.epoch > before.epoch
    } else {
        after.epoch == before.epoch
    };
    (!sound).then(|| format!("epoch {} became {}", before.epoch, after.epoch))
}

/// Lists show what is.
fn listing(row: &ConversationRow, commit: &Commit) -> Option<String> {
    let shown = commit.listing.as_ref().unwrap_or(&row.listing);
    (*shown != Listing::of(&commit.state)).then(|| "its line in lists is stale".to_owned())
}
