//! Access tokens: short-lived, signed with HS256, and only as good as the login behind them.

use crate::error::AuthFault;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use papo_domain::ports::Clock;
use papo_domain::{Role, TenantId, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const ISSUER: &str = "papo";
const AUDIENCE: &str = "papo-api";

/// What a token says. The role is a hint for clients; the login's present role is what counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub sub: UserId,
    /// Home of the user; the nil id for super admins.
    pub tid: TenantId,
    pub role: Role,
    /// The login: its family of refresh tokens.
    pub sid: Uuid,
    pub jti: Uuid,
    /// Seconds since 1970.
    pub iat: i64,
    pub exp: i64,
    pub iss: String,
    pub aud: String,
}

/// Signs and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    ttl: Duration,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens under `secret` that live for `ttl` by `clock`.
    #[must_use]
    pub fn new(secret: &SecretString, ttl: Duration, clock: Arc<dyn Clock>) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Against our clock, and told apart from other faults: see `read`.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            ttl,
            clock,
        }
    }

    /// How long a token lives.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A token for a user's login.
    ///
    /// # Errors
    /// Signing failed; a bug.
    pub fn issue(
        &self,
        user: UserId,
        tenant: TenantId,
        role: Role,
        session: Uuid,
    ) -> Result<SecretString, jsonwebtoken::errors::Error> {
        let iat = self.clock.now().timestamp();
        let ttl = i64::try_from(self.ttl.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            sub: user,
            tid: tenant,
            role,
            sid: session,
            jti: Uuid::new_v4(),
            iat,
            exp: iat.saturating_add(ttl),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
        };
        let text = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?;
        Ok(SecretString::from(text))
    }

    /// What a genuine token says.
    ///
    /// # Errors
    /// [`AuthFault::Expired`] if it was genuine and is too old, else [`AuthFault::Invalid`].
    pub fn read(&self, token: &str) -> Result<Claims, AuthFault> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_any_reason| AuthFault::Invalid)?;
        if data.claims.exp <= self.clock.now().timestamp() {
            return Err(AuthFault::Expired);
        }
        Ok(data.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;
    use crate::error::AuthFault;
    use papo_domain::ports::Clock;
    use papo_domain::{Role, TenantId, Timestamp, UserId};
    use secrecy::{ExposeSecret, SecretString};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;
    use uuid::Uuid;

    struct At(AtomicI64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap_or_default()
        }
    }

    fn tokens(secret: &str, clock: &Arc<At>) -> Tokens {
        let clock = Arc::<At>::clone(clock);
        Tokens::new(&SecretString::from(secret), Duration::from_secs(900), clock)
    }

    fn issue(tokens: &Tokens) -> String {
        let (user, tenant) = (UserId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        let token = tokens.issue(user, tenant, Role::Attendant, Uuid::from_u128(3));
        token.expect("signed").expose_secret().to_owned()
    }

    #[test]
    fn expired_is_told_apart_from_invalid() {
        let clock = Arc::new(At(AtomicI64::new(1_000)));
        let ours = tokens("ours", &clock);
        let token = issue(&ours);
        let claims = ours.read(&token).expect("fresh");
        assert_eq!((claims.iat, claims.exp), (1_000, 1_900));
        assert_eq!(claims.sid, Uuid::from_u128(3));
        clock.0.store(1_899, Ordering::SeqCst);
        assert!(ours.read(&token).is_ok());
        clock.0.store(1_900, Ordering::SeqCst);
        assert_eq!(ours.read(&token), Err(AuthFault::Expired));
        // A forged one is invalid, however old it says it is.
        let forged = issue(&tokens("theirs", &clock));
        assert_eq!(ours.read(&forged), Err(AuthFault::Invalid));
    }

    #[test]
    fn only_our_algorithm_and_our_signature_count() {
        let clock = Arc::new(At(AtomicI64::new(1_000)));
        let ours = tokens("ours", &clock);
        let token = issue(&ours);
        let parts: Vec<&str> = token.split('.').collect();
        // {"alg":"none","typ":"JWT"}
        let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
        let cut = format!("{}.{}.", parts[0], parts[1]);
        for wrong in ["", "x", "a.b.c", &none, &cut, &token[..token.len() - 2]] {
            assert_eq!(ours.read(wrong), Err(AuthFault::Invalid), "{wrong}");
        }
    }
}
