//! The state lane: every write of the engine, in group commits. A shard belongs to one writer,
//! so what happens to a tenant happens in one order on one connection, and its event numbers are
//! given by one counter. Several writers divide the shards between them.
//!
//! | file | asks |
//! |---|---|
//! | `gate` | may they? lease, idempotency key, version, inbox mark |
//! | `children`, `rows`, `history`, `jobs`, `media` | what a conversation's commit writes |
//! | `sends`, `claims`, `statuses`, `delivery` | what becomes of messages on their way out |
//! | `items`, `peers` | inbox rows and identities |
//! | `customers` | what is known of customers, and merges of them |
//! | `supervision` | attempts, verdicts, incidents, the health of channels |
//! | `stream` | event numbers |
//! | `attempt`, `writer`, `split` | one transaction; the loop around it; what cannot be stored |
//!
//! The lane decides nothing about conversations, and never waits for an actor: answers go to
//! whoever asked, events are offered.

mod attempt;
mod children;
mod claims;
mod customers;
mod delivery;
mod gate;
mod history;
mod items;
mod job;
mod jobs;
mod media;
mod notifications;
pub(crate) mod peers;
mod rows;
mod sends;
mod slots;
mod split;
mod statuses;
pub(crate) mod stream;
mod supervision;
mod writer;

pub(crate) use job::{Job, Refusal, Reply, Work};
pub(crate) use writer::Pace;

use crate::engine::connection::Connection;
use crate::engine::gather::{Company, Gather};
use crate::engine::link::Opener;
use papo_domain::ports::{EventSink, StoreError};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use writer::Writer;

/// The way into the lane. The writers end when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Lane {
    writers: Arc<[mpsc::Sender<Job>]>,
}

impl Lane {
    /// Starts `writers` writers.
    pub(crate) fn start(
        opener: &Opener,
        node: &str,
        writers: usize,
        pace: Pace,
        sink: &Arc<dyn EventSink>,
    ) -> Self {
        let start = |_| {
            let (sender, jobs) = mpsc::channel(pace.queue.max(1));
            let writer = Writer {
                connection: Connection::new(opener.clone(), pace.reconnect),
                node: node.to_owned(),
                sink: sink.clone(),
                jobs: Gather::new(jobs, pace.batch, Company::Always(pace.linger)),
                own: sender.downgrade(),
                heads: stream::KnownHeads::default(),
            };
            opener.runtime().spawn(writer.run());
            sender
        };
        Self {
            writers: (0..writers.max(1)).map(start).collect(),
        }
    }

    /// Queues a job with the writer of its shard; answers it at once if there is no room.
    pub(crate) fn submit(&self, job: Job) {
        let place = usize::from(job.lease.shard.0) % self.writers.len();
        let Some(writer) = self.writers.get(place) else {
            return;
        };
        match writer.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => job.fail(&Refusal::Store(StoreError::Busy)),
            Err(TrySendError::Closed(job)) => {
                let why = StoreError::Unavailable("the lane has ended".to_owned());
                job.fail(&Refusal::Store(why));
            }
        }
    }

    /// How many jobs wait, and how many there is room for.
    pub(crate) fn depth(&self) -> (usize, usize) {
        self.writers.iter().fold((0, 0), |(waiting, room), writer| {
            (
                waiting + writer.max_capacity() - writer.capacity(),
                room + writer.max_capacity(),
            )
        })
    }
}

/// Every statement of the lane.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static str> {
    [
        gate::SQL,
        slots::SQL,
        children::SQL,
        rows::SQL,
        history::SQL,
        jobs::SQL,
        media::SQL,
        sends::SQL,
        claims::SQL,
        statuses::SQL,
        delivery::SQL,
        items::SQL,
        supervision::SQL,
        peers::SQL,
        notifications::SQL,
        customers::SQL,
        stream::SQL,
    ]
    .concat()
}
