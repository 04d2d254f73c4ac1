//! The schema's history, embedded in the binary and run as `papo_owner`. Diesel's harness blocks
//! its thread, so each run has a plain thread with a runtime of its own and may be started from
//! anywhere. Roles are not made here: see [`crate::roles`].

use crate::session::{BadAddress, check_address};
use diesel::Connection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};
use std::thread;
use thiserror::Error;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Why the schema is not where it should be.
#[derive(Debug, Error)]
pub enum MigrationError {
    #[error("the owner's address {0}")]
    Address(#[from] BadAddress),
    #[error("cannot connect as the owner")]
    Connect(#[source] diesel::ConnectionError),
    #[error("a migration failed: {0}")]
    Failed(String),
    #[error("no thread or runtime for migrations")]
    Runtime(#[source] std::io::Error),
    #[error("the migration thread died")]
    Died,
}

/// Applies what is missing. Returns the versions that were applied.
///
/// # Errors
/// The first migration that failed; those before it stay applied.
pub fn up(owner_url: &SecretString) -> Result<Vec<String>, MigrationError> {
    on_a_thread(owner_url, |conn| {
        conn.run_pending_migrations(MIGRATIONS)
            .map(|done| done.iter().map(ToString::to_string).collect())
    })
}

/// Takes everything back. Returns the versions that were reverted.
///
/// # Errors
/// The first migration that could not be reverted.
pub fn down(owner_url: &SecretString) -> Result<Vec<String>, MigrationError> {
    on_a_thread(owner_url, |conn| {
        conn.revert_all_migrations(MIGRATIONS)
            .map(|done| done.iter().map(ToString::to_string).collect())
    })
}

/// Takes the last `count` migrations back. Returns the versions that were reverted.
///
/// # Errors
/// The first migration that could not be reverted; those after it stay reverted.
pub fn back(owner_url: &SecretString, count: u32) -> Result<Vec<String>, MigrationError> {
    on_a_thread(owner_url, move |conn| {
        let mut reverted = Vec::new();
        for _ in 0..count {
            if conn.applied_migrations()?.is_empty() {
                break;
            }
            reverted.push(conn.revert_last_migration(MIGRATIONS)?.to_string());
        }
        Ok(reverted)
    })
}

/// Whether something is missing.
///
/// # Errors
/// The owner cannot connect.
pub fn pending(owner_url: &SecretString) -> Result<bool, MigrationError> {
    on_a_thread(owner_url, |conn| conn.has_pending_migration(MIGRATIONS))
}

type Wrapped = AsyncConnectionWrapper<AsyncPgConnection>;

fn on_a_thread<T: Send + 'static>(
    owner_url: &SecretString,
    run: impl FnOnce(&mut Wrapped) -> diesel::migration::Result<T> + Send + 'static,
) -> Result<T, MigrationError> {
    check_address(owner_url)?;
    let url = owner_url.clone();
    thread::Builder::new()
        .name("migrations".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .map_err(MigrationError::Runtime)?;
            let _inside = runtime.enter();
            let mut conn =
                Wrapped::establish(url.expose_secret()).map_err(MigrationError::Connect)?;
            run(&mut conn).map_err(|e| MigrationError::Failed(e.to_string()))
        })
        .map_err(MigrationError::Runtime)?
        .join()
        .map_err(|_panic| MigrationError::Died)?
}
