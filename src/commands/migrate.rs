//! `papo migrate`.

use super::io_runtime;
use crate::cli::Migrate;
use crate::config::{Config, Source};
use anyhow::Context as _;
use papo_storage::migrations;
use papo_storage::setup::{self, Addresses};
use secrecy::ExposeSecret;
use std::process::ExitCode;

/// Makes roles and database if an administrator's address is given, then brings the schema to
/// this version, or takes some of it back.
pub(super) fn run(options: &Migrate, source: &Source) -> anyhow::Result<ExitCode> {
    let config = Config::load_for_migration(source)?;
    crate::telemetry::start(&config.telemetry)?;
    let database = &config.database;
    if let Some(count) = options.down {
        let reverted = migrations::back(&database.owner_url, count)?;
        return Ok(report("reverted", &reverted));
    }
    if !database.admin_url.expose_secret().is_empty() {
        let addresses = Addresses {
            owner: database.owner_url.clone(),
            app: database.app_url.clone(),
            engine: database.engine_url.clone(),
        };
        io_runtime(&config)?
            .block_on(setup::prepare(
                &database.admin_url,
                &addresses,
                options.reset_passwords,
            ))
            .context("roles and database")?;
    }
    let applied = migrations::up(&database.owner_url)?;
    Ok(report("applied", &applied))
}

fn report(done: &str, versions: &[String]) -> ExitCode {
    for version in versions {
        println!("{done} {version}");
    }
    if versions.is_empty() {
        println!("nothing to do");
    }
    ExitCode::SUCCESS
}
