//! Business numbers and who may use them. Secrets live here as `SecretString` and leave only
//! for a comparison or a signature.

use super::rates::Throughput;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A business number and the app that it belongs to. Registering the same `phone_number_id`
/// again replaces it and makes its token valid.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    pub phone_number_id: String,
    pub waba_id: String,
    /// Digits only.
    pub display_phone_number: String,
    /// The business name that customers see.
    pub name: String,
    pub access_token: SecretString,
    /// Signs the webhooks of this number.
    pub app_secret: SecretString,
    pub verify_token: SecretString,
    /// Where webhooks go; without it, updates are lost as they are at Meta.
    #[serde(default)]
    pub callback_url: Option<String>,
    /// Replaces the rule's rate for this number, such as 20 for a coexistence number.
    #[serde(default)]
    pub throughput_per_second: Option<u32>,
}

/// A number as the control API shows it: no secrets.
#[derive(Clone, Debug, Serialize)]
pub struct NumberView {
    pub phone_number_id: String,
    pub waba_id: String,
    pub display_phone_number: String,
    pub name: String,
    pub callback_url: Option<String>,
    pub token: TokenState,
}

/// Whether a number's access token still opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    Valid,
    Revoked,
}

/// Stands for a token in comparisons, so that the time they take tells nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// A registered number with its running state.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: Number,
    pub(crate) token: TokenState,
    pub(crate) throughput: Throughput,
    token_digest: TokenDigest,
    /// Numbers with the same word share webhook calls: one callback, one secret.
    pub(crate) route: Option<Arc<str>>,
}

impl Line {
    pub(crate) fn new(number: Number) -> Self {
        Self {
            token_digest: TokenDigest::of(number.access_token.expose_secret()),
            route: route(&number),
            number,
            token: TokenState::Valid,
            throughput: Throughput::default(),
        }
    }

    pub(crate) fn view(&self) -> NumberView {
        NumberView {
            phone_number_id: self.number.phone_number_id.clone(),
            waba_id: self.number.waba_id.clone(),
            display_phone_number: self.number.display_phone_number.clone(),
            name: self.number.name.clone(),
            callback_url: self.number.callback_url.clone(),
            token: self.token,
        }
    }

    pub(crate) fn set_callback(&mut self, url: Option<String>) {
        self.number.callback_url = url;
        self.route = route(&self.number);
    }

    /// Whether this is the number's token, revoked or not.
    pub(crate) fn knows(&self, token: TokenDigest) -> bool {
        self.token_digest == token
    }
}

fn route(number: &Number) -> Option<Arc<str>> {
    let url = number.callback_url.as_deref()?;
    let secret = Sha256::digest(number.app_secret.expose_secret());
    let secret: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("{secret} {url}").into())
}
