//! The GET by which Meta asks a callback URL whether it really wants the webhooks.

use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// Longer answers than a challenge are not read.
const ANSWER_MAX: usize = 1_024;

/// What is needed to ask.
#[derive(Debug)]
pub(crate) struct Handshake {
    pub(crate) url: String,
    pub(crate) verify_token: SecretString,
}

/// How the product answered the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Answered with 200 and exactly the challenge.
    pub verified: bool,
    /// `None`: no answer.
    pub status: Option<u16>,
    /// What was wrong, if anything.
    pub reason: Option<String>,
}

pub(crate) async fn shake_hands(http: &Client, handshake: Handshake) -> Verification {
    let challenge = uuid::Uuid::new_v4().simple().to_string();
    let query = [
        ("hub.mode", "subscribe"),
        ("hub.verify_token", handshake.verify_token.expose_secret()),
        ("hub.challenge", &challenge),
    ];
    let failed = |status, reason: String| Verification {
        verified: false,
        status,
        reason: Some(reason),
    };
    let mut answer = match http.get(&handshake.url).query(&query).send().await {
        Ok(answer) => answer,
        Err(error) => return failed(None, error.without_url().to_string()),
    };
    let status = answer.status().as_u16();
    if status != 200 {
        return failed(Some(status), format!("answered {status}, not 200"));
    }
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            break;
        }
    }
    if body == challenge.as_bytes() {
        Verification {
            verified: true,
            status: Some(status),
            reason: None,
        }
    } else {
        failed(Some(status), "the body is not the challenge".to_owned())
    }
}
