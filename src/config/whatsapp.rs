//! `[whatsapp]`: the Graph API.

use super::Faults;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of the Graph API client.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Whatsapp {
    pub graph_url: String,
    /// `v` and two numbers, such as `v1.0`.
    pub graph_version: String,
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub credentials_ttl: Duration,
}

impl Whatsapp {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.url("whatsapp.graph_url", &self.graph_url);
        faults.positive("whatsapp.connect_timeout", self.connect_timeout);
        faults.positive("whatsapp.timeout", self.timeout);
        faults.positive("whatsapp.credentials_ttl", self.credentials_ttl);
    }

    pub(super) fn for_tests() -> Self {
        Self {
            graph_url: "http://127.0.0.1:9".to_owned(),
            graph_version: "v1.0".to_owned(),
            connect_timeout: Duration::from_secs(2),
            timeout: Duration::from_secs(5),
            credentials_ttl: Duration::from_secs(60),
        }
    }
}
