//! The handshake with which Meta checks that a callback address is ours (docs/META.md,
//! "Deliveries"). It carries no signature; the verify token is all there is.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// The query of the handshake's GET.
#[derive(Clone, Debug, Deserialize)]
pub struct Subscription {
    #[serde(rename = "hub.mode")]
    pub mode: String,
    #[serde(rename = "hub.verify_token")]
    pub verify_token: SecretString,
    #[serde(rename = "hub.challenge")]
    pub challenge: String,
}

impl Subscription {
    /// The challenge to answer with (200, plain text, as it is), if this is a subscription made
    /// with the token we `expect`; else the answer is 403. An empty token matches nothing.
    #[must_use]
    pub fn answer(&self, expect: &SecretString) -> Option<&str> {
        let expected = expect.expose_secret().as_bytes();
        let given = self.verify_token.expose_secret().as_bytes();
        let same = bool::from(expected.ct_eq(given));
        (self.mode == "subscribe" && same && !expected.is_empty()).then_some(&*self.challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::Subscription;
    use secrecy::SecretString;

    fn answer(mode: &str, given: &str, expected: &str) -> Option<String> {
        let subscription: Subscription = serde_json::from_value(serde_json::json!({
            "hub.mode": mode, "hub.verify_token": given, "hub.challenge": "1158201444",
        }))
        .unwrap();
        let answer = subscription.answer(&SecretString::from(expected));
        answer.map(str::to_owned)
    }

    #[test]
    fn only_a_subscription_with_our_token_gets_its_challenge_back() {
        assert_eq!(
            answer("subscribe", "ours", "ours").as_deref(),
            Some("1158201444")
        );
        assert_eq!(answer("subscribe", "theirs", "ours"), None);
        assert_eq!(answer("subscribe", "our", "ours"), None);
        assert_eq!(answer("unsubscribe", "ours", "ours"), None);
        assert_eq!(answer("subscribe", "", ""), None);
    }
}
