//! What supervision left behind, for people to look at: incidents, quarantined conversations,
//! dead letters.

use crate::schema::{conversations, engine_incidents};
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use papo_domain::{ConversationId, TenantId, Timestamp};
use uuid::Uuid;

/// Something that supervision did.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = engine_incidents, check_for_backend(diesel::pg::Pg))]
pub struct Incident {
    pub id: i64,
    pub conversation_id: Option<Uuid>,
    pub actor_kind: String,
    /// `restart`, `quarantine`, `resume` or `dead_letter`.
    pub kind: String,
    pub reason: Option<String>,
    pub at: Timestamp,
}

/// An inbox item that was given up. Its words are not shown.
#[derive(Clone, Debug, QueryableByName)]
pub struct DeadLetter {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: Uuid,
    #[diesel(sql_type = Text)]
    pub external_id: String,
    /// `message`, `echo`, `status` or `notice`; `None` if it cannot be read.
    #[diesel(sql_type = Nullable<Text>)]
    pub item: Option<String>,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: Timestamp,
}

impl Database {
    /// Incidents of one kind, or all, newest first; `before` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_incidents(
        &self,
        tenant: TenantId,
        kind: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Incident>, DbError> {
        let mut query = engine_incidents::table
            .filter(engine_incidents::tenant_id.eq(tenant.0))
            .order(engine_incidents::id.desc())
            .limit(limit)
            .select(Incident::as_select())
            .into_boxed();
        if let Some(kind) = kind {
            query = query.filter(engine_incidents::kind.eq(kind));
        }
        if let Some(before) = before {
            query = query.filter(engine_incidents::id.lt(before));
        }
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// Conversations in quarantine, by id; `after` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_quarantined(
        &self,
        tenant: TenantId,
        after: Option<ConversationId>,
        limit: i64,
    ) -> Result<Vec<ConversationId>, DbError> {
        self.scoped(tenant, async |conn| {
            let ids: Vec<Uuid> = conversations::table
                .filter(conversations::tenant_id.eq(tenant.0))
                .filter(conversations::quarantined)
                .filter(conversations::id.gt(after.map(|id| id.0).unwrap_or_default()))
                .order(conversations::id.asc())
                .limit(limit)
                .select(conversations::id)
                .load(conn)
                .await?;
            Ok(ids.into_iter().map(ConversationId).collect())
        })
        .await
    }

    /// Items that were given up, newest first; `before` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_dead_letters(
        &self,
        tenant: TenantId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, DbError> {
        let query = diesel::sql_query(
            "SELECT id, channel_id, external_id, item ->> 'item' AS item, attempts, reason, received_at
             FROM inbox
             WHERE tenant_id = $1 AND state = 'dead' AND id < $2
             ORDER BY id DESC LIMIT $3",
        )
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<BigInt, _>(before.unwrap_or(i64::MAX))
        .bind::<BigInt, _>(limit);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// Puts a dead item back among the pending ones, with its attempts forgotten.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if it is not dead; and others.
    pub async fn revive_dead_letter(&self, tenant: TenantId, id: i64) -> Result<(), DbError> {
        let query = diesel::sql_query(
            "UPDATE inbox SET state = 'pending', attempts = 0, reason = NULL, next_at = NULL
             WHERE tenant_id = $1 AND id = $2 AND state = 'dead'",
        )
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<BigInt, _>(id);
        self.scoped(tenant, async |conn| match query.execute(conn).await? {
            0 => Err(DbError::NotFound),
            _ => Ok(()),
        })
        .await
    }

    /// Throws a dead letter away. Its key stays, so that a late copy has no effect either.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if there is none; and others.
    pub async fn discard_dead_letter(&self, tenant: TenantId, id: i64) -> Result<(), DbError> {
        let query = diesel::sql_query(
            "DELETE FROM inbox WHERE tenant_id = $1 AND id = $2 AND state = 'dead'",
        )
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<BigInt, _>(id);
        self.scoped(tenant, async |conn| match query.execute(conn).await? {
            0 => Err(DbError::NotFound),
            _ => Ok(()),
        })
        .await
    }
}
