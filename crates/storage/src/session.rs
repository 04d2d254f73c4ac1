//! How a connection is opened: address, timeouts and session settings, the same for the pool of
//! the HTTP side and for the engine's own connections. No query is issued here.

use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use thiserror::Error;
use tokio_postgres::config::Config;

/// What every session is bound by.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// To establish a connection.
    pub connect: Duration,
    /// One statement, as the server counts it.
    pub statement: Duration,
    /// Waiting for one lock.
    pub lock: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            statement: Duration::from_secs(10),
            lock: Duration::from_secs(3),
        }
    }
}

/// The address cannot be used. Its text is not shown: it may hold a password.
#[derive(Debug, Error)]
#[error("not a PostgreSQL address")]
pub struct BadAddress(#[source] tokio_postgres::Error);

/// The settings of a session, from a `postgres://` address. `options` are further server
/// settings as `-c name=value` words.
///
/// # Errors
/// The address cannot be parsed.
pub(crate) fn config(
    url: &SecretString,
    name: &str,
    limits: SessionLimits,
    options: &str,
) -> Result<Config, BadAddress> {
    let mut config: Config = url.expose_secret().parse().map_err(BadAddress)?;
    let own = config.get_options().unwrap_or_default().to_owned();
    config
        .application_name(name)
        .connect_timeout(limits.connect)
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(30))
        // A peer that is gone without a word: half of the servers' patience with a slow query.
        .tcp_user_timeout(limits.statement + limits.connect)
        .options(format!(
            "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} \
             -c jit=off -c timezone=UTC {options} {own}",
            limits.statement.as_millis(),
            limits.lock.as_millis(),
            // A process that is frozen inside a transaction holds its leases' rows: whoever takes
            // over waits for this long, so it is short.
            (limits.lock * 2).as_millis(),
        ));
    Ok(config)
}
