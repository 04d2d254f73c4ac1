//! Requests for a person: the queue as attendants see it. Read only.

use super::conversations::Sight;
use crate::schema::handoffs;
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use papo_domain::tenant::TenantPolicy;
use papo_domain::{ConversationId, HandoffId, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// A request for a person.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = handoffs, check_for_backend(diesel::pg::Pg))]
pub struct Handoff {
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub department_id: Option<Uuid>,
    pub priority: String,
    /// `pending`, `assigned`, `completed` or `cancelled`.
    pub status: String,
    pub reason: String,
    pub note: Option<String>,
    pub requested_by: String,
    pub requested_by_user_id: Option<Uuid>,
    pub assigned_user_id: Option<Uuid>,
    pub requested_at: Timestamp,
    pub assigned_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub resolution: Option<String>,
    pub customer_satisfaction: Option<i16>,
}

/// Place in the queue's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandoffPosition {
    /// When it counts as having come: see `routing::arrival` in the domain.
    pub arrival: Timestamp,
    pub id: HandoffId,
}

/// One who waits.
#[derive(Clone, Debug, QueryableByName)]
pub struct PendingHandoff {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub conversation_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub department_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub department_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub priority: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = Text)]
    pub requested_by: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub requested_by_user_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    pub requested_at: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    pub waiting_since: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    pub arrival: Timestamp,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub offered_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub offered_name: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub offer_expires_at: Option<Timestamp>,
    /// 1-based, in the queue of its department.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub peer_value: String,
    /// How many the viewer can see in all.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    #[diesel(sql_type = BigInt)]
    pub waiting_seconds: i64,
}

/// Which of those who wait.
#[derive(Clone, Copy, Default)]
struct Which {
    id: Option<HandoffId>,
    offered_to: Option<UserId>,
}

impl Database {
    /// Who waits, in the order of service; `after` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_pending_handoffs(
        &self,
        tenant: TenantId,
        sight: &Sight,
        after: Option<HandoffPosition>,
        limit: i64,
    ) -> Result<Vec<PendingHandoff>, DbError> {
        let all = Which::default();
        self.pending(tenant, sight, all, after, limit).await
    }

    /// How many wait and may be seen. Each of [`Database::list_pending_handoffs`] says it, too.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn count_pending_handoffs(
        &self,
        tenant: TenantId,
        sight: &Sight,
    ) -> Result<i64, DbError> {
        let all = Which::default();
        let mut found = self.pending(tenant, sight, all, None, 1).await?;
        Ok(found.pop().map_or(0, |first| first.total))
    }

    /// What a user is being asked to take, in the order of service. There are few. What they may
    /// not see any more is about to be taken back.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_offers(
        &self,
        tenant: TenantId,
        sight: &Sight,
        user: UserId,
    ) -> Result<Vec<PendingHandoff>, DbError> {
        let which = Which {
            offered_to: Some(user),
            ..Which::default()
        };
        self.pending(tenant, sight, which, None, 1_000).await
    }

    /// Where a request stands in its queue; `None` if it does not wait any more.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn queue_position(
        &self,
        tenant: TenantId,
        id: HandoffId,
    ) -> Result<Option<i64>, DbError> {
        let which = Which {
            id: Some(id),
            ..Which::default()
        };
        let mut found = self.pending(tenant, &Sight::All, which, None, 1).await?;
        Ok(found.pop().map(|handoff| handoff.position))
    }

    /// One request, if its conversation may be seen.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_handoff(
        &self,
        tenant: TenantId,
        sight: &Sight,
        id: HandoffId,
    ) -> Result<Handoff, DbError> {
        let handoff: Handoff = self
            .scoped(tenant, async |conn| {
                Ok(handoffs::table
                    .find((tenant.0, id.0))
                    .select(Handoff::as_select())
                    .first(conn)
                    .await?)
            })
            .await?;
        let conversation = ConversationId(handoff.conversation_id);
        self.find_conversation(tenant, sight, conversation).await?;
        Ok(handoff)
    }

    /// The request that waits in a conversation, if one does. The caller has checked that it may
    /// be seen.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn waiting_handoff(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
    ) -> Result<Option<HandoffId>, DbError> {
        self.scoped(tenant, async |conn| {
            let found: Option<Uuid> = handoffs::table
                .filter(handoffs::tenant_id.eq(tenant.0))
                .filter(handoffs::conversation_id.eq(conversation.0))
                .filter(handoffs::status.eq("pending"))
                .select(handoffs::id)
                .first(conn)
                .await
                .optional()?;
            Ok(found.map(HandoffId))
        })
        .await
    }

    /// The request that `user` took last in a conversation, if they took one. The caller has
    /// checked that it may be seen.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn taken_handoff(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<Option<HandoffId>, DbError> {
        self.scoped(tenant, async |conn| {
            let found: Option<Uuid> = handoffs::table
                .filter(handoffs::tenant_id.eq(tenant.0))
                .filter(handoffs::conversation_id.eq(conversation.0))
                .filter(handoffs::assigned_user_id.eq(user.0))
                .order(handoffs::assigned_at.desc())
                .select(handoffs::id)
                .first(conn)
                .await
                .optional()?;
            Ok(found.map(HandoffId))
        })
        .await
    }

    async fn pending(
        &self,
        tenant: TenantId,
        sight: &Sight,
        which: Which,
        after: Option<HandoffPosition>,
        limit: i64,
    ) -> Result<Vec<PendingHandoff>, DbError> {
        let (all, user, departments) = sight.parameters();
        let query = diesel::sql_query(include_str!("sql/handoffs_pending.sql"))
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Bool, _>(all)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<SqlUuid>, _>(departments)
            .bind::<Nullable<SqlUuid>, _>(which.id.map(|id| id.0))
            .bind::<Nullable<Timestamptz>, _>(after.map(|a| a.arrival))
            .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id.0))
            .bind::<BigInt, _>(limit)
            .bind::<BigInt, _>(i64::from(TenantPolicy::default().aging))
            .bind::<Nullable<SqlUuid>, _>(which.offered_to.map(|user| user.0));
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }
}
