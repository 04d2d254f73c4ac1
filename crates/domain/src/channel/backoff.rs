//! Pauses between tries. Numbers only: when a try is due and whether there is one at all is the
//! caller's to say.

use std::time::Duration;

/// Pauses that grow by a factor up to a maximum. Without jitter: whoever waits adds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure.
    pub first: Duration,
    /// What each further failure multiplies it by.
    pub factor: u32,
    /// No pause is longer.
    pub max: Duration,
}

impl Backoff {
    /// After a refusal for the pair rate (131056): 4^X seconds, X = 0, 1, 2 … as the Cloud API
    /// asks for. Ends at 4^5, which is well past the time that a full burst takes to be paid back.
    pub const PAIR: Self = Self {
        first: Duration::from_secs(1),
        factor: 4,
        max: Duration::from_secs(1024),
    };

    /// The pause before the next try, after `earlier` failures besides the one just seen.
    #[must_use]
    pub fn pause(&self, earlier: u32) -> Duration {
        self.factor
            .checked_pow(earlier)
            .and_then(|times| self.first.checked_mul(times))
            .map_or(self.max, |pause| pause.min(self.max))
    }
}
