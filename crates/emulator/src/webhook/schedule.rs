//! When which update is posted. Pure: moments come in, work comes out.
//!
//! Updates of one lane (a chat) go out one POST after another, so that a faultless emulator
//! keeps their order; a POST that fails leaves its lane and is repeated on its own, as at Meta.
//! `waiting` and `in_flight` together are all that has not been answered with 200 or given up.

use super::update::Update;
use crate::world::ChatKey;
use bytes::Bytes;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Instant;

/// Keeps a batch with its envelope below Meta's 3 MB.
const BATCH_BYTES_MAX: usize = 2_500_000;

/// A POST on its way, ready to be repeated byte for byte.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) id: u64,
    /// The number whose app signs it.
    pub(crate) number: Arc<str>,
    pub(crate) updates: Arc<[Update]>,
    pub(crate) body: Bytes,
    /// Attempts made so far.
    pub(crate) attempts: u32,
}

/// What is to be posted now.
#[derive(Debug)]
pub(crate) enum Ready {
    /// The first attempt: `id` names it for [`Schedule::release`].
    First {
        id: u64,
        updates: Vec<Update>,
    },
    Again(Post),
}

#[derive(Debug)]
enum Work {
    Update(Box<Update>),
    /// Made into one POST whatever the batch size.
    Together(Vec<Update>),
    Again(Post),
}

#[derive(Debug)]
struct Slot {
    at: Instant,
    seq: u64,
    work: Work,
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.seq == other.seq
    }
}
impl Eq for Slot {}
impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Slot {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}

/// A POST that may still take updates.
#[derive(Clone, Copy)]
struct Open {
    place: usize,
    id: u64,
    updates: usize,
    bytes: usize,
}

/// A lane in use, and what waits for it.
#[derive(Debug)]
struct Lane {
    post: u64,
    waiting: Vec<Slot>,
}

#[derive(Debug, Default)]
pub(crate) struct Schedule {
    due: BinaryHeap<Reverse<Slot>>,
    lanes: HashMap<ChatKey, Lane>,
    in_lanes: usize,
    in_flight: usize,
    /// Counts slots and POSTs; never starts again, so that a POST from before a reset cannot
    /// release a lane of after it.
    last_id: u64,
}

impl Schedule {
    pub(crate) fn add(&mut self, at: Instant, update: Update) {
        self.insert(at, Work::Update(Box::new(update)));
    }

    pub(crate) fn add_together(&mut self, at: Instant, updates: Vec<Update>) {
        self.insert(at, Work::Together(updates));
    }

    pub(crate) fn add_again(&mut self, at: Instant, post: Post) {
        self.insert(at, Work::Again(post));
    }

    fn insert(&mut self, at: Instant, work: Work) {
        let seq = self.next_id();
        self.due.push(Reverse(Slot { at, seq, work }));
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Updates and repeats that are not being posted.
    pub(crate) fn waiting(&self) -> usize {
        self.due.len() + self.in_lanes
    }

    /// POSTs without an answer yet.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse(slot)| slot.at)
    }

    /// Takes what is due, as at most `posts` POSTs of at most `batch` updates. Updates may share
    /// a POST if `route` gives them the same word; those without a route are dropped.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        posts: usize,
        batch: usize,
        route: impl Fn(&Update) -> Option<Arc<str>>,
    ) -> Taken {
        let mut taken = Taken::default();
        let mut open: HashMap<Arc<str>, Open> = HashMap::new();
        while taken.ready.len() < posts && self.next_due().is_some_and(|at| at <= now) {
            let Some(Reverse(Slot { at, seq, work })) = self.due.pop() else {
                break;
            };
            let update = match work {
                Work::Again(post) => {
                    taken.ready.push(Ready::Again(post));
                    continue;
                }
                Work::Together(updates) => {
                    let id = self.next_id();
                    taken.ready.push(Ready::First { id, updates });
                    continue;
                }
                Work::Update(update) => update,
            };
            let Some(word) = route(&update) else {
                taken.lost += 1;
                continue;
            };
            let size = if batch > 1 { update.size() } else { 0 };
            let joined = open
                .get(&word)
                .copied()
                .filter(|open| open.updates < batch && open.bytes + size <= BATCH_BYTES_MAX);
            let lane = update.lane.as_ref().and_then(|key| self.lanes.get_mut(key));
            if let Some(lane) = lane
                && joined.is_none_or(|open| open.id != lane.post)
            {
                let work = Work::Update(update);
                lane.waiting.push(Slot { at, seq, work });
                self.in_lanes += 1;
                continue;
            }
            let mut into = joined.unwrap_or_else(|| Open {
                place: taken.ready.len(),
                id: self.next_id(),
                updates: 0,
                bytes: 0,
            });
            if let Some(key) = &update.lane {
                self.lanes.entry(key.clone()).or_insert(Lane {
                    post: into.id,
                    waiting: Vec::new(),
                });
            }
            into.updates += 1;
            into.bytes += size;
            taken.put(into, *update);
            open.insert(word, into);
        }
        self.in_flight += taken.ready.len();
        taken
    }

    /// A POST was answered or failed: the lanes it held are free again.
    pub(crate) fn release(&mut self, post: &Post) {
        self.in_flight = self.in_flight.saturating_sub(1);
        for key in post
            .updates
            .iter()
            .filter_map(|update| update.lane.as_ref())
        {
            if self.lanes.get(key).is_some_and(|lane| lane.post == post.id)
                && let Some(lane) = self.lanes.remove(key)
            {
                self.in_lanes -= lane.waiting.len();
                self.due.extend(lane.waiting.into_iter().map(Reverse));
            }
        }
    }

    /// Forgets everything that waits. POSTs under way still come back through `release`.
    pub(crate) fn clear(&mut self) {
        self.due.clear();
        self.lanes.clear();
        self.in_lanes = 0;
    }
}

/// What [`Schedule::take`] gives.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) ready: Vec<Ready>,
    /// Updates without a route.
    pub(crate) lost: u64,
}

impl Taken {
    /// Adds to a POST, beginning it if there is none yet.
    fn put(&mut self, into: Open, update: Update) {
        if let Some(Ready::First { updates, .. }) = self.ready.get_mut(into.place) {
            updates.push(update);
        } else {
            let updates = vec![update];
            self.ready.push(Ready::First {
                id: into.id,
                updates,
            });
        }
    }
}

#[cfg(test)]
mod tests;
