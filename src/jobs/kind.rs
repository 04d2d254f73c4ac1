//! What a kind of job has to say of itself.

use futures_util::future::BoxFuture;
use papo_storage::ClaimedJob;
use std::time::Duration;

/// One kind of job. It is done at least once: after a crash, or where its end could not be told,
/// again. What it does must bear that.
pub(crate) trait Kind: Send + Sync + 'static {
    /// As it stands in the table: never another one.
    fn name(&self) -> &'static str;

    /// How long a try may take, and how many there are.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// One try.
    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Ended>;

    /// The last try has failed with `error`: the place to tell those who wait for it. What comes
    /// back instead of [`Ended::Never`] is done, so that a job is not dead before that was told.
    fn give_up<'a>(&'a self, job: &'a ClaimedJob, error: String) -> BoxFuture<'a, Ended> {
        let _ = job;
        Box::pin(async move { Ended::Never { error } })
    }
}

/// What a job is bound by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Tries, at most.
    pub(crate) attempts: u32,
    /// The longest try.
    pub(crate) time: Duration,
    /// The pause after the first try; doubles.
    pub(crate) pause: Duration,
    /// The longest pause.
    pub(crate) pause_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 8,
            time: Duration::from_secs(60),
            pause: Duration::from_secs(2),
            pause_max: Duration::from_secs(600),
        }
    }
}

/// How a try ended. Errors are read by people: no secrets, nobody's words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Done,
    /// It failed; after the usual pause, or this one, again.
    Again {
        error: String,
        after: Option<Duration>,
    },
    /// It could not be tried: that does not count.
    NotNow {
        error: String,
    },
    /// It has to wait for so long: that does not count either.
    Waits {
        error: String,
        after: Duration,
    },
    /// It will never succeed.
    Never {
        error: String,
    },
}
