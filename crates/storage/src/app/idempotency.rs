//! Keys of requests that a client may repeat. They are written with the state they belong to.

use crate::schema::idempotency_keys;
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{OptionalExtension, QueryDsl};
use diesel::sql_types::{Binary, Bool, Text, Uuid as SqlUuid};
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

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
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

    /// Whether anything of another request than `request` succeeded under keys of this user that
    /// begin like this.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn is_another_requests(
        &self,
        tenant: TenantId,
        user: UserId,
        keys: &str,
        request: &[u8],
    ) -> Result<bool, DbError> {
        let query = diesel::sql_query(
            "SELECT EXISTS (SELECT FROM idempotency_keys
                            WHERE tenant_id = $1 AND user_id = $2 AND starts_with(key, $3)
                              AND request <> $4) AS found",
        )
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(user.0)
        .bind::<Text, _>(keys)
        .bind::<Binary, _>(request);
        let found: Found = self
            .scoped(tenant, async |conn| Ok(query.get_result(conn).await?))
            .await?;
        Ok(found.found)
    }
}
