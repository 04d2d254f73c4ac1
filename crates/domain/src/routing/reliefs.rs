//! Conversations of people who serve no more, because they left or are attendants no longer. Nobody
//! but supervisors sees them, so they go back to their queue. Whoever is not of this tenant's staff
//! at all, and leads all the same, is left alone.

use super::desk::Desk;
use crate::conversation::Command;
use crate::ids::{ConversationId, UserId};
use crate::{Timestamp, later};
use chrono::TimeDelta;

/// What did not go back is tried again after this.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(30);
/// The most that goes back at once.
const AT_ONCE: usize = 200;

/// A conversation that is to go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relief {
    pub conversation: ConversationId,
    /// Who serves no more.
    pub user: UserId,
}

impl Relief {
    /// As the conversation is told.
    #[must_use]
    pub fn command(&self) -> Command {
        Command::Relieve { user: self.user }
    }
}

impl Desk {
    /// What is to go back now. Empty unless somebody ceased to serve who leads something.
    pub fn reliefs(&mut self, now: Timestamp) -> Vec<Relief> {
        if self.relief_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        let led = self.led.keys().filter_map(|conversation| {
            let (conversation, user) = (*conversation, self.holder(*conversation)?);
            let relief = Relief { conversation, user };
            self.dismissed.contains(&user).then_some(relief)
        });
        let reliefs: Vec<_> = led.take(AT_ONCE).collect();
        self.relief_at = (!reliefs.is_empty()).then(|| later(now, AGAIN_AFTER));
        reliefs
    }

    /// They serve no more.
    pub(super) fn dismiss(&mut self, user: UserId, now: Timestamp) {
        self.dismissed.insert(user);
        self.relief_at = Some(now);
    }
}
