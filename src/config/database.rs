//! `[database]` and `[redis]`: where state lives. The three roles are apart on purpose: requests
//! and engine must not be able to bypass row-level security, and only migrations own tables.

use super::{Faults, secret};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of PostgreSQL.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Owner of the tables; only migrations use it.
    #[serde(serialize_with = "secret")]
    pub owner_url: SecretString,
    /// Role of HTTP requests.
    #[serde(serialize_with = "secret")]
    pub app_url: SecretString,
    /// Role of the engine.
    #[serde(serialize_with = "secret")]
    pub engine_url: SecretString,
    /// May create roles; empty when they exist.
    #[serde(serialize_with = "secret")]
    pub admin_url: SecretString,
    pub app_pool: usize,
    pub engine_pool: usize,
    #[serde(with = "humantime_serde")]
    pub acquire_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub statement_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub lock_timeout: Duration,
}

impl Database {
    /// Migrations need only this much.
    pub(super) fn validate_owner(&self, faults: &mut Faults) {
        faults.database_url("database.owner_url", &self.owner_url, true);
        faults.database_url("database.admin_url", &self.admin_url, false);
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.database_url("database.owner_url", &self.owner_url, false);
        faults.database_url("database.app_url", &self.app_url, true);
        faults.database_url("database.engine_url", &self.engine_url, true);
        faults.database_url("database.admin_url", &self.admin_url, false);
        faults.range("database.app_pool", self.app_pool, 1..=500);
        faults.range("database.engine_pool", self.engine_pool, 1..=500);
        faults.positive("database.acquire_timeout", self.acquire_timeout);
        faults.positive("database.connect_timeout", self.connect_timeout);
        faults.positive("database.statement_timeout", self.statement_timeout);
        faults.positive("database.lock_timeout", self.lock_timeout);
    }

    pub(super) fn for_tests() -> Self {
        let url = |user: &str| SecretString::from(format!("postgres://{user}@127.0.0.1/papo"));
        Self {
            owner_url: url("papo_owner"),
            app_url: url("papo_app"),
            engine_url: url("papo_engine"),
            admin_url: SecretString::default(),
            app_pool: 4,
            engine_pool: 4,
            acquire_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(2),
        }
    }
}

/// Settings of Redis.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Empty: one node, nothing to share.
    #[serde(serialize_with = "secret")]
    pub url: SecretString,
}

impl Redis {
    /// The address, if there is one.
    #[must_use]
    pub fn url(&self) -> Option<&SecretString> {
        (!self.url.expose_secret().is_empty()).then_some(&self.url)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        let url = self.url.expose_secret();
        if !url.is_empty() && !url.starts_with("redis://") && !url.starts_with("rediss://") {
            faults.add("redis.url", "must begin with redis:// or rediss://");
        }
    }

    pub(super) fn for_tests() -> Self {
        Self {
            url: SecretString::default(),
        }
    }
}
