//! Connections to Redis: where, how many, how long anything may take. Nothing outside of this
//! crate gets one.

use crate::keys::Keys;
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};
use redis::aio::{PubSubSink, PubSubStream};
use redis::{AsyncConnectionConfig, Client, RedisError};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;
use thiserror::Error;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// Where Redis is and how it is used.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// `redis://[user]:[password]@host:port/[database]`.
    pub url: SecretString,
    /// Keeps installations apart on one server: 1 to 64 lower-case letters, digits, `-`, `_`. The
    /// same on every node of an installation.
    pub prefix: String,
    /// Most connections for calls; one more listens.
    pub connections: usize,
    /// Longest time to connect, to wait for a connection, and for one answer.
    pub timeout: Duration,
}

impl RedisSettings {
    /// Settings for `url`, the rest as an installation with a server of its own wants it.
    #[must_use]
    pub fn new(url: SecretString) -> Self {
        Self {
            url,
            prefix: "main".to_owned(),
            connections: 8,
            timeout: Duration::from_secs(2),
        }
    }
}

/// What is wrong with the settings. Shows nothing of the address, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadRedisSettings {
    #[error("not a Redis address")]
    Address,
    #[error("a Redis prefix is 1 to 64 lower-case letters, digits, - or _")]
    Prefix,
}

/// Why a call did not succeed. For logs: holds no address and no payload.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Connection(#[from] PoolError),
    #[error(transparent)]
    Call(#[from] RedisError),
    #[error("no answer in time")]
    Silent(#[from] Elapsed),
    #[error("the connection has ended")]
    Ended,
}

/// Redis as this process sees it. Cheap to clone; connects when first needed.
#[derive(Clone)]
pub struct RedisPool {
    pool: Pool,
    client: Client,
    keys: Keys,
    timeout: Duration,
}

impl fmt::Debug for RedisPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisPool")
            .field("status", &self.pool.status())
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl RedisPool {
    /// A pool for these settings. Does not connect yet, so Redis may be away.
    ///
    /// # Errors
    /// Address or prefix is unusable.
    pub fn new(settings: &RedisSettings) -> Result<Self, BadRedisSettings> {
        let keys = Keys::new(&settings.prefix).ok_or(BadRedisSettings::Prefix)?;
        let url = settings.url.expose_secret();
        // The error of the parser is dropped: it may quote what it could not read.
        let client = Client::open(url).map_err(|_quotes| BadRedisSettings::Address)?;
        let limit = Some(settings.timeout);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(limit)
            .set_response_timeout(limit);
        let manager =
            Manager::new_with_config(url, config).map_err(|_quotes| BadRedisSettings::Address)?;
        let pool = Pool::builder(manager)
            .max_size(settings.connections.max(1))
            .wait_timeout(limit)
            .create_timeout(limit)
            .recycle_timeout(limit)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_no_runtime| BadRedisSettings::Address)?;
        Ok(Self {
            pool,
            client,
            keys,
            timeout: settings.timeout,
        })
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Longest time for one answer.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) async fn connection(&self) -> Result<Connection, Fault> {
        Ok(self.pool.get().await?)
    }

    /// A connection that listens to `channel` already, outside of the pool: it can do nothing
    /// else.
    pub(super) async fn listen(&self, channel: &str) -> Result<(PubSubSink, PubSubStream), Fault> {
        let connected = timeout(self.timeout, self.client.get_async_pubsub()).await??;
        let (mut asks, hears) = connected.split();
        timeout(self.timeout, asks.subscribe(channel)).await??;
        Ok((asks, hears))
    }
}

#[cfg(test)]
mod tests {
    use super::{BadRedisSettings, RedisPool, RedisSettings};

    fn settings(url: &str) -> RedisSettings {
        RedisSettings::new(url.into())
    }

    #[test]
    fn a_password_is_never_shown() {
        let settings = settings("redis://papo:hunter2@127.0.0.1:1/");
        let pool = RedisPool::new(&settings).unwrap();
        let shown = format!("{settings:?} {pool:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn bad_settings_are_named_without_the_address() {
        for bad in ["", "hunter2", "http://:hunter2@h/", "redis://:hunter2@h:x/"] {
            let refused = RedisPool::new(&settings(bad)).unwrap_err();
            assert_eq!(refused, BadRedisSettings::Address, "{bad}");
        }
        let mut settings = settings("redis://127.0.0.1:1/");
        settings.prefix = "a:b".to_owned();
        let refused = RedisPool::new(&settings).unwrap_err();
        assert_eq!(refused, BadRedisSettings::Prefix);
    }
}
