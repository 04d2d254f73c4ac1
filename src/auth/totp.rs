//! Time-based one-time passwords (RFC 6238) as authenticator apps make them: SHA-1, six digits, a
//! new one every 30 seconds. The time comes in; nothing is remembered here.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::RngCore as _;
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

/// Seconds of a step.
const STEP: i64 = 30;
/// Steps that a phone's clock may be wrong by, each way.
const DRIFT: i64 = 1;
/// RFC 4226 recommends 160 bits.
const SECRET: usize = 20;
const DIGITS: usize = 6;

/// What an authenticator app and we share.
#[derive(Clone, Debug)]
pub struct TotpSecret(SecretString);

impl TotpSecret {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; SECRET];
        rand::rng().fill_bytes(&mut bytes);
        Self(SecretString::from(BASE32_NOPAD.encode(&bytes)))
    }

    /// One that was stored as [`Self::text`].
    #[must_use]
    pub fn of(text: SecretString) -> Self {
        Self(text)
    }

    /// In base32, as people type it into their app.
    #[must_use]
    pub fn text(&self) -> &SecretString {
        &self.0
    }

    /// What the app reads from a QR code, for the account of that address.
    #[must_use]
    pub fn url(&self, email: &str) -> SecretString {
        let account: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
        let secret = self.0.expose_secret();
        SecretString::from(format!(
            "otpauth://totp/Papo:{account}?secret={secret}&issuer=Papo\
             &algorithm=SHA1&digits={DIGITS}&period={STEP}"
        ))
    }

    /// The time step that `code` belongs to, if it is one of the present ones. Takes as long for
    /// a wrong code as for a right one. Whoever accepts a code must see to it that no step is
    /// accepted twice.
    #[must_use]
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let key = BASE32_NOPAD
            .decode(self.0.expose_secret().as_bytes())
            .ok()?;
        let step = now.timestamp().div_euclid(STEP);
        let mut found = 0;
        let mut right = Choice::from(0);
        for step in step - DRIFT..=step + DRIFT {
            let same = code_at(&key, step).as_bytes().ct_eq(code.as_bytes());
            found.conditional_assign(&step, same);
            right |= same;
        }
        bool::from(right).then_some(found)
    }
}

/// The code of a step (RFC 4226, 5.3).
fn code_at(key: &[u8], step: i64) -> String {
    // An HMAC takes a key of any length; the empty arm cannot be reached.
    let digest: [u8; 20] = Hmac::<Sha1>::new_from_slice(key).map_or([0; 20], |mut mac| {
        mac.update(&step.to_be_bytes());
        mac.finalize().into_bytes().into()
    });
    let offset = usize::from(digest[19] & 0x0f);
    let four = digest.get(offset..offset + 4);
    let four = four.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    let number = u32::from_be_bytes(four.unwrap_or_default()) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::{TotpSecret, code_at};
    use chrono::DateTime;
    use data_encoding::BASE32_NOPAD;
    use secrecy::{ExposeSecret, SecretString};

    /// The vectors of RFC 6238, appendix B, as six digits.
    #[test]
    fn the_codes_are_the_standard_s() {
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000_i64, "353130"),
        ] {
            assert_eq!(code_at(b"12345678901234567890", time / 30), code, "{time}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_own_step_and_the_next_ones() {
        let key = BASE32_NOPAD.encode(b"12345678901234567890");
        let secret = TotpSecret::of(SecretString::from(key));
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).expect("time");
        for (seconds, step) in [(29, Some(1)), (59, Some(1)), (89, Some(1)), (90, None)] {
            assert_eq!(secret.step_of("287082", at(seconds)), step, "{seconds}");
        }
        for wrong in ["", "28708", "2870820", "287083", "28708a", "۲۸۷۰۸۲"] {
            assert_eq!(secret.step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn the_address_carries_the_secret() {
        let secret = TotpSecret::random();
        let url = secret.url("ana+1@example.com");
        let text = secret.text().expose_secret();
        assert_eq!(text.len(), 32);
        assert_eq!(
            url.expose_secret(),
            format!(
                "otpauth://totp/Papo:ana%2B1%40example.com?secret={text}&issuer=Papo\
                 &algorithm=SHA1&digits=6&period=30"
            )
        );
        assert!(!format!("{secret:?}").contains(text));
    }
}
