//! What a number may send to each person (Meta's pair rate; docs/META.md, "Limits"). Meta asks
//! whoever sent faster than the steady rate to wait until all of it is paid back, and does not
//! always insist: a chat in which both are quick is best served at once. So, within a burst,
//! nobody waits for a debt before the provider has refused, and then for all of it. Bounded: who
//! owes nothing is forgotten, and beyond the capacity whoever will owe nothing first.

use super::bucket::{Bucket, Rate};
use crate::Timestamp;
use crate::ids::ConversationId;
use std::collections::HashMap;

/// One person.
#[derive(Clone, Copy, Debug)]
struct Pair {
    bucket: Bucket,
    /// The provider refused: nothing before this moment.
    held_until: Timestamp,
}

impl Pair {
    fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        if now < self.held_until {
            return Err(self.held_until);
        }
        self.bucket.take(now)
    }

    /// When nothing is owed, so that forgetting this pair loses nothing.
    fn free_at(&self) -> Timestamp {
        self.bucket.full_at().max(self.held_until)
    }
}

/// A bucket for each conversation of a channel: the pair of a number and a person. Only those that
/// owe something are remembered, and at most `capacity` of them.
#[derive(Clone, Debug)]
pub struct Pairs {
    rate: Rate,
    capacity: usize,
    pairs: HashMap<ConversationId, Pair>,
}

impl Pairs {
    /// Enough for a number at Meta's highest throughput, 1,000 messages a second, each to another
    /// person and remembered for 6 s.
    pub const CAPACITY: usize = 8192;

    /// Nobody owes anything.
    #[must_use]
    pub fn new(rate: Rate, capacity: usize) -> Self {
        Self {
            rate,
            capacity: capacity.max(1),
            pairs: HashMap::new(),
        }
    }

    /// Spends one token of `conversation`.
    ///
    /// # Errors
    /// There is none: the moment at which there will be one. Nothing was spent.
    pub fn take(&mut self, conversation: ConversationId, now: Timestamp) -> Result<(), Timestamp> {
        self.pair(conversation, now).take(now)
    }

    /// The provider refused the last message to `conversation` for its rate: it gets nothing
    /// before `until`, nor before what was sent until then is paid back.
    pub fn refused(&mut self, conversation: ConversationId, until: Timestamp, now: Timestamp) {
        let pair = self.pair(conversation, now);
        let paid_back = pair.bucket.full_without_last();
        pair.held_until = pair.held_until.max(until).max(paid_back);
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn pair(&mut self, conversation: ConversationId, now: Timestamp) -> &mut Pair {
        if self.pairs.len() >= self.capacity && !self.pairs.contains_key(&conversation) {
            self.make_room(now);
        }
        self.pairs.entry(conversation).or_insert(Pair {
            bucket: Bucket::full(self.rate),
            held_until: Timestamp::MIN_UTC,
        })
    }

    /// Forgets everybody who owes nothing; if there is nobody, the one who will owe nothing
    /// first. That costs at most one refusal by the provider, while refusing a new person because
    /// others are busy would cost a delay.
    fn make_room(&mut self, now: Timestamp) {
        self.pairs.retain(|_, pair| now < pair.free_at());
        if self.pairs.len() < self.capacity {
            return;
        }
        let next = self.pairs.iter().min_by_key(|(_, pair)| pair.free_at());
        if let Some(next) = next.map(|(id, _)| *id) {
            self.pairs.remove(&next);
        }
    }
}
