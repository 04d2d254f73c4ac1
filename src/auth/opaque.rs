//! Opaque tokens: a refresh token, a login that still owes its second factor, a link to set a
//! password. Of no use to whoever reads the database: a token names its tenant and its row and
//! holds 32 random bytes; stored is an HMAC of the whole.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use papo_domain::TenantId;
use rand::RngCore as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

const ID: usize = 16;
const RANDOM: usize = 32;

/// A token on its way to or from its holder.
#[derive(Clone, Debug)]
pub struct OpaqueToken {
    pub tenant: TenantId,
    pub id: Uuid,
    /// What is stored.
    pub digest: [u8; 32],
    /// What the holder keeps.
    pub text: SecretString,
}

/// Makes and reads tokens.
#[derive(Clone, Debug)]
pub struct OpaqueTokens {
    secret: SecretString,
}

impl OpaqueTokens {
    /// Digests are keyed with `secret`: another one ends every login, challenge and link.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self { secret }
    }

    /// A new token with a row of its own.
    #[must_use]
    pub fn mint(&self, tenant: TenantId) -> OpaqueToken {
        self.mint_for(tenant, Uuid::now_v7())
    }

    /// A new token for the row `id`. It is no good any more once that holds another one's digest.
    #[must_use]
    pub fn mint_for(&self, tenant: TenantId, id: Uuid) -> OpaqueToken {
        let mut random = [0; RANDOM];
        rand::rng().fill_bytes(&mut random);
        let bytes = [
            tenant.0.as_bytes().as_slice(),
            id.as_bytes(),
            random.as_slice(),
        ]
        .concat();
        self.token(tenant, id, &bytes)
    }

    /// A presented token; `None` if it cannot be one of ours.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<OpaqueToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tenant, rest) = bytes.split_first_chunk::<ID>()?;
        let (id, random) = rest.split_first_chunk::<ID>()?;
        if random.len() != RANDOM {
            return None;
        }
        let tenant = TenantId(Uuid::from_bytes(*tenant));
        Some(self.token(tenant, Uuid::from_bytes(*id), &bytes))
    }

    fn token(&self, tenant: TenantId, id: Uuid, bytes: &[u8]) -> OpaqueToken {
        OpaqueToken {
            tenant,
            id,
            digest: self.digest(bytes),
            text: SecretString::from(URL_SAFE_NO_PAD.encode(bytes)),
        }
    }

    fn digest(&self, bytes: &[u8]) -> [u8; 32] {
        let key = self.secret.expose_secret().as_bytes();
        // An HMAC takes a key of any length; the empty arm cannot be reached.
        Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
            mac.update(bytes);
            mac.finalize().into_bytes().into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::OpaqueTokens;
    use papo_domain::TenantId;
    use secrecy::{ExposeSecret, SecretString};
    use uuid::Uuid;

    #[test]
    fn a_token_reads_back_and_no_other_has_its_digest() {
        let tokens = OpaqueTokens::new(SecretString::from("one"));
        let tenant = TenantId(Uuid::from_u128(7));
        let token = tokens.mint(tenant);
        let read = tokens.read(token.text.expose_secret()).expect("ours");
        assert_eq!((read.tenant, read.id), (tenant, token.id));
        assert_eq!(read.digest, token.digest);
        assert_ne!(tokens.mint(tenant).digest, token.digest);
        let elsewhere = OpaqueTokens::new(SecretString::from("two"));
        let read = elsewhere.read(token.text.expose_secret()).expect("shape");
        assert_ne!(read.digest, token.digest);
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let tokens = OpaqueTokens::new(SecretString::from("one"));
        let token = tokens.mint(TenantId::PLATFORM);
        let text = token.text.expose_secret();
        for wrong in ["", "x", &text[1..], &format!("{text}AAAA"), "não"] {
            assert!(tokens.read(wrong).is_none(), "{wrong}");
        }
    }
}
