//! Token buckets that need no timer: a bucket is the moment at which it will be full again. The
//! current moment comes from the caller.

use crate::{Timestamp, later};
use chrono::TimeDelta;
use std::time::Duration;

/// One token every so often, and how many may be spent ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    every: Duration,
    burst: u32,
}

impl Rate {
    /// What a number may send to one person: one message in 6 s, of which 45 may be borrowed from
    /// the future and are paid back 6 s each. After 20 at once the debt is gone in 2 minutes.
    pub const PAIR: Self = Self {
        every: Duration::from_secs(6),
        burst: 45,
    };

    /// A number's throughput of `n` messages a second (80 unless Meta raised it). A tenth of a
    /// second's tokens may be spent at once; more would exceed the limit within a second of
    /// full load. Zero counts as one.
    #[must_use]
    pub fn per_second(n: u32) -> Self {
        let n = n.max(1);
        Self::new(Duration::from_secs(1) / n, n / 10)
    }

    /// One token in `every`, of which up to `burst` may be spent at once. Zeros count as the
    /// smallest possible value.
    #[must_use]
    pub fn new(every: Duration, burst: u32) -> Self {
        Self {
            every: every.max(Duration::from_nanos(1)),
            burst: burst.max(1),
        }
    }

    /// How long `tokens` take to come back.
    fn span(&self, tokens: u32) -> TimeDelta {
        self.every
            .checked_mul(tokens)
            .and_then(|span| TimeDelta::from_std(span).ok())
            .unwrap_or(TimeDelta::MAX)
    }
}

/// A token bucket, kept as the moment at which it is full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    rate: Rate,
    /// INVARIANT: only moves forward, so a clock that steps back can only lengthen a wait.
    full_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn full(rate: Rate) -> Self {
        Self {
            rate,
            full_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// Spends one token.
    ///
    /// # Errors
    /// There is none: the moment at which there will be one. Nothing was spent.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        let ready = self.ready_at();
        if now < ready {
            return Err(ready);
        }
        self.full_at = later(self.full_at.max(now), self.rate.span(1));
        Ok(())
    }

    /// How many tokens could be spent now.
    #[must_use]
    pub fn available(&self, now: Timestamp) -> u32 {
        let debt = self.full_at.signed_duration_since(now);
        let Ok(debt) = debt.to_std() else {
            return self.rate.burst;
        };
        let owed = debt.as_nanos().div_ceil(self.rate.every.as_nanos());
        let owed = u32::try_from(owed).unwrap_or(u32::MAX);
        self.rate.burst.saturating_sub(owed)
    }

    /// The earliest moment at which a token can be spent; in the past if one is there.
    #[must_use]
    pub fn ready_at(&self) -> Timestamp {
        let spendable = self.rate.span(self.rate.burst - 1);
        self.full_at
            .checked_sub_signed(spendable)
            .unwrap_or(Timestamp::MIN_UTC)
    }

    /// When nothing is owed any more.
    pub(super) fn full_at(&self) -> Timestamp {
        self.full_at
    }

    /// When it will be full if the last token was not spent after all.
    pub(super) fn full_without_last(&self) -> Timestamp {
        self.full_at
            .checked_sub_signed(self.rate.span(1))
            .unwrap_or(Timestamp::MIN_UTC)
    }
}
