//! Keys of requests that a client may repeat. They are written with the state they belong to.

use crate::schema::idempotency_keys;
use crate::{Database, DbError};
use diesel::prelude::QueryDsl;
use diesel_async::RunQueryDsl;
use papo_domain::{TenantId, UserId};

impl Database {
    /// Whether a request of this user succeeded under `key`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn has_idempotency_key(
        &self,
        tenant: TenantId,
        user: UserId,
        key: &str,
    ) -> Result<bool, DbError> {
        self.scoped(tenant, async |conn| {
            let row = idempotency_keys::table.find((tenant.0, user.0, key));
            Ok(diesel::select(diesel::dsl::exists(row))
                .get_result(conn)
                .await?)
        })
        .await
    }
}
