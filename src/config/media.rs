//! `[media]`: where files of messages are kept.

use super::{Faults, secret};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// Settings of the object storage.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub backend: MediaBackend,
    /// For `local`: it is made where it is missing.
    pub folder: PathBuf,
    /// Largest file that is taken from a customer or from a user, in bytes.
    pub max_size: u64,
    /// Longest wait for the object storage, each time that something is asked of it.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
    /// Longest time for fetching a file from the provider, or for handing one in there.
    #[serde(with = "humantime_serde")]
    pub transfer_timeout: Duration,
    /// An uploaded file must have arrived within this time.
    #[serde(with = "humantime_serde")]
    pub upload_timeout: Duration,
    /// What was uploaded and never sent is removed after this time.
    #[serde(with = "humantime_serde")]
    pub unsent_life: Duration,
    /// Empty for Amazon's own.
    pub s3_endpoint: String,
    pub s3_region: String,
    pub s3_bucket: String,
    #[serde(serialize_with = "secret")]
    pub s3_access_key: SecretString,
    #[serde(serialize_with = "secret")]
    pub s3_secret_key: SecretString,
}

/// What kind of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaBackend {
    Local,
    S3,
}

impl Media {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.range("media.max_size", self.max_size, 1024..=1024 * 1024 * 1024);
        faults.positive("media.timeout", self.timeout);
        faults.positive("media.transfer_timeout", self.transfer_timeout);
        // Longer than that no job may take.
        faults.at_most(
            "media.transfer_timeout",
            self.transfer_timeout,
            Duration::from_secs(10 * 60),
        );
        faults.positive("media.upload_timeout", self.upload_timeout);
        faults.range(
            "media.unsent_life",
            self.unsent_life.as_secs(),
            3_600..=30 * 86_400,
        );
        match self.backend {
            MediaBackend::Local => {
                faults.not_empty("media.folder", &self.folder.to_string_lossy());
            }
            MediaBackend::S3 => {
                if !self.s3_endpoint.is_empty() {
                    faults.url("media.s3_endpoint", &self.s3_endpoint);
                }
                faults.not_empty("media.s3_region", &self.s3_region);
                faults.not_empty("media.s3_bucket", &self.s3_bucket);
                for (field, key) in [
                    ("media.s3_access_key", &self.s3_access_key),
                    ("media.s3_secret_key", &self.s3_secret_key),
                ] {
                    if key.expose_secret().is_empty() {
                        faults.add(field, "is missing");
                    }
                }
            }
        }
    }

    pub(crate) fn for_tests() -> Self {
        Self {
            backend: MediaBackend::Local,
            folder: std::env::temp_dir().join("papo-test-media"),
            max_size: 1024 * 1024,
            timeout: Duration::from_secs(5),
            transfer_timeout: Duration::from_secs(5),
            upload_timeout: Duration::from_secs(10),
            unsent_life: Duration::from_secs(86_400),
            s3_endpoint: String::new(),
            s3_region: "us-east-1".to_owned(),
            s3_bucket: String::new(),
            s3_access_key: SecretString::default(),
            s3_secret_key: SecretString::default(),
        }
    }
}
