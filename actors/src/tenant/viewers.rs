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
        let next = std::iter::from_fn(|| self.due.pop_first());
        next.take(AT_ONCE)
            .map(|((conversation, user), looks)| (user, conversation, looks))
            .collect()
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
}
