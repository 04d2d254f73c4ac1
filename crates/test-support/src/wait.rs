//! Waiting for what must become true, with a deadline as bound. For states that announce
//! themselves (a frame, a call, a line) there are better ways; this one is for the rest.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// Longest wait for anything that must come.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// Looks until `look` finds something; what it says meanwhile is told if it never does.
///
/// # Errors
/// It did not come in time, or looking failed at the end.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let seen = look().await;
        match seen {
            Ok(Some(found)) => return Ok(found),
            Ok(None) if Instant::now() < deadline => {}
            Ok(None) => bail!("{what}: not within {patience:?}"),
            Err(_) if Instant::now() < deadline => {}
            Err(error) => return Err(error.context(format!("{what}: not within {patience:?}"))),
        }
    }
}
