//! Encryption of credentials at rest: AES-256-GCM, bound to the tenant, the owner and the
//! purpose, so that a stored value moved to another row cannot be read there.
//!
//! A sealed value is a version byte, a random nonce of 12 bytes, and the ciphertext with its tag.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use papo_domain::TenantId;
use rand::RngCore as _;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use uuid::Uuid;

const VERSION: u8 = 1;
const NONCE: usize = 12;

/// What a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    AccessToken,
    AppSecret,
    /// Of a user's authenticator.
    TotpSecret,
}

/// A sealed value cannot be read: another key, another place, or damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a stored credential cannot be decrypted")]
pub struct Sealed;

/// Holds the key. There is one per process.
pub struct Vault {
    cipher: Aes256Gcm,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault with `key`.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            cipher: Aes256Gcm::new(&key.into()),
        }
    }

    /// Encrypts `secret` for one place: a channel's, or a user's.
    ///
    /// # Errors
    /// Only for values of many gigabytes.
    pub fn seal(
        &self,
        tenant: TenantId,
        owner: impl Into<Uuid>,
        purpose: Purpose,
        secret: &SecretString,
    ) -> Result<Vec<u8>, Sealed> {
        let mut nonce = [0; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let aad = place(tenant, owner.into(), purpose);
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: &aad,
        };
        let ciphertext = self
            .cipher
            .encrypt(&nonce.into(), payload)
            .map_err(|aes_gcm::Error| Sealed)?;
        Ok([&[VERSION], nonce.as_slice(), &ciphertext].concat())
    }

    /// Decrypts what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// [`Sealed`] if key, place or bytes are others.
    pub fn open(
        &self,
        tenant: TenantId,
        owner: impl Into<Uuid>,
        purpose: Purpose,
        sealed: &[u8],
    ) -> Result<SecretString, Sealed> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(Sealed)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(Sealed)?;
        let aad = place(tenant, owner.into(), purpose);
        let payload = Payload {
            msg: ciphertext,
            aad: &aad,
        };
        let plain = self
            .cipher
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|aes_gcm::Error| Sealed)?;
        let text = String::from_utf8(plain).map_err(|_not_text| Sealed)?;
        Ok(SecretString::from(text))
    }
}

fn place(tenant: TenantId, owner: Uuid, purpose: Purpose) -> Vec<u8> {
    let purpose: &[u8] = match purpose {
        Purpose::AccessToken => b"access_token",
        Purpose::AppSecret => b"app_secret",
        Purpose::TotpSecret => b"totp_secret",
    };
    [tenant.0.as_bytes().as_slice(), owner.as_bytes(), purpose].concat()
}

#[cfg(test)]
mod tests {
    use super::{Purpose, Sealed, Vault};
    use papo_domain::{ChannelId, TenantId};
    use secrecy::{ExposeSecret, SecretString};
    use uuid::Uuid;

    #[test]
    fn opens_only_in_its_own_place() {
        let vault = Vault::new([1; 32]);
        let (tenant, channel) = (TenantId(Uuid::from_u128(1)), ChannelId(Uuid::from_u128(2)));
        let secret = SecretString::from("EAAG-token");
        let sealed = vault
            .seal(tenant, channel, Purpose::AccessToken, &secret)
            .expect("sealed");
        let open = |vault: &Vault, tenant, channel, purpose, bytes: &[u8]| {
            vault
                .open(tenant, channel, purpose, bytes)
                .map(|s| s.expose_secret().to_owned())
        };
        let token = Purpose::AccessToken;
        assert_eq!(
            open(&vault, tenant, channel, token, &sealed).as_deref(),
            Ok("EAAG-token")
        );
        let other = Uuid::from_u128(3);
        assert_eq!(
            open(&vault, TenantId(other), channel, token, &sealed),
            Err(Sealed)
        );
        assert_eq!(
            open(&vault, tenant, ChannelId(other), token, &sealed),
            Err(Sealed)
        );
        assert_eq!(
            open(&vault, tenant, channel, Purpose::AppSecret, &sealed),
            Err(Sealed)
        );
        assert_eq!(
            open(&Vault::new([2; 32]), tenant, channel, token, &sealed),
            Err(Sealed)
        );
        let mut damaged = sealed.clone();
        if let Some(last) = damaged.last_mut() {
            *last ^= 1;
        }
        assert_eq!(open(&vault, tenant, channel, token, &damaged), Err(Sealed));
        assert_eq!(open(&vault, tenant, channel, token, &[1, 2]), Err(Sealed));
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let vault = Vault::new([1; 32]);
        let (tenant, channel) = (TenantId(Uuid::from_u128(1)), ChannelId(Uuid::from_u128(2)));
        let secret = SecretString::from("x");
        let seal = || vault.seal(tenant, channel, Purpose::AppSecret, &secret);
        assert_ne!(seal(), seal());
    }
}
