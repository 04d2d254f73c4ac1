//! One transaction over a batch: everything that was asked, or nothing. The order within it is
//! fixed, and is the one in [`attempt`]: first whatever can refuse a job, then what has happened,
//! then what is claimed, and last the stream's numbers.

use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::children::{self, Winner};
use crate::lane::claims::{self, Wanted};
use crate::lane::delivery::Moves;
use crate::lane::gate::{self, Gate, Open};
use crate::lane::job::{Answer, Job, Refusal, Work};
use crate::lane::stream::{KnownHeads, Stream};
use crate::lane::{
    customers, history, jobs, media, notifications, peers, rows, sends, statuses, supervision,
};
use papo_domain::ids::TenantId;
use papo_domain::ports::{Committed, EventBatch};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How an attempt ended that met no fault.
pub(crate) enum Attempt {
    Committed(Outcome),
    /// Rolled back; the rest may go again without these.
    Refused(BTreeMap<usize, Refusal>),
}

/// What a committed batch leads to.
pub(crate) struct Outcome {
    /// One for each job, in order.
    pub(crate) answers: Vec<Answer>,
    pub(crate) heads: BTreeMap<TenantId, u64>,
    pub(crate) batches: Vec<EventBatch>,
    /// Tenants whose inbox has something new.
    pub(crate) doorbells: BTreeSet<TenantId>,
}

/// Runs the batch. On a fault the transaction may still be open, and after [`Fault::Unheard`]
/// nobody knows whether it was committed.
pub(crate) async fn attempt(
    link: &Link,
    node: &str,
    remembered: &KnownHeads,
    jobs: &[Job],
) -> Result<Attempt, Fault> {
    let open = match gate::open(link, node, remembered, jobs).await? {
        Gate::Open(open) => open,
        Gate::Refused(refused) => {
            link.control("ROLLBACK").await?;
            return Ok(Attempt::Refused(refused));
        }
    };
    let mut running = Running {
        link,
        jobs,
        answers: Vec::new(),
        moves: Moves::default(),
        stream: Stream::default(),
        doorbells: BTreeSet::new(),
    };
    running.answers.resize_with(jobs.len(), Answer::default);
    let (winners, firsts) = Box::pin(running.commits(&open)).await?;
    // Nothing else will look at the new rows: they can travel with the events and the COMMIT.
    let alone = winners.len() == jobs.len() && running.moves.is_empty();
    if !alone {
        rows::store(link, &winners).await?;
        running.settle_sends().await?;
        running.apply_statuses().await?;
        running.expire_unknown().await?;
        running.count_attempts().await?;
        running.settle_inbox().await?;
        running.supervision().await?;
        running.change_customers().await?;
        running.resolve_peers().await?;
        running.open_claims().await?;
        running.claim().await?;
    }
    let last = if alone { winners } else { Vec::new() };
    Box::pin(running.finish(open, &last, firsts)).await
}

struct Running<'a> {
    link: &'a Link,
    jobs: &'a [Job],
    answers: Vec<Answer>,
    moves: Moves,
    stream: Stream,
    doorbells: BTreeSet<TenantId>,
}

/// How many items each job has, by its place.
type Shares = Vec<(usize, usize)>;

/// Place of each commit's first event among the drafts.
type Firsts = HashMap<usize, usize>;

impl<'a> Running<'a> {
    /// Items of all jobs of a kind with their tenants, and how many each job has.
    fn gather<T>(
        &self,
        of: impl Fn(&'a Work) -> Option<&'a [T]>,
    ) -> (Vec<(TenantId, &'a T)>, Shares) {
        let mut items = Vec::new();
        let mut shares = Shares::new();
        for (place, job) in self.jobs.iter().enumerate() {
            if let Some(own) = of(&job.work) {
                items.extend(own.iter().map(|item| (job.tenant, item)));
                shares.push((place, own.len()));
            }
        }
        (items, shares)
    }

    /// Gives each job its share of the answers.
    fn share<T>(&mut self, all: Vec<T>, shares: &Shares, answer: impl Fn(Vec<T>) -> Answer) {
        let mut all = all.into_iter();
        for (place, count) in shares {
            let own = all.by_ref().take(*count).collect();
            if let Some(slot) = self.answers.get_mut(*place) {
                *slot = answer(own);
            }
        }
    }

    /// Everything of the commits but their plain rows. Returns those that won.
    async fn commits(&mut self, open: &Open) -> Result<(Vec<Winner<'a>>, Firsts), Fault> {
        let mut winners: Vec<Winner<'a>> = Vec::new();
        let mut firsts = Firsts::new();
        for (place, job) in self.jobs.iter().enumerate() {
            let Some(commit) = job.commit() else { continue };
            let Some(tenant) = open.survivors.get(&commit.conversation) else {
                continue;
            };
            let winner = (*tenant, commit);
            winners.push(winner);
            for draft in rows::drafts(winner).chain(notifications::drafts(winner)) {
                let at = self.stream.push(draft);
                firsts.entry(place).or_insert(at);
            }
        }
        if winners.is_empty() {
            return Ok((winners, firsts));
        }
        let withdrawn = children::withdraw(self.link, &winners, &mut self.moves).await?;
        children::complete_answers(self.link, &winners, &withdrawn).await?;
        history::store(self.link, &winners).await?;
        notifications::store(self.link, &winners).await?;
        jobs::store(self.link, &winners).await?;
        media::store(self.link, &winners).await?;
        for (job, slot) in self.jobs.iter().zip(&mut self.answers) {
            if let Some(commit) = job.commit() {
                let counts = withdrawn
                    .get(&commit.conversation)
                    .copied()
                    .unwrap_or_default();
                *slot = Answer::Committed(Committed {
                    first_event: 0,
                    cancelled: counts.cancelled,
                    on_the_wire: counts.on_the_wire,
                });
            }
        }
        Ok((winners, firsts))
    }

    async fn settle_sends(&mut self) -> Result<(), Fault> {
        let (reports, _) = self.gather(|work| match work {
            Work::SettleSends { reports, .. } => Some(reports),
            _ => None,
        });
        let woken = sends::settle(self.link, &reports, &mut self.moves).await?;
        self.doorbells.extend(woken);
        Ok(())
    }

    async fn apply_statuses(&mut self) -> Result<(), Fault> {
        let (rows, shares) = self.gather(|work| match work {
            Work::ApplyStatuses { rows, .. } => Some(rows),
            _ => None,
        });
        if rows.is_empty() {
            self.share(Vec::new(), &shares, Answer::Statuses);
            return Ok(());
        }
        let (outcomes, woken) = statuses::apply(self.link, &rows, &mut self.moves).await?;
        self.doorbells.extend(woken);
        self.share(outcomes, &shares, Answer::Statuses);
        Ok(())
    }

    async fn expire_unknown(&mut self) -> Result<(), Fault> {
        let tenants: Vec<_> = self
            .jobs
            .iter()
            .filter(|job| matches!(job.work, Work::ExpireUnknown { .. }))
            .map(|job| (job.tenant, job.lease))
            .collect();
        if tenants.is_empty() {
            return Ok(());
        }
        sends::expire(self.link, &tenants, &mut self.moves).await
    }

    async fn count_attempts(&mut self) -> Result<(), Fault> {
        let (ids, shares) = self.gather(|work| match work {
            Work::CountAttempts { ids, .. } => Some(ids),
            _ => None,
        });
        let ids: Vec<(TenantId, i64)> = ids.into_iter().map(|(t, id)| (t, *id)).collect();
        let attempts = supervision::count_attempts(self.link, &ids).await?;
        self.share(attempts, &shares, Answer::Attempts);
        Ok(())
    }

    async fn settle_inbox(&mut self) -> Result<(), Fault> {
        let (verdicts, _) = self.gather(|work| match work {
            Work::SettleInbox { verdicts, .. } => Some(verdicts),
            _ => None,
        });
        supervision::settle_inbox(self.link, &verdicts).await
    }

    /// Incidents and the health of channels.
    async fn supervision(&mut self) -> Result<(), Fault> {
        for job in self.jobs {
            match &job.work {
                Work::RecordIncident { incident, .. } => {
                    supervision::record_incident(self.link, job.tenant, incident).await?;
                }
                Work::SetChannelHealth {
                    channel, health, ..
                } => {
                    let (link, tenant) = (self.link, job.tenant);
                    supervision::set_channel_health(link, tenant, *channel, health).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn change_customers(&mut self) -> Result<(), Fault> {
        for (job, slot) in self.jobs.iter().zip(&mut self.answers) {
            if let Work::ChangeCustomer { change, .. } = &job.work {
                let (link, stream) = (self.link, &mut self.stream);
                let done = customers::change(link, job.tenant, change, stream).await?;
                *slot = Answer::Customer(done);
            }
        }
        Ok(())
    }

    async fn resolve_peers(&mut self) -> Result<(), Fault> {
        let (queries, shares) = self.gather(|work| match work {
            Work::ResolvePeers { queries, .. } => Some(queries),
            _ => None,
        });
        let peers = peers::resolve(self.link, &queries).await?;
        self.share(peers, &shares, Answer::Resolved);
        Ok(())
    }

    async fn open_claims(&mut self) -> Result<(), Fault> {
        for (job, slot) in self.jobs.iter().zip(&mut self.answers) {
            if let Work::OpenClaims { channel, .. } = &job.work {
                let open = claims::open(self.link, job.lease, job.tenant, *channel).await?;
                *slot = Answer::OpenClaims(open);
            }
        }
        Ok(())
    }

    async fn claim(&mut self) -> Result<(), Fault> {
        let mut wanted = Vec::new();
        let mut places = Vec::new();
        for (place, job) in self.jobs.iter().enumerate() {
            if let Work::Claim { channel, limit, .. } = &job.work {
                wanted.push(Wanted {
                    tenant: job.tenant,
                    lease: job.lease,
                    channel: *channel,
                    limit: *limit,
                });
                places.push(place);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let claimed = claims::claim(self.link, &wanted, &mut self.moves).await?;
        for (place, own) in places.into_iter().zip(claimed) {
            if let Some(slot) = self.answers.get_mut(place) {
                *slot = Answer::Claimed(own);
            }
        }
        Ok(())
    }

    /// Numbers the events and commits; `last` are rows that are not stored yet.
    async fn finish(
        mut self,
        open: Open,
        last: &[Winner<'_>],
        firsts: Firsts,
    ) -> Result<Attempt, Fault> {
        self.moves.store(self.link, &mut self.stream).await?;
        let numbered = self.stream.number(open.now, open.heads)?;
        tokio::try_join!(
            biased;
            rows::store(self.link, last),
            numbered.store(self.link),
            self.link.control("COMMIT"),
        )
        .map_err(Fault::while_committing)?;
        for (place, at) in firsts {
            if let (Some(Answer::Committed(done)), Some(number)) =
                (self.answers.get_mut(place), numbered.numbers.get(at))
            {
                done.first_event = *number;
            }
        }
        Ok(Attempt::Committed(Outcome {
            answers: self.answers,
            heads: numbered.heads,
            batches: numbered.batches,
            doorbells: self.doorbells,
        }))
    }
}
