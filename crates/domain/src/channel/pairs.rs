use super::bucket::{Bucket, Rate};
use crate::Timestamp;
use crate::ids::ConversationId;
use std::collections::HashMap;

/// A bucket for each conversation of a channel: the pair of a number and a person. Only buckets
/// that are not full are remembered, and at most `capacity` of them.
#[derive(Clone, Debug)]
pub struct Pairs {
    rate: Rate,
    capacity: usize,
    buckets: HashMap<ConversationId, Bucket>,
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
            buckets: HashMap::new(),
        }
    }

    /// Spends one token of `conversation`.
    ///
    /// # Errors
    /// There is none: the moment at which there will be one. Nothing was spent.
    pub fn take(&mut self, conversation: ConversationId, now: Timestamp) -> Result<(), Timestamp> {
        self.bucket(conversation, now).take(now)
    }

    /// Gives `conversation` nothing before `until`: the provider refused its rate.
    pub fn hold(&mut self, conversation: ConversationId, until: Timestamp, now: Timestamp) {
        self.bucket(conversation, now).hold(until);
    }

    /// How many buckets are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    fn bucket(&mut self, conversation: ConversationId, now: Timestamp) -> &mut Bucket {
        if self.buckets.len() >= self.capacity && !self.buckets.contains_key(&conversation) {
            self.make_room(now);
        }
        self.buckets
            .entry(conversation)
            .or_insert(Bucket::full(self.rate))
    }

    /// Forgets every full bucket; if there is none, the one that will be full first. What that
    /// one still owed costs at most one refusal by the provider, while refusing a new person
    /// because others are busy would cost a delay.
    fn make_room(&mut self, now: Timestamp) {
        self.buckets.retain(|_, bucket| !bucket.is_full(now));
        if self.buckets.len() < self.capacity {
            return;
        }
        let next = self.buckets.iter().min_by_key(|(_, b)| b.full_at());
        if let Some(next) = next.map(|(id, _)| *id) {
            self.buckets.remove(&next);
        }
    }
}
