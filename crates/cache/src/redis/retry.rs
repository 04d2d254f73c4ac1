//! How long to wait before Redis is tried again.

use rand::Rng;
use std::time::Duration;

/// Doubles from `first` to `longest`.
pub(super) struct Retry {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Retry {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            next: first,
        }
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }

    /// It did not: sleeps for half to all of what is due, so that the nodes of an installation do
    /// not come back all at once.
    pub(super) async fn pause(&mut self) {
        let due = self.next.min(self.longest);
        self.next = due.saturating_mul(2);
        let share = rand::rng().random_range(0.5..=1.0);
        tokio::time::sleep(due.mul_f64(share)).await;
    }
}
