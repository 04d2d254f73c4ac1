//! Recovery codes, for who has lost the authenticator. They are random enough (80 bits) that a
//! plain hash of them tells nothing.

use data_encoding::BASE32_NOPAD;
use rand::RngCore as _;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

const CODES: usize = 10;
const RANDOM: usize = 10;
const GROUP: usize = 4;

/// A code on its way to its owner.
#[derive(Clone, Debug)]
pub struct RecoveryCode {
    /// Such as `k7qd-2m5x-a3vb-zy6e`.
    pub text: SecretString,
    /// What is stored.
    pub digest: [u8; 32],
}

impl RecoveryCode {
    /// A presented code. How it is grouped and its case do not matter.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Self {
            text: SecretString::from(text),
            digest: Sha256::digest(plain).into(),
        }
    }
}

/// A new set of codes.
#[must_use]
pub fn recovery_codes() -> Vec<RecoveryCode> {
    (0..CODES)
        .map(|_| {
            let mut random = [0; RANDOM];
            rand::rng().fill_bytes(&mut random);
            let plain: Vec<char> = BASE32_NOPAD
                .encode(&random)
                .to_ascii_lowercase()
                .chars()
                .collect();
            let groups: Vec<String> = plain
                .chunks(GROUP)
                .map(|group| group.iter().collect())
                .collect();
            RecoveryCode::read(&groups.join("-"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{RecoveryCode, recovery_codes};
    use secrecy::ExposeSecret;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let codes = recovery_codes();
        let digests: BTreeSet<_> = codes.iter().map(|code| code.digest).collect();
        assert_eq!(digests.len(), 10);
        for code in &codes {
            let text = code.text.expose_secret();
            assert_eq!(text.len(), 19, "{text}");
            let typed = [
                text.to_uppercase(),
                text.replace('-', " "),
                text.replace('-', ""),
            ];
            for typed in typed {
                assert_eq!(RecoveryCode::read(&typed).digest, code.digest, "{typed}");
            }
        }
        assert!(!digests.contains(&RecoveryCode::read("").digest));
    }
}
