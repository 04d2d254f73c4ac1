//! The few messages a bot's decision may look at: those of a pending burst and those that hold
//! collected inputs. A conversation led by a person keeps none.

use papo_domain::conversation::{MessageDraft, Mode, RecentMessage, Sender, State};

/// Customer messages kept besides collected inputs; a burst longer than this is answered by its
/// newest messages.
const KEPT: usize = 16;

/// Messages in memory, oldest first.
pub(super) struct Recent {
    messages: Vec<RecentMessage>,
}

impl Recent {
    pub(super) fn new(mut answers: Vec<RecentMessage>, recent: Vec<RecentMessage>) -> Self {
        answers.extend(recent);
        answers.sort_by_key(|m| m.seq);
        answers.dedup_by_key(|m| m.seq);
        Self { messages: answers }
    }

    pub(super) fn as_slice(&self) -> &[RecentMessage] {
        &self.messages
    }

    /// Takes in what a commit added, now that `state` stands.
    pub(super) fn remember(&mut self, added: Vec<RecentMessage>, state: &State) {
        let Mode::Bot(bot) = &state.mode else {
            self.messages = Vec::new();
            return;
        };
        self.messages.extend(added);
        let spare = self.messages.len().saturating_sub(KEPT);
        let mut seen = 0;
        self.messages.retain(|m| {
            seen += 1;
            seen > spare || bot.answers.values().any(|seq| *seq == m.seq)
        });
    }
}

/// The customer's messages among `drafts`.
pub(super) fn said(drafts: &[MessageDraft]) -> Vec<RecentMessage> {
    drafts
        .iter()
        .filter(|d| d.sender == Sender::Customer)
        .map(RecentMessage::from)
        .collect()
}
