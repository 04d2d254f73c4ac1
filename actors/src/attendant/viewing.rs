//! What one person looks at. Their actor knows it, since it has the sockets; the tenant tells the
//! others. What it reads here is the newest, so that nothing has to arrive for it to be right.

use papo_domain::ConversationId;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The conversations that a person has joined at any socket.
#[derive(Debug, Default)]
pub(crate) struct Viewing(Mutex<Now>);

#[derive(Debug, Default)]
struct Now {
    conversations: BTreeSet<ConversationId>,
    /// Not asked for since it changed.
    changed: bool,
}

impl Viewing {
    /// What it is now, by the person's actor.
    pub(crate) fn set(&self, conversations: BTreeSet<ConversationId>) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.conversations != conversations {
            now.conversations = conversations;
            now.changed = true;
        }
    }

    pub(crate) fn contains(&self, conversation: ConversationId) -> bool {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.conversations.contains(&conversation)
    }

    /// What it is now, if it changed since this was asked last.
    pub(crate) fn news(&self) -> Option<BTreeSet<ConversationId>> {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut now.changed).then(|| now.conversations.clone())
    }
}
