//! `[auth]` and `[security]`: tokens, passwords, stored credentials, browser origins.

use super::{Faults, secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The fewest characters of a signing secret: as many as SHA-256 has bytes.
const SECRET_MIN: usize = 32;

/// Settings of logins.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    #[serde(serialize_with = "secret")]
    pub access_secret: SecretString,
    #[serde(serialize_with = "secret")]
    pub refresh_secret: SecretString,
    #[serde(with = "humantime_serde")]
    pub access_ttl: Duration,
    #[serde(with = "humantime_serde")]
    pub refresh_ttl: Duration,
    /// Per address and account.
    pub login_attempts: u32,
    /// Per account, from any address.
    pub account_attempts: u32,
    #[serde(with = "humantime_serde")]
    pub login_window: Duration,
    pub bcrypt_cost: u32,
    #[serde(with = "humantime_serde")]
    pub session_cache: Duration,
}

impl Auth {
    pub(super) fn validate(&self, production: bool, faults: &mut Faults) {
        for (field, value) in [
            ("auth.access_secret", &self.access_secret),
            ("auth.refresh_secret", &self.refresh_secret),
        ] {
            if value.expose_secret().chars().count() < SECRET_MIN {
                faults.add(field, "must have 32 characters or more");
            }
        }
        if self.access_secret.expose_secret() == self.refresh_secret.expose_secret() {
            faults.add("auth.refresh_secret", "must differ from auth.access_secret");
        }
        faults.positive("auth.access_ttl", self.access_ttl);
        if self.refresh_ttl <= self.access_ttl {
            faults.add("auth.refresh_ttl", "must be longer than auth.access_ttl");
        }
        faults.range("auth.login_attempts", self.login_attempts, 1..=1_000);
        faults.range("auth.account_attempts", self.account_attempts, 1..=10_000);
        faults.positive("auth.login_window", self.login_window);
        let lowest = if production { 12 } else { 4 };
        faults.range("auth.bcrypt_cost", self.bcrypt_cost, lowest..=16);
        faults.positive("auth.session_cache", self.session_cache);
    }

    pub(super) fn for_tests() -> Self {
        Self {
            access_secret: SecretString::from("access-secret-of-tests-0123456789abcdef"),
            refresh_secret: SecretString::from("refresh-secret-of-tests-0123456789abcdef"),
            access_ttl: Duration::from_secs(15 * 60),
            refresh_ttl: Duration::from_secs(7 * 24 * 3600),
            login_attempts: 5,
            account_attempts: 20,
            login_window: Duration::from_secs(15 * 60),
            bcrypt_cost: 4,
            session_cache: Duration::from_secs(5),
        }
    }
}

/// Settings of encryption and browsers.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// 32 bytes in base64.
    #[serde(serialize_with = "secret")]
    pub encryption_key: SecretString,
    pub cors_origins: Vec<String>,
}

impl Security {
    /// The key, decoded.
    #[must_use]
    pub fn key(&self) -> Option<[u8; 32]> {
        let bytes = STANDARD.decode(self.encryption_key.expose_secret()).ok()?;
        bytes.try_into().ok()
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        if self.key().is_none() {
            faults.add("security.encryption_key", "must be 32 bytes in base64");
        }
        for (i, origin) in self.cors_origins.iter().enumerate() {
            faults.origin(&format!("security.cors_origins[{i}]"), origin);
        }
    }

    pub(super) fn for_tests() -> Self {
        Self {
            encryption_key: SecretString::from(STANDARD.encode([7; 32])),
            cors_origins: vec!["http://dashboard.example.com".to_owned()],
        }
    }
}
