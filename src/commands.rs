//! The commands of the command line, one file each. `server` runs until it is told to stop; the
//! others do one thing and end.

mod accounts;
mod bench_seed;
mod channel;
mod metrics;
mod migrate;
mod replay;
mod search;
mod seed_demo;
mod server;

pub use server::serve;

use crate::boot;
use crate::cli::{Admin, Channel, Command, Metrics, Search, Tenant};
use crate::config::{Config, Source, threads};
use anyhow::Context as _;
use std::io::Write as _;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Does what the command line asks.
///
/// # Errors
/// Whatever stopped it, for a person to read.
pub fn run(command: Command, source: &Source) -> anyhow::Result<ExitCode> {
    match command {
        Command::CheckConfig => check_config(source),
        Command::Openapi => print_document(source),
        Command::Migrate(options) => migrate::run(&options, source),
        Command::Server => serve(load(source)?),
        Command::Admin(Admin::Create(options)) => alone(source, async |config| {
            accounts::admin(&config, options).await
        }),
        Command::Tenant(Tenant::Create(options)) => alone(source, async |config| {
            accounts::tenant(&config, options).await
        }),
        Command::Channel(Channel::Add(options)) => {
            alone(source, async |config| channel::add(&config, options).await)
        }
        Command::SeedDemo(options) => alone(source, async |config| {
            seed_demo::run(&config, options).await
        }),
        Command::Metrics(Metrics::Rebuild(options)) => alone(source, async |config| {
            metrics::rebuild(&config, options).await
        }),
        Command::Replay(options) => {
            alone(source, async |config| replay::run(&config, options).await)
        }
        Command::Search(Search::Rebuild(options)) => alone(source, async |config| {
            search::rebuild(&config, options).await
        }),
        Command::BenchSeed(options) => alone(source, async |config| {
            bench_seed::run(&config, options).await
        }),
    }
}

fn load(source: &Source) -> anyhow::Result<Config> {
    let config = Config::load(source, boot::unusable)?;
    crate::telemetry::start(&config.telemetry)?;
    Ok(config)
}

fn print_document(source: &Source) -> anyhow::Result<ExitCode> {
    let config = Config::load_for_document(source)?;
    let document = crate::openapi::document(&config.server);
    let shown = serde_json::to_string_pretty(&document).context("the document cannot be shown")?;
    writeln!(std::io::stdout(), "{shown}")?;
    Ok(ExitCode::SUCCESS)
}

fn check_config(source: &Source) -> anyhow::Result<ExitCode> {
    let config = Config::load(source, boot::unusable)?;
    let shown = serde_json::to_string_pretty(&config).context("settings cannot be shown")?;
    // A pipe that closes early is no reason to panic.
    writeln!(std::io::stdout(), "{shown}")?;
    Ok(ExitCode::SUCCESS)
}

/// Runs a command that needs no actors.
fn alone(
    source: &Source,
    work: impl AsyncFnOnce(Config) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let config = load(source)?;
    let runtime = io_runtime(&config)?;
    runtime.block_on(work(config))
}

/// The runtime of storage and of calls to providers.
fn io_runtime(config: &Config) -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads(config.server.io_threads))
        .thread_name("io")
        .enable_all()
        .build()
        .context("the I/O runtime cannot be started")
}

/// The database of the HTTP side, for a command.
fn database(config: &Config) -> anyhow::Result<papo_storage::Database> {
    boot::database(config, &tokio::runtime::Handle::current())
}

/// The same with the engine's rights, for what the HTTP side may not do.
fn engine_database(config: &Config) -> anyhow::Result<papo_storage::Database> {
    let settings = papo_storage::PoolSettings {
        size: 2,
        wait: config.database.acquire_timeout,
        limits: boot::session_limits(config),
    };
    let io = tokio::runtime::Handle::current();
    papo_storage::Database::new(&config.database.engine_url, settings, io)
        .context("database.engine_url")
}
