//! Who looks at which conversation, as the others were told. Told together, once a second, and
//! only as far as it still holds then: who leaves and comes back within it was never away.

use papo_domain::{ConversationId, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most that is told at once; the rest is told a second later.
const AT_ONCE: usize = 64;

/// What was told, and what is still to be told. Bounded by what sockets may join.
#[derive(Default)]
pub(super) struct Viewers {
    known: HashMap<UserId, BTreeSet<ConversationId>>,
    due: BTreeMap<(ConversationId, UserId), bool>,
    /// What was told last. What comes after it is next, so that all have their turn.
    last: Option<(ConversationId, UserId)>,
}

impl Viewers {
    /// A person looks at these now.
    pub(super) fn note(&mut self, user: UserId, now: BTreeSet<ConversationId>) {
        let before = self.known.remove(&user).unwrap_or_default();
        for conversation in before.symmetric_difference(&now) {
            let (place, looks) = ((*conversation, user), now.contains(conversation));
            if self.due.remove(&place) != Some(!looks) {
                self.due.insert(place, looks);
            }
        }
        if !now.is_empty() {
            self.known.insert(user, now);
        }
    }

    /// A person has gone.
    pub(super) fn gone(&mut self, user: UserId) {
        self.note(user, BTreeSet::new());
    }

    /// What is told next.
    pub(super) fn take(&mut self) -> Vec<(UserId, ConversationId, bool)> {
        let mut later = match self.last {
            Some(last) => self.due.split_off(&last),
            None => std::mem::take(&mut self.due),
        };
        if let Some(last) = self.last
            && let Some(looks) = later.remove(&last)
        {
            self.due.insert(last, looks);
        }
        let mut told = Vec::new();
        while told.len() < AT_ONCE
            && let Some((place, looks)) = later.pop_first().or_else(|| self.due.pop_first())
        {
            let (conversation, user) = place;
            self.last = Some(place);
            told.push((user, conversation, looks));
        }
        self.due.append(&mut later);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, Viewers};
    use papo_domain::{ConversationId, UserId};
    use uuid::Uuid;

    fn conversation(n: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(n))
    }

    const ANA: UserId = UserId(Uuid::from_u128(0xa));

    #[test]
    fn only_what_still_holds_is_told() {
        let mut viewers = Viewers::default();
        viewers.note(ANA, [conversation(1), conversation(2)].into());
        viewers.note(ANA, [conversation(2)].into());
        assert_eq!(viewers.take(), [(ANA, conversation(2), true)]);
        viewers.gone(ANA);
        viewers.note(ANA, [conversation(2), conversation(3)].into());
        assert_eq!(viewers.take(), [(ANA, conversation(3), true)]);
        viewers.gone(ANA);
        let told = [2, 3].map(|n| (ANA, conversation(n), false));
        assert_eq!(viewers.take(), told);
        assert_eq!(viewers.take(), []);
    }

    #[test]
    fn a_crowd_is_told_in_portions() {
        let mut viewers = Viewers::default();
        viewers.note(ANA, (0..100).map(conversation).collect());
        assert_eq!(viewers.take().len(), AT_ONCE);
        assert_eq!(viewers.take().len(), 100 - AT_ONCE);
    }

    /// However much the others change what they look at.
    #[test]
    fn everybody_has_their_turn() {
        let mut viewers = Viewers::default();
        let user = |n| UserId(Uuid::from_u128(0x100 + n));
        viewers.note(ANA, [conversation(1000)].into());
        let mut told = Vec::new();
        for round in 0..2 {
            for n in 0..64 {
                viewers.note(user(n), [conversation(2 * n + round)].into());
            }
            told.extend(viewers.take());
        }
        assert!(told.contains(&(ANA, conversation(1000), true)));
        told.extend(viewers.take());
        told.extend(viewers.take());
        assert_eq!(told.len(), 64 + 1 + 128, "each change is told");
    }
}
