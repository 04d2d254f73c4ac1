//! Deliveries as WhatsApp makes them, for tests that need them wrong, late or many times. Written
//! from the description of the outside world; the emulator makes the right ones.

use crate::api::Api;
use anyhow::{Context, Result};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const PATH: &str = "/api/v1/webhooks/whatsapp";

/// `sha256=` and the HMAC of the body.
#[must_use]
pub fn signature(app_secret: &str, body: &[u8]) -> String {
    let mut header = String::from("sha256=");
    // HMAC takes keys of every length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) {
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            // Writing to a string cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub status: u16,
    pub retry_after: Option<String>,
    pub text: String,
}

/// Delivers a body with a signature of the caller's choice.
///
/// # Errors
/// There is no answer.
pub async fn deliver(api: &Api, body: Vec<u8>, signature: Option<&str>) -> Result<Receipt> {
    let mut request = api
        .http
        .post(format!("{}{PATH}", api.base))
        .header("Content-Type", "application/json")
        .body(body);
    if let Some(signature) = signature {
        request = request.header("X-Hub-Signature-256", signature);
    }
    let response = request.send().await.context("delivering")?;
    let retry_after = response.headers().get("retry-after");
    Ok(Receipt {
        status: response.status().as_u16(),
        retry_after: retry_after.and_then(|v| v.to_str().ok()).map(str::to_owned),
        text: response.text().await.context("delivering")?,
    })
}

/// Delivers `envelope`, signed with `app_secret`.
///
/// # Errors
/// There is no answer.
pub async fn deliver_signed(api: &Api, app_secret: &str, envelope: &Value) -> Result<Receipt> {
    let body = envelope.to_string().into_bytes();
    let signature = signature(app_secret, &body);
    deliver(api, body, Some(&signature)).await
}

/// A delivery that has all but arrived: its last byte is held back.
#[derive(Debug)]
pub struct Pending {
    stream: TcpStream,
    last: u8,
}

impl Pending {
    /// Sends all but the last byte of a signed delivery.
    ///
    /// # Errors
    /// Nobody takes it.
    pub fn begin(api: &Api, app_secret: &str, envelope: &Value) -> Result<Self> {
        let body = envelope.to_string().into_bytes();
        let (last, rest) = body.split_last().context("an empty body")?;
        let host = api.base.trim_start_matches("http://");
        let signature = signature(app_secret, &body);
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             X-Hub-Signature-256: {signature}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(rest)?;
        Ok(Self {
            stream,
            last: *last,
        })
    }

    /// Sends the last byte.
    ///
    /// # Errors
    /// Nobody takes it.
    pub fn finish(&mut self) -> Result<()> {
        Ok(self.stream.write_all(&[self.last])?)
    }

    /// What was answered before the connection ended; nothing if it broke.
    #[must_use]
    pub fn answer(mut self) -> Vec<u8> {
        let mut answer = Vec::new();
        // A reset is an end like any other.
        let _ = self.stream.read_to_end(&mut answer);
        answer
    }
}

/// A number of a business.
#[derive(Clone, Debug)]
pub struct Line {
    pub phone_number_id: String,
    pub waba_id: String,
    pub display_phone: String,
    pub access_token: String,
    pub app_secret: String,
    pub verify_token: String,
}

impl Line {
    /// One with invented names and secrets that depend on `n` only.
    #[must_use]
    pub fn numbered(n: u32) -> Self {
        Self {
            phone_number_id: format!("1000000000{n:05}"),
            waba_id: format!("2000000000{n:05}"),
            display_phone: format!("5511400{n:05}"),
            access_token: format!("access-token-{n:05}"),
            app_secret: format!("app-secret-{n:05}"),
            verify_token: format!("verify-token-{n:05}"),
        }
    }

    /// An entry with one change of this line.
    #[must_use]
    pub fn entry(&self, field: &str, mut value: Value) -> Value {
        if let Some(value) = value.as_object_mut() {
            value.insert("messaging_product".to_owned(), "whatsapp".into());
            let metadata = json!({
                "display_phone_number": self.display_phone,
                "phone_number_id": self.phone_number_id,
            });
            value.insert("metadata".to_owned(), metadata);
        }
        json!({ "id": self.waba_id, "changes": [{ "field": field, "value": value }] })
    }

    /// A delivery with one text message.
    #[must_use]
    pub fn text(&self, from: &str, wamid: &str, timestamp: i64, text: &str) -> Value {
        let value = json!({
            "contacts": [{ "profile": { "name": "Cliente" }, "wa_id": from }],
            "messages": [{
                "from": from,
                "id": wamid,
                "timestamp": timestamp.to_string(),
                "type": "text",
                "text": { "body": text },
            }],
        });
        envelope(vec![self.entry("messages", value)])
    }

    /// A delivery with one status.
    #[must_use]
    pub fn status(&self, to: &str, wamid: &str, timestamp: i64, status: &str) -> Value {
        let value = json!({
            "statuses": [{
                "id": wamid,
                "status": status,
                "timestamp": timestamp.to_string(),
                "recipient_id": to,
            }],
        });
        envelope(vec![self.entry("messages", value)])
    }
}

/// A whole body.
#[must_use]
pub fn envelope(entries: Vec<Value>) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": entries })
}

#[cfg(test)]
mod tests {
    use super::signature;

    /// RFC 4231, test case 2.
    #[test]
    fn agrees_with_the_published_vector() {
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
