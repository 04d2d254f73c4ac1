//! Takes jobs from the table and does them, a bounded number at once, on the I/O runtime. Looks
//! when it is rung for, and now and again: what is due later rings nobody.

use super::kind::{Ended, Kind, Limits};
use crate::config::JobQueue;
use futures_util::FutureExt as _;
use papo_domain::TenantId;
use papo_domain::channel::Backoff;
use papo_storage::{ClaimedJob, JobEnd, JobsWanted, PgEngineStore};
use rand::Rng as _;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Nobody believes any longer that a job is being done. No try may take that long.
const LEASE: Duration = Duration::from_secs(30 * 60);
/// When a job that could not be tried is looked at again.
const NOT_NOW: Duration = Duration::from_secs(2);
/// Pauses vary by up to this fraction, so that what failed together does not come back together.
const JITTER: f64 = 0.2;

/// The running queue.
#[derive(Debug)]
pub(crate) struct Queue {
    closing: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Queue {
    /// Starts it on `io`.
    pub(crate) fn start(
        io: &Handle,
        store: PgEngineStore,
        kinds: Vec<Arc<dyn Kind>>,
        settings: JobQueue,
    ) -> Self {
        let (closing, closed) = watch::channel(false);
        let worker = Worker {
            store,
            kinds: kinds.into_iter().map(|kind| (kind.name(), kind)).collect(),
            settings,
            busy: HashMap::new(),
            running: JoinSet::new(),
        };
        Self {
            closing,
            task: io.spawn(worker.run(closed)),
        }
    }

    /// A handle that ends it at once, wherever it is.
    pub(crate) fn abort_handle(&self) -> AbortHandle {
        self.task.abort_handle()
    }

    /// Takes no more, and lets what is being done end within `patience`. What does not is begun
    /// again by whoever holds the shard next.
    pub(crate) async fn end(&mut self, patience: Duration) {
        self.closing.send_replace(true);
        if timeout(patience, &mut self.task).await.is_err() {
            tracing::warn!("jobs were cut off");
            self.task.abort();
        }
    }
}

struct Worker {
    store: PgEngineStore,
    kinds: HashMap<&'static str, Arc<dyn Kind>>,
    settings: JobQueue,
    /// How many jobs of each tenant are being done.
    busy: HashMap<TenantId, usize>,
    running: JoinSet<TenantId>,
}

impl Worker {
    async fn run(mut self, mut closed: watch::Receiver<bool>) {
        let mut ticks = interval(self.settings.poll);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let bell = self.store.jobs_bell();
        loop {
            tokio::select! {
                _ = closed.wait_for(|closed| *closed) => break,
                _ = ticks.tick() => {}
                () = bell.notified() => {}
                Some(ended) = self.running.join_next() => self.ended(ended.ok()),
            }
            while let Some(ended) = self.running.try_join_next() {
                self.ended(ended.ok());
            }
            // One whose answer is lost is taken again when its lease is over.
            if let Err(error) = self.take().await {
                tracing::warn!(%error, "jobs not taken");
            }
        }
        while self.running.join_next().await.is_some() {}
    }

    /// A panic is caught where the job runs, so there is always an answer.
    fn ended(&mut self, tenant: Option<TenantId>) {
        let Some(tenant) = tenant else { return };
        if let Some(count) = self.busy.get_mut(&tenant) {
            *count -= 1;
            if *count == 0 {
                self.busy.remove(&tenant);
            }
        }
    }

    async fn take(&mut self) -> Result<(), papo_domain::ports::StoreError> {
        let limit = self.settings.concurrency.saturating_sub(self.running.len());
        if limit == 0 || self.kinds.is_empty() {
            return Ok(());
        }
        let full = self
            .busy
            .iter()
            .filter(|(_, count)| **count >= self.settings.per_tenant);
        let wanted = JobsWanted {
            kinds: self.kinds.keys().copied().collect(),
            except: full.map(|(tenant, _)| *tenant).collect(),
            limit,
            per_tenant: self.settings.per_tenant,
            lease: LEASE,
        };
        for job in self.store.claim_jobs(&wanted).await? {
            let Some(kind) = self.kinds.get(job.kind.as_str()) else {
                continue;
            };
            *self.busy.entry(job.tenant).or_default() += 1;
            let (kind, store) = (Arc::clone(kind), self.store.clone());
            self.running.spawn(async move {
                work(kind.as_ref(), &store, &job).await;
                job.tenant
            });
        }
        Ok(())
    }
}

async fn work(kind: &dyn Kind, store: &PgEngineStore, job: &ClaimedJob) {
    let limits = kind.limits();
    let ended = attempt(kind, job, limits).await;
    let end = consequence(ended, job.attempt, limits);
    let result = match &end {
        JobEnd::Done => "done",
        JobEnd::Again { .. } => "again",
        JobEnd::Dead { .. } => "dead",
    };
    metrics::counter!("papo_jobs_total", "kind" => kind.name(), "result" => result).increment(1);
    match &end {
        JobEnd::Done => {}
        JobEnd::Again { error, .. } | JobEnd::Dead { error } => tracing::warn!(
            tenant.id = %job.tenant,
            job.kind = job.kind,
            job.id = job.id,
            attempt = job.attempt,
            result,
            error,
            "a job did not succeed"
        ),
    }
    if let Err(error) = store.end_job(job, &end).await {
        // It is done again when its lease is over.
        tracing::warn!(tenant.id = %job.tenant, job.id = job.id, %error, "a job's end is not stored");
    }
}

/// One try, unless there were enough before: a process that dies tells nobody.
async fn attempt(kind: &dyn Kind, job: &ClaimedJob, limits: Limits) -> Ended {
    let time = limits.time.min(LEASE / 2);
    let ended = if job.attempt > limits.attempts {
        let error = "it was interrupted every time".to_owned();
        Ended::Again { error, after: None }
    } else {
        caught(timeout(time, kind.run(job)))
            .await
            .unwrap_or_else(|| {
                let error = format!("it took longer than {} s", time.as_secs_f64());
                Ended::Again { error, after: None }
            })
    };
    match ended {
        Ended::Again { error, .. } if job.attempt >= limits.attempts => {
            let told = caught(timeout(time, kind.give_up(job, error))).await;
            told.unwrap_or(Ended::NotNow {
                error: "nobody could be told that it failed".to_owned(),
            })
        }
        ended => ended,
    }
}

/// How it ended, a panic included; `None` if it took too long.
async fn caught(
    running: impl Future<Output = Result<Ended, tokio::time::error::Elapsed>>,
) -> Option<Ended> {
    match AssertUnwindSafe(running).catch_unwind().await {
        Ok(ended) => ended.ok(),
        Err(_panic) => Some(Ended::Again {
            error: "it panicked".to_owned(),
            after: None,
        }),
    }
}

fn consequence(ended: Ended, attempt: u32, limits: Limits) -> JobEnd {
    match ended {
        Ended::Done => JobEnd::Done,
        Ended::Never { error } => JobEnd::Dead { error },
        Ended::NotNow { error } => JobEnd::Again {
            after: varied(NOT_NOW),
            error,
            counted: false,
        },
        Ended::Waits { error, after } => JobEnd::Again {
            after,
            error,
            counted: false,
        },
        Ended::Again { error, after } => {
            let usual = Backoff {
                first: limits.pause,
                factor: 2,
                max: limits.pause_max,
            };
            let pause = usual.pause(attempt.saturating_sub(1));
            JobEnd::Again {
                after: varied(after.unwrap_or(pause)),
                error,
                counted: true,
            }
        }
    }
}

fn varied(pause: Duration) -> Duration {
    pause.mul_f64(1.0 + rand::rng().random_range(0.0..JITTER))
}

#[cfg(test)]
mod tests {
    use super::{Ended, attempt, consequence};
    use crate::jobs::kind::{Kind, Limits};
    use futures_util::future::BoxFuture;
    use papo_domain::TenantId;
    use papo_storage::{ClaimedJob, JobEnd};
    use serde_json::Value;
    use std::time::Duration;

    fn job(attempt: u32) -> ClaimedJob {
        ClaimedJob {
            tenant: TenantId::PLATFORM,
            id: 1,
            kind: "k".to_owned(),
            key: "a".to_owned(),
            payload: Value::Null,
            attempt,
        }
    }

    struct Stub(fn() -> BoxFuture<'static, Ended>);

    impl Kind for Stub {
        fn name(&self) -> &'static str {
            "stub"
        }

        fn run<'a>(&'a self, _job: &'a ClaimedJob) -> BoxFuture<'a, Ended> {
            (self.0)()
        }
    }

    fn fails() -> BoxFuture<'static, Ended> {
        Box::pin(async {
            Ended::Again {
                error: "away".to_owned(),
                after: None,
            }
        })
    }

    async fn error_of(stub: Stub, attempt_no: u32) -> Ended {
        let limits = Limits {
            time: Duration::from_millis(20),
            ..Limits::default()
        };
        attempt(&stub, &job(attempt_no), limits).await
    }

    #[tokio::test]
    async fn the_last_try_is_the_last() {
        let again = Ended::Again {
            error: "away".to_owned(),
            after: None,
        };
        let never = |error: &str| Ended::Never {
            error: error.to_owned(),
        };
        assert_eq!(error_of(Stub(fails), 7).await, again);
        assert_eq!(error_of(Stub(fails), 8).await, never("away"));
        // It is not even begun where every try before ended with the process.
        let panics = Stub(|| panic!("begun"));
        assert_eq!(
            error_of(panics, 9).await,
            never("it was interrupted every time")
        );
    }

    #[tokio::test]
    async fn neither_a_panic_nor_a_standstill_ends_the_queue() {
        let panics = Stub(|| Box::pin(async { panic!("oops") }));
        let stands = Stub(|| Box::pin(std::future::pending()));
        for (stub, expected) in [
            (panics, "it panicked"),
            (stands, "it took longer than 0.02 s"),
        ] {
            match error_of(stub, 1).await {
                Ended::Again { error, .. } => assert_eq!(error, expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let pause = |attempt| {
            let ended = Ended::Again {
                error: String::new(),
                after: None,
            };
            match consequence(ended, attempt, Limits::default()) {
                JobEnd::Again { after, counted, .. } => {
                    assert!(counted);
                    after
                }
                other => panic!("{other:?}"),
            }
        };
        let around = |seconds: f64| {
            Duration::from_secs_f64(seconds)..=Duration::from_secs_f64(seconds * 1.2)
        };
        assert!(around(2.0).contains(&pause(1)));
        assert!(around(4.0).contains(&pause(2)));
        assert!(around(600.0).contains(&pause(40)));
    }
}
