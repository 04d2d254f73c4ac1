//! Passwords: bcrypt, always on a blocking thread. Checking takes the same time whether or not
//! the account exists.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};

/// Fewest characters (AUTH-009).
pub const PASSWORD_MIN: usize = 8;
/// Most characters.
pub const PASSWORD_MAX: usize = 128;
/// bcrypt looks at no more bytes than these.
const BCRYPT_MAX: usize = 72;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    cost: u32,
    /// Hash of nobody's password, for accounts that do not exist.
    dummy: Arc<OnceLock<String>>,
}

impl Passwords {
    /// With bcrypt's `cost`, 4 to 31.
    #[must_use]
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            dummy: Arc::default(),
        }
    }

    /// The hash to store.
    ///
    /// # Errors
    /// The cost is out of range, or the thread pool is gone.
    pub async fn hash(&self, password: SecretString) -> anyhow::Result<SecretString> {
        let cost = self.cost;
        let hash = tokio::task::spawn_blocking(move || bcrypt::hash(input(&password), cost));
        let hash = hash.await.context("hashing a password")??;
        Ok(SecretString::from(hash))
    }

    /// Whether `password` belongs to `hash`; false without one, after the same work.
    ///
    /// # Errors
    /// The stored hash is none, or the thread pool is gone.
    pub async fn matches(
        &self,
        password: SecretString,
        hash: Option<SecretString>,
    ) -> anyhow::Result<bool> {
        let (cost, dummy) = (self.cost, Arc::clone(&self.dummy));
        let check = tokio::task::spawn_blocking(move || {
            let input = input(&password);
            match hash {
                Some(hash) => bcrypt::verify(input, hash.expose_secret()),
                None => {
                    let dummy = match dummy.get() {
                        Some(dummy) => dummy,
                        None => {
                            let made = bcrypt::hash("nobody", cost)?;
                            dummy.get_or_init(|| made)
                        }
                    };
                    bcrypt::verify(input, dummy).map(|_| false)
                }
            }
        });
        Ok(check.await.context("checking a password")??)
    }
}

/// What bcrypt is given: the password, or a digest of it where bcrypt would cut it.
fn input(password: &SecretString) -> Vec<u8> {
    let password = password.expose_secret().as_bytes();
    if password.len() <= BCRYPT_MAX {
        return password.to_vec();
    }
    STANDARD_NO_PAD
        .encode(Sha256::digest(password))
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::Passwords;
    use secrecy::{ExposeSecret, SecretString};

    #[actix_web::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::new(4);
        let hash = passwords.hash("correct horse".into()).await.expect("hash");
        assert!(hash.expose_secret().starts_with("$2"));
        let check = async |password: &str| {
            let password = SecretString::from(password);
            passwords
                .matches(password, Some(hash.clone()))
                .await
                .expect("check")
        };
        assert!(check("correct horse").await);
        assert!(!check("correct horse ").await);
        assert!(!check("").await);
        assert!(
            !passwords
                .matches("nobody".into(), None)
                .await
                .expect("check")
        );
    }

    #[actix_web::test]
    async fn every_character_of_a_long_password_counts() {
        let passwords = Passwords::new(4);
        let long = "a".repeat(127);
        let hash = passwords
            .hash(format!("{long}x").into())
            .await
            .expect("hash");
        let other = passwords
            .matches(format!("{long}y").into(), Some(hash.clone()))
            .await;
        assert!(!other.expect("check"));
        let same = passwords
            .matches(format!("{long}x").into(), Some(hash))
            .await;
        assert!(same.expect("check"));
    }
}
