//! Words in messages, found by the index that follows the stream (`followers::words`).

use super::conversations::Sight;
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Float, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use papo_domain::{
    ChannelId, ConversationId, CustomerId, DepartmentId, TenantId, Timestamp, UserId,
};
use uuid::Uuid;

/// Stands before and after what was found, in a snippet.
pub const HIT: (char, char) = ('\u{2}', '\u{3}');

/// In which messages.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    pub conversation: Option<ConversationId>,
    pub customer: Option<CustomerId>,
    pub channel: Option<ChannelId>,
    pub department: Option<DepartmentId>,
    /// Who leads the conversation.
    pub assignee: Option<UserId>,
    pub kind: Option<String>,
    /// `customer`, `bot`, `attendant`, `phone` or `system`.
    pub sender: Option<&'static str>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Place in the results: newer thousands of messages first, in them what fits best, then the newest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HitPosition {
    pub block: i32,
    pub rank: f32,
    pub id: i64,
}

/// A message that was found.
#[derive(Clone, Debug, QueryableByName)]
pub struct MessageHit {
    #[diesel(sql_type = SqlUuid)]
    pub conversation_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    #[diesel(sql_type = Integer)]
    pub block: i32,
    #[diesel(sql_type = Float)]
    pub rank: f32,
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = SqlUuid)]
    pub message_id: Uuid,
    #[diesel(sql_type = Text)]
    pub sender: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub sender_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sender_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub sent_at: Timestamp,
    #[diesel(sql_type = SqlUuid)]
    pub customer_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_name: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: Uuid,
    #[diesel(sql_type = Text)]
    pub address: String,
    /// With what was found between the two of [`HIT`].
    #[diesel(sql_type = Text)]
    pub snippet: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    indexed: i64,
}

impl Database {
    /// Messages that hold all of these words, in conversations that are seen. A message can be
    /// found about a second after it was stored.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn search_messages(
        &self,
        tenant: TenantId,
        sight: &Sight,
        words: &str,
        filter: &MessageFilter,
        after: Option<HitPosition>,
        limit: i32,
    ) -> Result<Vec<MessageHit>, DbError> {
        let (all, user, departments) = sight.parameters();
        let query = diesel::sql_query(include_str!("sql/message_search.sql"))
            .bind::<Text, _>(words)
            .bind::<Bool, _>(all)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<SqlUuid>, _>(departments)
            .bind::<Nullable<SqlUuid>, _>(filter.conversation.map(|id| id.0))
            .bind::<Nullable<SqlUuid>, _>(filter.customer.map(|id| id.0))
            .bind::<Nullable<SqlUuid>, _>(filter.channel.map(|id| id.0))
            .bind::<Nullable<SqlUuid>, _>(filter.department.map(|id| id.0))
            .bind::<Nullable<SqlUuid>, _>(filter.assignee.map(|id| id.0))
            .bind::<Nullable<Text>, _>(filter.kind.as_deref())
            .bind::<Nullable<Text>, _>(filter.sender)
            .bind::<Nullable<Timestamptz>, _>(filter.from)
            .bind::<Nullable<Timestamptz>, _>(filter.to)
            .bind::<Nullable<Integer>, _>(after.map(|a| a.block))
            .bind::<Nullable<Float>, _>(after.map(|a| a.rank))
            .bind::<Nullable<BigInt>, _>(after.map(|a| a.id))
            .bind::<Integer, _>(limit)
            .bind::<SqlUuid, _>(tenant.0);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// Builds a tenant's index of words anew, from the messages themselves, also from those whose
    /// events are not kept any more. In one transaction, however long it takes: searches find the
    /// old one until it is done. Only a pool of the engine's role may do it. Returns how many
    /// messages there are to be found.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn rebuild_search(&self, tenant: TenantId) -> Result<i64, DbError> {
        self.scoped(tenant, async |conn| {
            conn.batch_execute("SET LOCAL statement_timeout = 0").await?;
            for statement in [
                "INSERT INTO search_counters (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING",
                "INSERT INTO stream_cursors (tenant_id, follower) VALUES ($1, 'search')
                 ON CONFLICT DO NOTHING",
                // Nobody follows the stream meanwhile. What is committed from here on is followed
                // afterwards, if it is not already in what is read below.
                "UPDATE stream_cursors c SET seq = greatest(
                     (SELECT e.seq FROM events e WHERE e.tenant_id = $1 ORDER BY e.seq DESC LIMIT 1),
                     (SELECT h.head FROM event_heads h WHERE h.tenant_id = $1), 0),
                     at = now()
                 WHERE c.tenant_id = $1 AND c.follower = 'search'",
                "DELETE FROM message_search WHERE tenant_id = $1",
                "INSERT INTO message_search (tenant_id, block, id, conversation_id, seq, kind, sender,
                                             sender_user_id, sent_at, document)
                 SELECT m.tenant_id, m.number / 8192, m.number, m.conversation_id, m.seq, m.kind,
                        m.sender, m.sender_user_id, m.sent_at, search_document(m.text)
                 FROM (SELECT s.*, row_number() OVER (
                           ORDER BY s.created_at, s.conversation_id, s.seq) AS number
                       FROM messages s WHERE s.tenant_id = $1 AND s.text <> '') m",
            ] {
                diesel::sql_query(statement)
                    .bind::<SqlUuid, _>(tenant.0)
                    .execute(conn)
                    .await?;
            }
            let counted: Counted = diesel::sql_query(
                "UPDATE search_counters SET indexed = coalesce(
                     (SELECT max(s.id) FROM message_search s WHERE s.tenant_id = $1), 0)
                 WHERE tenant_id = $1 RETURNING indexed",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .get_result(conn)
            .await?;
            Ok(counted.indexed)
        })
        .await
    }
}
