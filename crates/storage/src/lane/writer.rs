//! The loop of one writer: one connection, one batch at a time. It sorts out who spoils a batch
//! (a refusal, a value that cannot be stored, a lost connection) and answers every job once.

use crate::engine::connection::{Connection, Tries};
use crate::engine::fault::Fault;
use crate::engine::gather::Gather;
use crate::lane::attempt::{Attempt, Outcome, attempt};
use crate::lane::job::{Job, Refusal};
use crate::lane::split::apart;
use crate::lane::stream::KnownHeads;
use papo_domain::ids::{ConversationId, TenantId, UserId};
use papo_domain::ports::EventSink;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How a writer batches and connects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Jobs that may wait in its queue.
    pub(crate) queue: usize,
    /// Most jobs of a transaction.
    pub(crate) batch: usize,
    /// How long a writer waits for company.
    pub(crate) linger: Duration,
    /// Pause after a connection that could not be opened.
    pub(crate) reconnect: Duration,
}

pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) node: String,
    pub(crate) sink: Arc<dyn EventSink>,
    pub(crate) jobs: Gather<Job>,
    /// To itself, for what must follow a job; does not keep the lane open.
    pub(crate) own: mpsc::WeakSender<Job>,
    pub(crate) heads: KnownHeads,
}

impl Writer {
    /// Works until every handle of the lane is gone and the queue is empty.
    pub(crate) async fn run(mut self) {
        while let Some(batch) = self.jobs.next().await {
            metrics::histogram!("papo_lane_batch_jobs")
                .record(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
            Box::pin(self.batch(batch)).await;
        }
    }

    async fn batch(&mut self, jobs: Vec<Job>) {
        let mut groups = VecDeque::from([jobs]);
        while let Some(group) = groups.pop_front() {
            let (now, later) = without_rivals(group);
            if !later.is_empty() {
                groups.push_front(later);
            }
            for part in self.group(now).await.into_iter().rev() {
                groups.push_front(part);
            }
        }
    }

    /// Commits a group, or answers why not. Returns smaller groups to try where one of the jobs,
    /// or one row of a job, cannot be stored.
    async fn group(&mut self, mut jobs: Vec<Job>) -> Vec<Vec<Job>> {
        let mut tries = Tries::default();
        while !jobs.is_empty() {
            let begun = Instant::now();
            let tried = match self.connection.link().await {
                Ok(link) => Box::pin(attempt(link, &self.node, &self.heads, &jobs)).await,
                Err(fault) => Err(fault),
            };
            let fault = match tried {
                Ok(Attempt::Committed(outcome)) => {
                    metrics::histogram!("papo_lane_commit_seconds").record(begun.elapsed());
                    self.finish(jobs, outcome);
                    return Vec::new();
                }
                Ok(Attempt::Refused(refused)) => {
                    let mut rest = Vec::new();
                    for (place, job) in jobs.into_iter().enumerate() {
                        match refused.get(&place) {
                            Some(why) => job.fail(why),
                            None => rest.push(job),
                        }
                    }
                    jobs = rest;
                    continue;
                }
                Err(fault) => fault,
            };
            // What is remembered of the streams holds unless a commit may have happened.
            if matches!(fault, Fault::Unheard(_)) {
                jobs.iter().for_each(|job| self.heads.doubt(job.tenant));
            }
            self.connection.roll_back(&fault).await;
            if tries.again(&fault).await {
                metrics::counter!("papo_lane_retries_total").increment(1);
                continue;
            }
            match fault {
                Fault::Data(_) | Fault::Corrupt(_) if jobs.len() > 1 => return halves(jobs),
                fault => {
                    tracing::warn!(%fault, jobs = jobs.len(), "a batch was not stored");
                    return give_up(jobs, fault);
                }
            }
        }
        Vec::new()
    }

    fn finish(&mut self, jobs: Vec<Job>, outcome: Outcome) {
        for (tenant, head) in outcome.heads {
            let lease = jobs.iter().find(|job| job.tenant == tenant);
            if let Some(job) = lease {
                self.heads.learn(tenant, job.lease.epoch, head);
            }
        }
        // Before the answers, so that whoever has an answer knows that its events were offered.
        for batch in outcome.batches {
            self.sink.offer(batch);
        }
        for tenant in outcome.doorbells {
            self.sink.inbox_ready(tenant);
        }
        for (job, answer) in jobs.into_iter().zip(outcome.answers) {
            if let Some(back) = job.succeed(answer)
                && let Some(own) = self.own.upgrade()
                && own.try_send(back).is_err()
            {
                tracing::warn!("claimed messages without a sender wait to become unknown");
            }
        }
    }
}

/// Parts the jobs that may share a transaction from those that must wait for the next one: a
/// second commit of a conversation, or a second use of a key.
fn without_rivals(jobs: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let mut conversations: HashSet<ConversationId> = HashSet::new();
    let mut keys: HashSet<(TenantId, UserId, String)> = HashSet::new();
    let (mut now, mut later) = (Vec::with_capacity(jobs.len()), Vec::new());
    for job in jobs {
        let alone = job.commit().is_none_or(|commit| {
            let key = commit.idempotency.as_ref();
            let key = key.map(|key| (commit.tenant, key.user, key.key.clone()));
            !conversations.contains(&commit.conversation)
                && key.is_none_or(|key| keys.insert(key))
                && conversations.insert(commit.conversation)
        });
        if alone { &mut now } else { &mut later }.push(job);
    }
    (now, later)
}

/// Answers jobs that cannot be stored, or returns what is to be tried in their place.
fn give_up(jobs: Vec<Job>, fault: Fault) -> Vec<Vec<Job>> {
    let mut parts = Vec::new();
    let rows = matches!(fault, Fault::Data(_) | Fault::Corrupt(_));
    let why = Refusal::from(fault.clone());
    for job in jobs {
        match if rows { apart(job, &fault) } else { Err(job) } {
            Ok(smaller) => parts.extend(smaller.into_iter().map(|job| vec![job])),
            Err(job) => job.fail(&why),
        }
    }
    parts
}

/// Two smaller groups: tenants are parted from each other first, then the jobs of one tenant.
fn halves(mut jobs: Vec<Job>) -> Vec<Vec<Job>> {
    jobs.sort_by_key(|job| job.tenant);
    let middle = jobs.len() / 2;
    let first = jobs.first().map(|job| job.tenant);
    let one_tenant = jobs.iter().all(|job| Some(job.tenant) == first);
    let at_middle = jobs.get(middle).map(|job| job.tenant);
    let cut = if one_tenant {
        middle
    } else if at_middle == first {
        jobs.partition_point(|job| Some(job.tenant) <= first)
    } else {
        jobs.partition_point(|job| Some(job.tenant) < at_middle)
    };
    let rest = jobs.split_off(cut);
    vec![jobs, rest]
}
