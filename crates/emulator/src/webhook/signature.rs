//! `X-Hub-Signature-256`.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use std::fmt::Write;

/// The header's value: `sha256=` and the HMAC-SHA256 of exactly these bytes in lower-case hex.
pub(crate) fn signature(app_secret: &SecretString, body: &[u8]) -> String {
    let mut header = String::from("sha256=");
    // HMAC takes keys of every length; the error type is shared with ciphers that do not.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()) {
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            // Writing to a String cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::signature;

    /// RFC 4231, test case 2.
    #[test]
    fn agrees_with_the_published_vector() {
        assert_eq!(
            signature(&"Jefe".into(), b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
