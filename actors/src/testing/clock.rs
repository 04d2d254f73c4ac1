//! Time that a test moves.

use papo_domain::Timestamp;
use papo_domain::ports::Clock;
use std::time::Duration;
use tokio::time::Instant;

/// A fixed moment plus the tokio time that has passed since the clock was made. Under a paused
/// runtime it moves with `tokio::time::advance` and with awaited timers, and only then.
#[derive(Debug)]
pub struct ManualClock {
    base: Timestamp,
    started: Instant,
}

impl ManualClock {
    /// A clock that shows Monday, 5 January 2026, 12:00 UTC: 9 o'clock in São Paulo, so that
    /// usual business hours have begun.
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(Timestamp::UNIX_EPOCH + Duration::from_secs(1_767_614_400))
    }

    /// A clock that shows `base` now.
    #[must_use]
    pub fn starting_at(base: Timestamp) -> Self {
        Self {
            base,
            started: Instant::now(),
        }
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.base + self.started.elapsed()
    }
}
