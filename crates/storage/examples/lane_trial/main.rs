//! Measures the state transaction alone: the real lane against a real PostgreSQL, without actors,
//! HTTP or sockets. docs/adr/0003-state-lane.md holds its figures.
//!
//! ```text
//! cargo run --release -p papo-storage --example lane_trial -- postgres://postgres@host:port/postgres [SECONDS [BATCH]]
//! ```
//!
//! The address is a superuser's of a cluster that may be thrown away; the roles and a database
//! `papo_trial` are made there, the latter anew by every run. Each commit is one customer's
//! message: snapshot, message, two events, list row and the mark of its inbox row.

mod meter;
mod runs;
mod tenant;

use papo_storage::{EngineSettings, migrations, roles};
use std::error::Error;
use std::io::Write;
use std::time::Duration;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

const BATCHES: [usize; 5] = [1, 4, 16, 64, 256];
const WORDS: &str = "Olá, preciso de ajuda com o meu pedido, já faz três dias e nada";

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let admin_url = arguments.next().ok_or("the superuser's address, please")?;
    let seconds: u64 = arguments.next().unwrap_or_else(|| "4".to_owned()).parse()?;
    let length = Duration::from_secs(seconds);
    let only: Option<usize> = arguments.next().map(|batch| batch.parse()).transpose()?;
    let base = prepare(&admin_url).await?;
    let admin = connect(&format!("{}/papo_trial", base.as_admin)).await?;
    let engine = format!("{}/papo_trial", base.as_engine);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| writers | batch | msg/s | CPU µs/msg, here + postgres | p50 ms | p99 ms |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for writers in [1, 2] {
        for batch in only.map_or(BATCHES.to_vec(), |batch| vec![batch]) {
            let settings = EngineSettings {
                writers,
                batch,
                linger: Duration::ZERO,
                ..EngineSettings::new(format!("trial-{}", Uuid::new_v4()))
            };
            let line = runs::state_lane(&admin, &engine, &settings, length).await?;
            writeln!(out, "| {writers} | {batch} | {line} |")?;
        }
    }
    writeln!(
        out,
        "| offered/s | linger ms | msg/s | CPU µs/msg, here + postgres | p50 ms | p99 ms |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for rate in [250, 1_000, 2_000] {
        for linger in [0, 1, 2, 4] {
            let settings = EngineSettings {
                linger: Duration::from_millis(linger),
                ..EngineSettings::new(format!("trial-{}", Uuid::new_v4()))
            };
            let line = runs::offered(&admin, &engine, &settings, rate, length).await?;
            writeln!(out, "| {rate} | {linger} | {line} |")?;
        }
    }
    for batch in BATCHES {
        let line = runs::inbox_lane(&admin, &engine, batch, length).await?;
        writeln!(out, "| inbox | {batch} | {line} |")?;
    }
    Ok(())
}

struct Base {
    as_admin: String,
    as_engine: String,
}

async fn prepare(admin_url: &str) -> Outcome<Base> {
    let (as_admin, _) = admin_url
        .rsplit_once('/')
        .ok_or("an address with a database")?;
    let (_, place) = as_admin.rsplit_once('@').ok_or("an address with a user")?;
    let admin = connect(admin_url).await?;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let row = admin.query_one(&format!("SHOW {setting}"), &[]).await?;
        if row.try_get::<_, &str>(0)? != "on" {
            return Err(format!("{setting} is off: the figures would mean nothing").into());
        }
    }
    roles::ensure(&admin, None).await?;
    admin
        .batch_execute("DROP DATABASE IF EXISTS papo_trial WITH (FORCE)")
        .await?;
    roles::ensure_database(&admin, "papo_trial").await?;
    migrations::up(&format!("postgres://{}@{place}/papo_trial", roles::OWNER).into())?;
    Ok(Base {
        as_admin: as_admin.to_owned(),
        as_engine: format!("postgres://{}@{place}", roles::ENGINE),
    })
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
