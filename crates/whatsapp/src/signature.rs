//! The proof that a delivery comes from Meta: `X-Hub-Signature-256`, an HMAC-SHA256 keyed with
//! the app secret over the exact bytes of the body. Parsed and written JSON has other bytes, so
//! nothing may touch the body before this.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use thiserror::Error;

const PREFIX: &[u8] = b"sha256=";

/// Why a delivery is not believed. Each of them is answered with 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// There is no `X-Hub-Signature-256`.
    #[error("the signature is missing")]
    Missing,
    /// The header is not `sha256=` and 64 hex digits.
    #[error("the signature is malformed")]
    Malformed,
    /// Signed with another secret, or the body was changed.
    #[error("the signature does not match")]
    Mismatch,
}

/// Checks the signature `header` of `body` in constant time. An empty secret matches nothing,
/// since everybody knows it.
///
/// # Errors
/// What is wrong with the signature.
pub fn verify_signature(
    secret: &SecretString,
    header: Option<&[u8]>,
    body: &[u8],
) -> Result<(), SignatureError> {
    let header = header.ok_or(SignatureError::Missing)?;
    let claimed = decode(header).ok_or(SignatureError::Malformed)?;
    let secret = secret.expose_secret().as_bytes();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return Err(SignatureError::Mismatch);
    };
    mac.update(body);
    match mac.verify_slice(&claimed) {
        Ok(()) if !secret.is_empty() => Ok(()),
        _ => Err(SignatureError::Mismatch),
    }
}

fn decode(header: &[u8]) -> Option<[u8; 32]> {
    let (pairs, []) = header.strip_prefix(PREFIX)?.as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != 32 {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(digest)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{SignatureError, verify_signature};
    use secrecy::SecretString;

    // HMAC-SHA256 of the body below under this key, from RFC 4231 test case 2.
    const SECRET: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    const HEADER: &str = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    fn verify(header: Option<&str>, body: &[u8]) -> Result<(), SignatureError> {
        verify_signature(&SecretString::from(SECRET), header.map(str::as_bytes), body)
    }

    #[test]
    fn the_right_signature_is_accepted_in_either_case() {
        assert_eq!(verify(Some(HEADER), BODY), Ok(()));
        let upper = format!("sha256={}", HEADER[7..].to_uppercase());
        assert_eq!(verify(Some(&upper), BODY), Ok(()));
    }

    #[test]
    fn any_other_body_secret_or_digest_is_a_mismatch() {
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(
            verify(Some(HEADER), b"what do ya want for nothing? "),
            mismatch
        );
        assert_eq!(verify(Some(HEADER), b""), mismatch);
        let other = HEADER.replace("ec3843", "ec3844");
        assert_eq!(verify(Some(&other), BODY), mismatch);
        let secret = SecretString::from("jefe");
        let header = Some(HEADER.as_bytes());
        assert_eq!(verify_signature(&secret, header, BODY), mismatch);
    }

    #[test]
    fn an_empty_secret_verifies_nothing() {
        // HMAC-SHA256 with an empty key over an empty body.
        let header = b"sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        let secret = SecretString::from("");
        let verdict = verify_signature(&secret, Some(header.as_slice()), b"");
        assert_eq!(verdict, Err(SignatureError::Mismatch));
    }

    #[test]
    fn headers_of_another_shape_are_told_apart() {
        assert_eq!(verify(None, BODY), Err(SignatureError::Missing));
        let digest = &HEADER[7..];
        for header in [
            "",
            "sha256=",
            digest,
            &format!("sha1={digest}"),
            &format!("SHA256={digest}"),
            &format!(" sha256={digest}"),
            &format!("sha256={digest}0"),
            &format!("sha256={digest}00"),
            &format!("sha256={}", &digest[1..]),
            &format!("sha256={}", &digest[2..]),
            &format!("sha256={}zz", &digest[2..]),
            &format!("sha256={}é", &digest[2..]),
        ] {
            let verdict = verify(Some(header), BODY);
            assert_eq!(verdict, Err(SignatureError::Malformed), "{header}");
        }
    }
}
