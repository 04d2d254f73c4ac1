//! Links for what a browser fetches by itself, without our headers: `<img>`, `<audio>`, `<video>`.
//! A link is made for one user, names tenant and file, and is good for a few minutes. Whoever has it
//! gets the file, so it is given only to those who may see it, and never kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use hmac::{Hmac, KeyInit as _, Mac as _};
use papo_domain::{MediaId, TenantId, Timestamp, UserId};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

/// How long a link is good.
const LIFE: TimeDelta = TimeDelta::minutes(5);
/// Three ids and a moment.
const CLAIMS: usize = 3 * 16 + 8;
/// What else is signed with the same secret is something else.
const PURPOSE: &[u8] = b"papo media link 1";

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub tenant: TenantId,
    pub user: UserId,
    pub media: MediaId,
}

/// Makes links and reads them.
pub struct Links {
    secret: SecretString,
}

impl Links {
    /// Signed with `secret`.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self { secret }
    }

    /// The token of a link made `now`, and until when it is good.
    #[must_use]
    pub fn token(&self, link: Link, now: Timestamp) -> (String, Timestamp) {
        let until = papo_domain::later(now, LIFE);
        let mut claims = Vec::with_capacity(CLAIMS);
        for id in [link.tenant.0, link.user.0, link.media.0] {
            claims.extend_from_slice(id.as_bytes());
        }
        claims.extend_from_slice(&until.timestamp().to_be_bytes());
        if let Some(signing) = self.signing(&claims) {
            claims.extend_from_slice(&signing.finalize().into_bytes());
        }
        (URL_SAFE_NO_PAD.encode(claims), until)
    }

    /// What the link opens; `None` if it is not ours, or not good any more.
    #[must_use]
    pub fn open(&self, token: &str, now: Timestamp) -> Option<Link> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (claims, signature) = bytes.split_at_checked(CLAIMS)?;
        self.signing(claims)?.verify_slice(signature).ok()?;
        let id = |at: usize| {
            let bytes = claims.get(at * 16..(at + 1) * 16)?;
            Uuid::from_slice(bytes).ok()
        };
        let until = claims.last_chunk::<8>().copied().map(i64::from_be_bytes)?;
        let until = DateTime::from_timestamp(until, 0)?;
        (now < until).then_some(Link {
            tenant: TenantId(id(0)?),
            user: UserId(id(1)?),
            media: MediaId(id(2)?),
        })
    }

    /// An HMAC takes a key of any length: there always is one.
    fn signing(&self, claims: &[u8]) -> Option<Hmac<Sha256>> {
        let key = self.secret.expose_secret().as_bytes();
        let mut signing = Hmac::<Sha256>::new_from_slice(key).ok()?;
        signing.update(PURPOSE);
        signing.update(claims);
        Some(signing)
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, Links};
    use chrono::{DateTime, TimeDelta};
    use papo_domain::{MediaId, TenantId, UserId};
    use uuid::Uuid;

    #[test]
    fn a_link_opens_its_file_for_five_minutes() {
        let links = Links::new("um segredo".into());
        let link = Link {
            tenant: TenantId(Uuid::from_u128(1)),
            user: UserId(Uuid::from_u128(2)),
            media: MediaId(Uuid::from_u128(3)),
        };
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let (token, until) = links.token(link, now);
        assert_eq!(until, now + TimeDelta::minutes(5));
        assert_eq!(links.open(&token, now), Some(link));
        assert_eq!(
            links.open(&token, until - TimeDelta::seconds(1)),
            Some(link)
        );
        assert_eq!(links.open(&token, until), None);
        let others = Links::new("outro segredo".into());
        assert_eq!(others.open(&token, now), None);
        // Any byte that is another one.
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ascii");
            assert_eq!(links.open(&forged, now), None, "{at}");
        }
        for nonsense in ["", "x", &token[..20]] {
            assert_eq!(links.open(nonsense, now), None);
        }
    }
}
