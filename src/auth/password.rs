//! Passwords: bcrypt, always on a blocking thread. Checking takes the same time whether or not
//! the account exists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bcrypt::BcryptError;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Semaphore;

/// Fewest characters.
pub const PASSWORD_MIN: usize = 8;
/// Most characters.
pub const PASSWORD_MAX: usize = 128;
/// bcrypt looks at no more bytes than these.
const BCRYPT_MAX: usize = 72;
/// Longest wait for a turn: a flood of logins must not take every core for long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a password was neither hashed nor checked.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Too many wait for their turn.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash is not valid, or the cost is out of range.
    #[error("password hashing failed")]
    Failed(#[from] BcryptError),
    /// The thread ended before its work.
    #[error("password hashing was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    cost: u32,
    /// One at a time for each core.
    turns: Arc<Semaphore>,
    /// Hash of nobody's password, for accounts that do not exist.
    dummy: Arc<OnceLock<String>>,
}

impl Passwords {
    /// With bcrypt's `cost`, 4 to 31.
    #[must_use]
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            turns: Arc::new(Semaphore::new(crate::config::threads(0))),
            dummy: Arc::default(),
        }
    }

    /// The hash to store.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: SecretString) -> Result<SecretString, PasswordError> {
        let cost = self.cost;
        self.work(move || bcrypt::hash(input(&password), cost).map(SecretString::from))
            .await
    }

    /// Whether `password` belongs to `hash`; false without one, after the same work.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn matches(
        &self,
        password: SecretString,
        hash: Option<SecretString>,
    ) -> Result<bool, PasswordError> {
        let (cost, dummy) = (self.cost, Arc::clone(&self.dummy));
        self.work(move || {
            let input = input(&password);
            if let Some(hash) = hash {
                return bcrypt::verify(input, hash.expose_secret());
            }
            let dummy = match dummy.get() {
                Some(dummy) => dummy,
                None => {
                    let made = bcrypt::hash("nobody", cost)?;
                    dummy.get_or_init(|| made)
                }
            };
            bcrypt::verify(input, dummy).map(|_| false)
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = match tokio::time::timeout(PATIENCE, turn).await {
            Ok(Ok(turn)) => turn,
            _ => return Err(PasswordError::Busy),
        };
        // The turn goes with the work, which ends even if nobody waits for it any more.
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(work.await.map_err(PasswordError::Interrupted)??)
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
