//! `[limits]`, `[telemetry]` and `[features]`.

use super::{Faults, secret};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How much one caller may ask. Webhooks are exempt: all tenants' deliveries share Meta's
/// addresses.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests per address in `window`, of callers that are not logged in.
    pub per_ip: u32,
    /// Requests per user in `user_window`.
    pub per_user: u32,
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    #[serde(with = "humantime_serde")]
    pub user_window: Duration,
    /// Callers remembered.
    pub tracked: usize,
}

impl Limits {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.range("limits.per_ip", self.per_ip, 1..=u32::MAX);
        faults.range("limits.per_user", self.per_user, 1..=u32::MAX);
        faults.range("limits.tracked", self.tracked, 100..=10_000_000);
        faults.positive("limits.window", self.window);
        faults.positive("limits.user_window", self.user_window);
    }

    pub(super) fn for_tests() -> Self {
        Self {
            per_ip: 1_000_000,
            per_user: 1_000_000,
            window: Duration::from_secs(60),
            user_window: Duration::from_secs(3600),
            tracked: 1_000,
        }
    }
}

/// How the server speaks about itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    pub format: LogFormat,
    /// A filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub level: String,
    /// Needed for `GET /metrics`; empty: not needed.
    #[serde(serialize_with = "secret")]
    pub metrics_token: SecretString,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Json,
    Pretty,
}

impl Telemetry {
    pub(super) fn validate(&self, faults: &mut Faults) {
        if tracing_subscriber::EnvFilter::try_new(&self.level).is_err() {
            faults.add(
                "telemetry.level",
                "is not a filter, such as info,papo=debug",
            );
        }
    }

    pub(super) fn for_tests() -> Self {
        Self {
            format: LogFormat::Pretty,
            level: "warn".to_owned(),
            metrics_token: SecretString::default(),
        }
    }
}

/// Parts that can be switched off.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Features {
    pub metrics: bool,
    pub openapi: bool,
}

impl Features {
    pub(super) fn for_tests() -> Self {
        Self {
            metrics: true,
            openapi: true,
        }
    }
}
