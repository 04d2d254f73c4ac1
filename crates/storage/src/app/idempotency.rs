//! Keys of requests that a client may repeat. They are written with the state they belong to.

use crate::schema::idempotency_keys;
use crate::{Database, DbError};
use diesel::prelude::{OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use papo_domain::{TenantId, UserId};
use serde_json::Value;

/// A request that succeeded under a key.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierRequest {
    /// Digest of method, path and body.
    pub request: Vec<u8>,
    pub answer: Value,
}

impl Database {
    /// What succeeded under `key` of this user, if anything did.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn find_earlier_request(
        &self,
        tenant: TenantId,
        user: UserId,
        key: &str,
    ) -> Result<Option<EarlierRequest>, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Option<(Vec<u8>, Value)> = idempotency_keys::table
                .find((tenant.0, user.0, key))
                .select((idempotency_keys::request, idempotency_keys::answer))
                .first(conn)
                .await
                .optional()?;
            Ok(row.map(|(request, answer)| EarlierRequest { request, answer }))
        })
        .await
    }
}
