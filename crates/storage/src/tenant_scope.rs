//! The only way to a connection of role `papo_app`: a transaction in which `app.tenant_id` is
//! set, so that row-level security shows one tenant's rows and no others. Beside it stands the
//! short list of lookups that exist before a tenant is known; they are functions of the database
//! that return no more than they must.

use crate::app::{audit, usage};
use crate::error::DbError;
use crate::pool::Database;
use diesel::sql_types::{Array, Binary, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use papo_domain::ids::{ChannelId, TenantId};
use uuid::Uuid;

/// An async closure over a connection whose future can change threads. Written as
/// `async |conn| { … }`; the trait only carries the `Send` bound that `AsyncFnOnce` cannot.
pub trait ScopedWork<C, R>:
    AsyncFnOnce(C) -> R + FnOnce(C) -> <Self as ScopedWork<C, R>>::Fut
{
    type Fut: Future<Output = R>;
}

impl<F, C, Fut, R> ScopedWork<C, R> for F
where
    F: AsyncFnOnce(C) -> R + FnOnce(C) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

impl Database {
    /// Runs `work` in one transaction inside `tenant`'s scope; commits if it succeeds.
    ///
    /// # Errors
    /// What `work` returned, or why there was no transaction. Nothing is stored then, unless it
    /// is [`DbError::Unknown`].
    pub async fn scoped<T, F>(&self, tenant: TenantId, work: F) -> Result<T, DbError>
    where
        T: Send,
        for<'c> F: AsyncFnOnce(&'c mut AsyncPgConnection) -> Result<T, DbError>
            + ScopedWork<&'c mut AsyncPgConnection, Result<T, DbError>, Fut: Send>
            + Send,
    {
        let mut object = self.connection().await?;
        let conn: &mut AsyncPgConnection = &mut object;
        AnsiTransactionManager::begin_transaction(conn).await?;
        let scope = format!("SET LOCAL app.tenant_id = '{}'", tenant.0);
        let done: Result<T, DbError> = async {
            conn.batch_execute(&scope).await?;
            let before = match self.bound {
                Some(bound) => usage::count(conn, tenant, bound).await?,
                None => 0,
            };
            let value = work(&mut *conn).await?;
            if self.bound.is_none() && self.note.is_none() {
                return Ok(value);
            }
            // The work may have gone on in the scope of what it created.
            conn.batch_execute(&scope).await?;
            if let Some(bound) = self.bound {
                usage::check(conn, tenant, bound, before).await?;
            }
            if let Some(note) = &self.note {
                audit::write(conn, tenant, note).await?;
            }
            Ok(value)
        }
        .await;
        match done {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(conn)
                    .await
                    .map_err(DbError::of_commit)?;
                Ok(value)
            }
            Err(error) => {
                // A rollback that fails leaves a connection that the pool throws away, and tells
                // that the work failed because the connection ended, in whatever words.
                match AnsiTransactionManager::rollback_transaction(conn).await {
                    Ok(()) => Err(error),
                    Err(rollback) => {
                        tracing::warn!(error = %rollback, "rollback failed");
                        Err(DbError::Unavailable(Box::new(error)))
                    }
                }
            }
        }
    }

    /// The tenant of that slug.
    ///
    /// # Errors
    /// The database is away.
    pub async fn find_tenant(&self, slug: &str) -> Result<Option<TenantFound>, DbError> {
        let mut conn = self.connection().await?;
        Ok(
            diesel::sql_query("SELECT tenant_id, name, status FROM find_tenant($1)")
                .bind::<Text, _>(slug)
                .get_result(&mut *conn)
                .await
                .optional()?,
        )
    }

    /// The channels that a webhook's ids name, active or not.
    ///
    /// # Errors
    /// The database is away.
    pub async fn find_channels(
        &self,
        phone_number_ids: &[String],
        waba_ids: &[String],
    ) -> Result<Vec<ChannelFound>, DbError> {
        let mut conn = self.connection().await?;
        Ok(diesel::sql_query("SELECT * FROM find_channels($1, $2)")
            .bind::<Array<Text>, _>(phone_number_ids)
            .bind::<Array<Text>, _>(waba_ids)
            .load(&mut *conn)
            .await?)
    }

    /// The active channel whose verification token has this SHA-256.
    ///
    /// # Errors
    /// The database is away.
    pub async fn find_channel_by_verify_token(
        &self,
        token_hash: &[u8],
    ) -> Result<Option<(TenantId, ChannelId)>, DbError> {
        let mut conn = self.connection().await?;
        let found: Option<ChannelKey> = diesel::sql_query(
            "SELECT tenant_id, channel_id FROM find_channel_by_verify_token($1) LIMIT 1",
        )
        .bind::<Binary, _>(token_hash)
        .get_result(&mut *conn)
        .await
        .optional()?;
        Ok(found.map(|key| (TenantId(key.tenant_id), ChannelId(key.channel_id))))
    }

    /// Whether a query comes back.
    ///
    /// # Errors
    /// The database is away.
    pub async fn ping(&self) -> Result<(), DbError> {
        let mut conn = self.connection().await?;
        conn.batch_execute("SELECT 1").await?;
        Ok(())
    }
}

/// A tenant, before a login.
#[derive(Clone, Debug, QueryableByName)]
pub struct TenantFound {
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// `trial`, `active`, `suspended` or `platform`.
    #[diesel(sql_type = Text)]
    pub status: String,
}

/// A channel, before its webhook is verified.
#[derive(Clone, QueryableByName)]
pub struct ChannelFound {
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: Uuid,
    #[diesel(sql_type = Text)]
    pub driver: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone_number_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub waba_id: Option<String>,
    /// Encrypted; kept out of `Debug` all the same.
    #[diesel(sql_type = Nullable<Binary>)]
    pub app_secret_enc: Option<Vec<u8>>,
    #[diesel(sql_type = Bool)]
    pub is_active: bool,
}

impl std::fmt::Debug for ChannelFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelFound")
            .field("tenant_id", &self.tenant_id)
            .field("channel_id", &self.channel_id)
            .finish_non_exhaustive()
    }
}

#[derive(QueryableByName)]
struct ChannelKey {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    channel_id: Uuid,
}
