//! An authenticator app: computes codes as RFC 6238 says, with nothing of the server's.

use super::fields::text;
use anyhow::{Context, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use papo_test_support::api::User;
use serde_json::{Value, json};
use sha1::Sha1;
use std::time::{SystemTime, UNIX_EPOCH};

/// Somebody's phone.
pub(crate) struct Authenticator {
    key: Vec<u8>,
    /// Time step of the first code that was asked for.
    first: u64,
    given: u64,
}

impl Authenticator {
    /// Knows what `/auth/2fa/setup` answered.
    pub(crate) fn scan(answer: &Value) -> Result<Self> {
        let secret = text(answer, "secret")?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        Ok(Self {
            key: data_encoding::BASE32_NOPAD.decode(secret.as_bytes())?,
            first: now.as_secs() / 30,
            given: 0,
        })
    }

    /// The next code; two of them are good from the moment of the scan on, whenever that was
    /// within its half minute.
    pub(crate) fn code(&mut self) -> Result<String> {
        let step = self.first + self.given;
        self.given += 1;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.key)?;
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let last = digest.last().context("an empty digest")?;
        let offset = usize::from(last & 15);
        let four = digest.get(offset..offset + 4).context("no code")?;
        let number = u32::from_be_bytes(four.try_into()?) & 0x7fff_ffff;
        Ok(format!("{:06}", number % 1_000_000))
    }
}

/// Gives a user a second factor; the app, which has one good code left, and the recovery codes.
pub(crate) async fn secure(user: &User) -> Result<(Authenticator, Vec<String>)> {
    let body = json!({ "password": super::PASSWORD });
    let answer = user.post("/api/v1/auth/2fa/setup", body).await?;
    let mut app = Authenticator::scan(&answer.expect(200)?)?;
    let body = json!({ "code": app.code()? });
    let answer = user
        .post("/api/v1/auth/2fa/enable", body)
        .await?
        .expect(200)?;
    let codes = answer.get("recovery_codes").and_then(Value::as_array);
    let codes = codes.context("no recovery codes")?;
    let codes = codes
        .iter()
        .filter_map(|code| code.as_str().map(str::to_owned));
    Ok((app, codes.collect()))
}
