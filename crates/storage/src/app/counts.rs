//! How many conversations go on, by what an inbox shows of them. Read only.

use super::Sight;
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use papo_domain::{TenantId, UserId};
use uuid::Uuid;

/// What goes on in one department, or in none.
#[derive(Clone, Debug, QueryableByName)]
pub struct Counts {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub department_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub department_name: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub bot: i64,
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    #[diesel(sql_type = BigInt)]
    pub human: i64,
    /// The user leads.
    #[diesel(sql_type = BigInt)]
    pub mine: i64,
    /// No user leads.
    #[diesel(sql_type = BigInt)]
    pub unassigned: i64,
    #[diesel(sql_type = BigInt)]
    pub unread: i64,
    #[diesel(sql_type = BigInt)]
    pub mine_unread: i64,
    #[diesel(sql_type = BigInt)]
    pub snoozed: i64,
}

impl Database {
    /// What goes on as far as `sight` goes, by department in their order. `user` is who asks.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn count_conversations(
        &self,
        tenant: TenantId,
        sight: &Sight,
        user: UserId,
    ) -> Result<Vec<Counts>, DbError> {
        let (all, _, departments) = sight.parameters();
        let query = diesel::sql_query(include_str!("sql/conversation_counts.sql"))
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Bool, _>(all)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Array<SqlUuid>, _>(departments);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }
}
