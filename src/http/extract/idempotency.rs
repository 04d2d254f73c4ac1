//! The client's key for a request that it may repeat.

use crate::auth::CurrentUser;
use crate::engine::IdempotencyKey;
use crate::error::{ApiError, FieldFault};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use uuid::Uuid;

const HEADER: &str = "Idempotency-Key";
const LONGEST: usize = 255;

/// The header `Idempotency-Key`, if there is one: 1 to 255 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey(Option<String>);

impl ClientKey {
    /// The key with what it belongs to.
    #[must_use]
    pub fn of(self, user: &CurrentUser, digest: [u8; 32]) -> Option<IdempotencyKey> {
        self.0.map(|key| IdempotencyKey {
            user: user.id,
            key,
            request: digest,
        })
    }
}

/// How the keys begin that [`key_of_one`] makes of a key. As short as any, whatever the client's is.
#[must_use]
pub fn keys_of_several(key: &IdempotencyKey) -> String {
    let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, key.key.as_bytes());
    format!("bulk:{name}:")
}

/// The key of one of several things that a request is about.
#[must_use]
pub fn key_of_one(key: &IdempotencyKey, one: Uuid) -> IdempotencyKey {
    IdempotencyKey {
        key: format!("{}{one}", keys_of_several(key)),
        ..key.clone()
    }
}

impl FromRequest for ClientKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = req.headers().get(HEADER) else {
            return ready(Ok(Self(None)));
        };
        let key = value.to_str().unwrap_or_default();
        ready(if (1..=LONGEST).contains(&key.len()) {
            Ok(Self(Some(key.to_owned())))
        } else {
            let problem = "must have 1 to 255 printable ASCII characters";
            Err(ApiError::Unreadable(FieldFault::new(HEADER, problem)))
        })
    }
}
