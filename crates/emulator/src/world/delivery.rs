//! What becomes of webhooks: when an update is due, how updates become a signed POST, and what
//! follows from the product's answer.

use super::World;
use super::chat::Tick;
use super::refusal::Refusal;
use crate::faults::Dice;
use crate::webhook::{Kind, Post, Ready, Update, signature, wrap};
use bytes::Bytes;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The largest body Meta sends (docs/META.md, "Deliveries").
const BODY_MAX: usize = 3_000_000;
/// Meta's most updates in one POST.
const BATCH_MAX: u16 = 1_000;
/// How many updates of a POST a log entry names.
const NAMED_MAX: usize = 20;

/// A webhook call that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Delivery {
    /// When it was answered.
    pub at_ms: i64,
    pub took_ms: u64,
    pub phone_number_id: String,
    /// Counts from 1 for each call; the same body comes with each attempt.
    pub attempt: u32,
    /// HTTP status of the answer; `None` if there was none.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    pub updates: usize,
    /// `message`, `sent`, `delivered`, `read`, `failed`, `echo` or a field's name, of the first
    /// 20 updates.
    pub kinds: Vec<String>,
}

/// What [`World::take_due`] gives.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) outgoing: Vec<Outgoing>,
    /// When to ask again; `None`: when something happens.
    pub(crate) next: Option<Instant>,
    /// Whether the world changed: updates were taken, or lost for want of a callback.
    pub(crate) something: bool,
}

/// A POST to make now.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) url: String,
    pub(crate) signature: String,
    pub(crate) post: Post,
}

/// How a POST went.
#[derive(Debug)]
pub(crate) enum Answered {
    Status(u16),
    Not(String),
}

impl World {
    /// Puts an update on its way, with the faults that its place in the chat rolls for it.
    pub(super) fn post(&mut self, mut update: Update, after_ms: u32) {
        let occasion = match update.lane.as_ref() {
            None => 0,
            Some(key) => {
                let chat = self.chats.open(key);
                chat.updates += 1;
                chat.updates
            }
        };
        let customer = update.lane.as_ref().map_or("", |key| &*key.customer);
        let key = ["update", &*update.number, customer];
        let mut dice = Dice::new(self.seed, &key, occasion);
        let faults = &mut self.faults;
        let millis = |ms: u32| Duration::from_millis(u64::from(ms));

        let mut at = Instant::now() + millis(after_ms);
        if faults.reorder.strikes(&mut dice) {
            at += millis(dice.up_to(faults.reorder.ms));
        }
        if faults.batch_ms > 0 {
            at = end_of_gathering(self.started, at, millis(faults.batch_ms));
        }
        if faults.overlap {
            update.lane = None;
        }
        if faults.duplicate.strikes(&mut dice) {
            for _ in 0..faults.copies {
                let mut copy = update.clone();
                copy.lane = None;
                let after = millis(dice.up_to(faults.duplicate.ms));
                self.schedule.add(at + after, copy);
            }
        }
        self.schedule.add(at, update);
    }

    /// Posts the same update several times at once.
    pub(super) fn post_copies(&mut self, update: &Update, copies: u16) {
        let now = Instant::now();
        for _ in 0..copies {
            let mut copy = update.clone();
            copy.lane = None;
            self.schedule.add_together(now, vec![copy]);
        }
    }

    /// Posts these updates in one body.
    pub(super) fn post_together(&mut self, updates: Vec<Update>) -> Result<(), Refusal> {
        if updates.is_empty() || updates.len() > usize::from(BATCH_MAX) {
            return Err(Refusal::Invalid(format!("1 to {BATCH_MAX} messages")));
        }
        let mut routes = updates.iter().map(|update| self.route(update));
        let first = routes.next().flatten();
        if first.is_none() || routes.any(|route| route != first) {
            return Err(Refusal::Invalid(
                "messages of one POST need numbers with one callback and app secret".to_owned(),
            ));
        }
        if updates.iter().map(Update::size).sum::<usize>() > BODY_MAX {
            return Err(Refusal::Invalid(format!("more than {BODY_MAX} bytes")));
        }
        self.schedule.add_together(Instant::now(), updates);
        Ok(())
    }

    fn route(&self, update: &Update) -> Option<std::sync::Arc<str>> {
        self.line(&update.number)?.route.clone()
    }

    /// What is to be posted now, and when to ask again.
    pub(crate) fn take_due(&mut self, now: Instant) -> Due {
        let free = self
            .bounds
            .in_flight
            .saturating_sub(self.schedule.in_flight());
        let batch = usize::from(self.faults.batch.clamp(1, BATCH_MAX));
        let numbers = &self.numbers;
        let taken = self.schedule.take(now, free, batch, |update| {
            numbers.get(&*update.number)?.route.clone()
        });
        self.stats.lost += taken.lost;
        let something = taken.lost > 0 || !taken.ready.is_empty();
        let outgoing = taken
            .ready
            .into_iter()
            .filter_map(|ready| self.outgoing(ready))
            .collect();
        let busy = self.schedule.in_flight() >= self.bounds.in_flight;
        let next = if busy { None } else { self.schedule.next_due() };
        Due {
            outgoing,
            next,
            something,
        }
    }

    fn outgoing(&mut self, ready: Ready) -> Option<Outgoing> {
        let mut post = match ready {
            Ready::Again(post) => post,
            Ready::First { id, updates } => {
                for update in &updates {
                    if let Kind::Status(tick) = update.kind {
                        self.chats.advance(&update.message_id, tick);
                    }
                }
                let number = updates.first()?.number.clone();
                let body = Bytes::from(wrap(&updates, |number| self.line(number)));
                Post {
                    id,
                    number,
                    updates: updates.into(),
                    body,
                    attempts: 0,
                }
            }
        };
        post.attempts += 1;
        // Looked up at each attempt: the product may have moved meanwhile.
        let target = self.line(&post.number).and_then(|line| {
            let url = line.number.callback_url.clone()?;
            Some((url, signature(&line.number.app_secret, &post.body)))
        });
        let Some((url, signature)) = target else {
            self.stats.lost += 1;
            self.schedule.release(&post);
            return None;
        };
        Some(Outgoing {
            url,
            signature,
            post,
        })
    }

    /// A POST was answered or failed.
    pub(crate) fn posted(&mut self, post: Post, answered: &Answered, took: Duration, now: Instant) {
        self.schedule.release(&post);
        let (status, error) = match answered {
            Answered::Status(status) => (Some(*status), None),
            Answered::Not(reason) => (None, Some(reason.clone())),
        };
        self.deliveries.push(Delivery {
            at_ms: self.clock.now_ms(),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            phone_number_id: post.number.to_string(),
            attempt: post.attempts,
            status,
            error,
            updates: post.updates.len(),
            kinds: post
                .updates
                .iter()
                .take(NAMED_MAX)
                .map(|update| update.kind.name().to_owned())
                .collect(),
        });
        if status == Some(200) {
            self.stats.delivered += 1;
            for update in post.updates.iter() {
                self.taken_by_product(update);
            }
        } else if post.attempts >= self.retry.attempts {
            self.stats.abandoned += 1;
        } else {
            self.stats.failed_attempts += 1;
            let at = now + self.pause_before_next(&post);
            self.schedule.add_again(at, post);
        }
    }

    fn taken_by_product(&mut self, update: &Update) {
        match update.kind {
            Kind::Message | Kind::Echo => {
                self.chats.advance(&update.message_id, Tick::Delivered);
            }
            Kind::Status(tick) => {
                if let Some(entry) = self.chats.message(&update.message_id) {
                    entry.sent_reported |= tick == Tick::Sent;
                    entry.told = entry.told.max(Some(tick));
                }
            }
            Kind::Change(_) => {}
        }
    }

    /// Twice as long each time, less up to a quarter so that failed calls do not all come back
    /// at the same moment.
    fn pause_before_next(&self, post: &Post) -> Duration {
        let doublings = post.attempts.saturating_sub(1).min(20);
        let pause = self
            .retry
            .first
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(self.retry.longest);
        let mut dice = Dice::new(self.seed, &["pause"], post.id);
        pause.saturating_sub(pause * dice.up_to(25) / 100)
    }

    /// Whether the product took the `sent` status of this message. Also true of a message that
    /// is not known, so that nobody waits for it.
    pub(crate) fn sent_was_reported(&mut self, message_id: &str) -> bool {
        self.chats
            .message(message_id)
            .is_none_or(|entry| entry.sent_reported)
    }
}

/// The next of the moments, `every` apart, at which gathered updates go out.
fn end_of_gathering(started: Instant, at: Instant, every: Duration) -> Instant {
    let past = at.saturating_duration_since(started).as_millis();
    let rounds = past / every.as_millis().max(1) + 1;
    started + every.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
}
