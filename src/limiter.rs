//! Counting what a caller does. Fixed windows, in memory, bounded: one node counts for itself. A
//! shared counter takes this one's place behind [`Limiter`] where several nodes serve.

use crate::recent::Recent;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a counter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Too many; the window ends after this time.
    Exceeded {
        retry_after: Duration,
    },
}

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub most: u32,
    pub window: Duration,
}

/// The future a limiter returns.
pub type Counting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Counts per key.
pub trait Limiter: Send + Sync {
    /// Counts one more, and says whether it is allowed.
    fn count<'a>(&'a self, key: &'a str, allowance: Allowance) -> Counting<'a, Verdict>;
    /// Starts again at zero.
    fn clear<'a>(&'a self, key: &'a str) -> Counting<'a, ()>;
}

#[derive(Debug)]
struct Window {
    ends: Instant,
    count: u32,
}

/// Counters of this process.
#[derive(Debug)]
pub struct MemoryLimiter {
    windows: Mutex<Recent<String, Window>>,
}

impl MemoryLimiter {
    /// Counters for at most `tracked` keys; those unused the longest are forgotten.
    #[must_use]
    pub fn new(tracked: usize) -> Self {
        Self {
            windows: Mutex::new(Recent::new(tracked)),
        }
    }

    fn take(&self, key: &str, allowance: Allowance) -> Verdict {
        let now = Instant::now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.get_mut(key).is_none_or(|window| window.ends <= now) {
            let ends = now + allowance.window;
            windows.insert(key.to_owned(), Window { ends, count: 0 });
        }
        match windows.get_mut(key) {
            Some(window) if window.count >= allowance.most => Verdict::Exceeded {
                retry_after: window.ends - now,
            },
            Some(window) => {
                window.count += 1;
                Verdict::Allowed
            }
            None => Verdict::Allowed,
        }
    }
}

impl Limiter for MemoryLimiter {
    fn count<'a>(&'a self, key: &'a str, allowance: Allowance) -> Counting<'a, Verdict> {
        Box::pin(ready(self.take(key, allowance)))
    }

    fn clear<'a>(&'a self, key: &'a str) -> Counting<'a, ()> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.remove(key);
        Box::pin(ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowance, Limiter, MemoryLimiter, Verdict};
    use std::time::Duration;

    const FIVE: Allowance = Allowance {
        most: 5,
        window: Duration::from_secs(900),
    };

    #[actix_web::test]
    async fn the_sixth_is_too_many_until_it_is_cleared() {
        let limiter = MemoryLimiter::new(10);
        for _ in 0..5 {
            assert_eq!(limiter.count("ana", FIVE).await, Verdict::Allowed);
        }
        assert!(matches!(
            limiter.count("ana", FIVE).await,
            Verdict::Exceeded { retry_after } if retry_after <= FIVE.window
        ));
        assert_eq!(limiter.count("bruno", FIVE).await, Verdict::Allowed);
        limiter.clear("ana").await;
        assert_eq!(limiter.count("ana", FIVE).await, Verdict::Allowed);
    }

    #[actix_web::test]
    async fn a_window_ends() {
        let limiter = MemoryLimiter::new(10);
        let none = Allowance {
            most: 1,
            window: Duration::ZERO,
        };
        for _ in 0..10 {
            assert_eq!(limiter.count("ana", none).await, Verdict::Allowed);
        }
    }

    #[actix_web::test]
    async fn strangers_do_not_fill_the_memory() {
        let limiter = MemoryLimiter::new(100);
        for i in 0..10_000 {
            limiter.count(&format!("10.0.{i}"), FIVE).await;
        }
        let windows = limiter.windows.lock().expect("lock");
        assert!(windows.len() <= 100);
    }
}
