//! Rate, latency and CPU of a run. CPU is that of this process and of the cluster's processes,
//! from `/proc`, so it is right on a machine that others use as well.

use crate::Outcome;
use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, Instant};
use tokio_postgres::Client;

/// Time and CPU of a run.
pub(crate) struct Meter {
    begun: Instant,
    own: u64,
    postgres: HashMap<String, u64>,
    pub(crate) latencies: Vec<Duration>,
}

impl Meter {
    pub(crate) async fn start(admin: &Client) -> Outcome<Self> {
        Ok(Self {
            own: ticks_of("self")?,
            postgres: postgres_ticks(admin).await?,
            begun: Instant::now(),
            latencies: Vec::new(),
        })
    }

    /// Waits for `calls`, which are begun now.
    pub(crate) async fn all<C, T, E>(&mut self, calls: impl IntoIterator<Item = C>) -> Outcome<()>
    where
        C: Future<Output = Result<T, E>>,
        E: Error + 'static,
    {
        let begun = Instant::now();
        for outcome in futures_util::future::join_all(calls).await {
            outcome?;
            self.latencies.push(begun.elapsed());
        }
        Ok(())
    }

    /// Rate, CPU by process, median and 99th percentile.
    pub(crate) async fn report(mut self, admin: &Client) -> Outcome<String> {
        let took = self.begun.elapsed().as_secs_f64();
        let own = ticks_of("self")? - self.own;
        let before = |process: &String| self.postgres.get(process).copied().unwrap_or_default();
        let postgres = postgres_ticks(admin).await?;
        let postgres = postgres
            .iter()
            .map(|(process, ticks)| ticks - before(process))
            .sum();
        let count = f64::from(u32::try_from(self.latencies.len())?);
        // A tick is 10 ms on every Linux that we build for.
        let each = |ticks: u64| -> Outcome<f64> {
            Ok(f64::from(u32::try_from(ticks)?) * 10_000.0 / count)
        };
        self.latencies.sort();
        let at = |hundredth: usize| {
            let place = self.latencies.len() * hundredth / 100;
            self.latencies.get(place).map_or(0.0, Duration::as_secs_f64) * 1000.0
        };
        Ok(format!(
            "{:.0} | {:.0} + {:.0} | {:.2} | {:.2}",
            count / took,
            each(own)?,
            each(postgres)?,
            at(50),
            at(99),
        ))
    }
}

/// User and system time of a process so far.
fn ticks_of(process: &str) -> Outcome<u64> {
    let fields = stat(process)?;
    let number = |place: usize| -> Outcome<u64> {
        Ok(fields.get(place).ok_or("a short /proc/*/stat")?.parse()?)
    };
    Ok(number(11)? + number(12)?)
}

/// The fields of `/proc/*/stat` after the name, which may hold anything.
fn stat(process: &str) -> Outcome<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = text.rsplit_once(')').ok_or("a strange /proc/*/stat")?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

/// The same of every process of the cluster that `admin` is connected to.
async fn postgres_ticks(admin: &Client) -> Outcome<HashMap<String, u64>> {
    let row = admin.query_one("SELECT pg_backend_pid()", &[]).await?;
    let backend = stat(&row.try_get::<_, i32>(0)?.to_string())?;
    let postmaster = backend.get(1).ok_or("a backend without a parent")?;
    let mut ticks = HashMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let process = entry?.file_name().to_string_lossy().into_owned();
        // A process may end while it is looked at.
        if process.parse::<u32>().is_ok()
            && stat(&process).is_ok_and(|fields| fields.get(1) == Some(postmaster))
            && let Ok(spent) = ticks_of(&process)
        {
            ticks.insert(process, spent);
        }
    }
    Ok(ticks)
}
