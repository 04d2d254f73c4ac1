//! How a connection is opened: address, timeouts and session settings, the same for the pool of
//! the HTTP side and for the engine's own connections. No query is issued here.

use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use std::time::Duration;
use thiserror::Error;
use tokio_postgres::config::{Config, Host, SslMode};

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
pub enum BadAddress {
    #[error("is not a valid PostgreSQL address")]
    Unreadable(#[source] tokio_postgres::Error),
    #[error(
        "names another machine, and connections are not encrypted: say ?sslmode=disable if it is \
         reached by a private network or an encrypted tunnel"
    )]
    Open,
    #[error("asks for encryption by sslmode, which is not there: use an encrypted tunnel")]
    Encrypted,
}

/// Whether `url` can be used at all. Connects to nothing.
///
/// # Errors
/// See [`BadAddress`].
pub fn check_address(url: &SecretString) -> Result<(), BadAddress> {
    address(url).map(drop)
}

/// Reads an address. Connections are not encrypted; one to another machine must say that this is
/// known, and nobody who asks for encryption goes without.
pub(crate) fn address(url: &SecretString) -> Result<Config, BadAddress> {
    let parsed = url.expose_secret().parse();
    let config: Config = parsed.map_err(BadAddress::Unreadable)?;
    match config.get_ssl_mode() {
        SslMode::Disable => Ok(config),
        SslMode::Prefer if is_local(&config) => Ok(config),
        SslMode::Prefer => Err(BadAddress::Open),
        _ => Err(BadAddress::Encrypted),
    }
}

fn is_local(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    });
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// The settings of a session, from a `postgres://` address. `options` are further server
/// settings as `-c name=value` words.
///
/// # Errors
/// See [`BadAddress`].
pub(crate) fn config(
    url: &SecretString,
    name: &str,
    limits: SessionLimits,
    options: &str,
) -> Result<Config, BadAddress> {
    let mut config = address(url)?;
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

#[cfg(test)]
mod tests {
    use super::{BadAddress, check_address};

    fn refused(url: &str) -> Option<BadAddress> {
        check_address(&url.into()).err()
    }

    #[test]
    fn only_this_machine_s_databases_may_leave_encryption_open() {
        for fine in [
            "postgres://a@127.0.0.1/b",
            "postgres://a@localhost:5433/b?sslmode=prefer",
            "postgres://a@[::1]/b",
            "postgres://a@%2Ftmp%2Fpapo/b",
            "postgres://a@db.example.com/b?sslmode=disable",
        ] {
            assert!(refused(fine).is_none(), "{fine}");
        }
        for open in [
            "postgres://a@db.example.com/b",
            "postgres://a@db.example.com/b?sslmode=prefer",
            "postgres://a@192.0.2.7/b",
            "postgres://a@127.0.0.1,db.example.com/b",
            "postgres://a@localhost/b?hostaddr=192.0.2.7",
        ] {
            assert!(matches!(refused(open), Some(BadAddress::Open)), "{open}");
        }
        for host in ["127.0.0.1", "db.example.com"] {
            let asked = refused(&format!("postgres://a@{host}/b?sslmode=require"));
            assert!(matches!(asked, Some(BadAddress::Encrypted)), "{host}");
        }
    }

    #[test]
    fn a_bad_address_is_not_shown() {
        let bad = refused("postgres://a:secret@h/b?nonsense=1").unwrap();
        assert!(matches!(bad, BadAddress::Unreadable(_)));
        assert!(!format!("{bad:?} {bad}").contains("secret"));
    }
}
