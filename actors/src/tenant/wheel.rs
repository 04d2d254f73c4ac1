//! The deadlines of one tenant that are due soon. Only a shadow of what is stored: entries may
//! be early or stale, and the conversation looks at its own state when it is woken.

use papo_domain::{ConversationId, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Deadlines up to the horizon, which the tenant moves on with each reading of the table.
#[derive(Clone, Default)]
pub(crate) struct Wheel {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    due: BTreeSet<(Timestamp, ConversationId)>,
    /// Later deadlines stay in the table until it is read again.
    horizon: Option<Timestamp>,
}

impl Wheel {
    /// Deadlines before `horizon` are kept from now on.
    pub(crate) fn reach_to(&self, horizon: Timestamp) {
        self.lock().horizon = Some(horizon);
    }

    /// Keeps a deadline if it lies before the horizon.
    pub(crate) fn keep(&self, conversation: ConversationId, at: Timestamp) {
        let mut inner = self.lock();
        if inner.horizon.is_some_and(|horizon| at < horizon) {
            inner.due.insert((at, conversation));
        }
    }

    /// Takes up to `limit` conversations whose deadline has come.
    pub(crate) fn take_due(&self, now: Timestamp, limit: usize) -> Vec<ConversationId> {
        let mut inner = self.lock();
        let mut taken = Vec::new();
        while taken.len() < limit {
            match inner.due.first() {
                Some((at, _)) if *at <= now => {}
                _ => break,
            }
            if let Some((_, conversation)) = inner.due.pop_first()
                && !taken.contains(&conversation)
            {
                taken.push(conversation);
            }
        }
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
