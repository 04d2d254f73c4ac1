//! The time by the database's clock: an offset to this machine's monotonic clock, measured at the
//! start and again every half minute, so that all nodes mean the same by "now" and a jump of a
//! machine's own clock does nothing.

use crate::engine::link::{Link, Opener};
use crate::session::{BadAddress, SessionLimits};
use papo_domain::Timestamp;
use papo_domain::ports::{Clock, StoreError};
use secrecy::SecretString;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::runtime::Handle;

const QUESTION: &str = "SELECT clock_timestamp()";
const EVERY: Duration = Duration::from_secs(30);
/// An answer that took longer says too little about when it was given.
const TOO_SLOW: Duration = Duration::from_millis(250);

/// Why there is no clock yet.
#[derive(Debug, Error)]
pub enum ClockError {
    #[error(transparent)]
    Address(#[from] BadAddress),
    #[error("the database's clock cannot be read")]
    Unavailable(#[source] StoreError),
}

/// The database's clock.
#[derive(Debug)]
pub struct PgClock {
    /// What the database said, and when.
    measured: RwLock<(Instant, Timestamp)>,
    /// The latest answer in microseconds: the clock never goes back.
    latest: AtomicI64,
}

impl PgClock {
    /// Reads the clock once, then keeps it right on `runtime` for as long as somebody holds it.
    ///
    /// # Errors
    /// The address is none, or the database does not answer.
    pub async fn start(
        url: &SecretString,
        limits: SessionLimits,
        runtime: Handle,
    ) -> Result<Arc<Self>, ClockError> {
        let opener = Opener::new(url, limits, runtime.clone())?;
        let first = runtime
            .spawn(async move {
                let link = opener.open().await?;
                let (measured, _) = measure(&link).await?;
                Ok((opener, link, measured))
            })
            .await
            .unwrap_or_else(|died| Err(StoreError::Unavailable(died.to_string())));
        let (opener, link, measured) = first.map_err(ClockError::Unavailable)?;
        let clock = Arc::new(Self {
            measured: RwLock::new(measured),
            latest: AtomicI64::new(measured.1.timestamp_micros()),
        });
        runtime.spawn(keep(Arc::downgrade(&clock), opener, link));
        Ok(clock)
    }

    fn set(&self, measured: (Instant, Timestamp)) {
        *self
            .measured
            .write()
            .unwrap_or_else(PoisonError::into_inner) = measured;
    }
}

impl Clock for PgClock {
    fn now(&self) -> Timestamp {
        let (at, then) = *self.measured.read().unwrap_or_else(PoisonError::into_inner);
        let now = then + at.elapsed();
        let micros = now.timestamp_micros();
        let latest = self.latest.fetch_max(micros, Ordering::AcqRel).max(micros);
        Timestamp::from_timestamp_micros(latest).unwrap_or(now)
    }
}

async fn keep(clock: Weak<PgClock>, opener: Opener, mut link: Link) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let Some(clock) = clock.upgrade() else { return };
        if link.is_closed() {
            match opener.open().await {
                Ok(opened) => link = opened,
                // The monotonic clock goes on; a quartz is off by some milliseconds an hour.
                Err(_away) => continue,
            }
        }
        if let Ok((measured, took)) = measure(&link).await
            && took < TOO_SLOW
        {
            clock.set(measured);
        }
    }
}

/// The database's time at the middle of the question's way there and back.
async fn measure(link: &Link) -> Result<((Instant, Timestamp), Duration), StoreError> {
    let asked = Instant::now();
    let rows = link.query(QUESTION, &[]).await?;
    let took = asked.elapsed();
    let row = rows.first().ok_or(StoreError::NotFound)?;
    let said: Timestamp = row
        .try_get(0)
        .map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok(((asked + took / 2, said), took))
}
