//! What was said. Read only.

use crate::schema::{messages, users};
use crate::{Database, DbError};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use papo_domain::ports::DeliveryStatus;
use papo_domain::{ConversationId, TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// Which part of a conversation's messages; both bounds are `seq`s that are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessagePage {
    /// The newest ones, newest first.
    Newest,
    /// Older ones, newest first.
    Before(u64),
    /// Newer ones, oldest first.
    After(u64),
}

/// A message.
#[derive(Clone, Debug)]
pub struct MessageRecord {
    pub seq: i64,
    pub id: Uuid,
    /// `customer`, `bot`, `attendant`, `phone` or `system`.
    pub sender: String,
    pub sender_user_id: Option<Uuid>,
    pub sender_name: Option<String>,
    pub kind: String,
    pub text: String,
    /// `None` once erased.
    pub body: Option<Value>,
    pub external_id: Option<String>,
    /// Provider id of the message it answers.
    pub quoted: Option<String>,
    pub context: Option<Value>,
    pub sent_at: Timestamp,
    pub late: bool,
    /// `None` for what is not sent.
    pub delivery: Option<DeliveryStatus>,
    pub delivery_error: Option<Value>,
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages, check_for_backend(diesel::pg::Pg))]
struct Row {
    seq: i64,
    id: Uuid,
    sender: String,
    sender_user_id: Option<Uuid>,
    kind: String,
    text: String,
    body: Option<Value>,
    external_id: Option<String>,
    quoted: Option<String>,
    context: Option<Value>,
    sent_at: Timestamp,
    late: bool,
    delivery: Option<i16>,
    delivery_error: Option<Value>,
    created_at: Timestamp,
}

impl From<(Row, Option<String>)> for MessageRecord {
    fn from((row, sender_name): (Row, Option<String>)) -> Self {
        Self {
            seq: row.seq,
            id: row.id,
            sender: row.sender,
            sender_user_id: row.sender_user_id,
            sender_name,
            kind: row.kind,
            text: row.text,
            body: row.body,
            external_id: row.external_id,
            quoted: row.quoted,
            context: row.context,
            sent_at: row.sent_at,
            late: row.late,
            delivery: row.delivery.and_then(DeliveryStatus::from_rank),
            delivery_error: row.delivery_error,
            created_at: row.created_at,
        }
    }
}

impl Database {
    /// A page of a conversation's messages. The caller has checked that it may be seen.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_messages(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        page: MessagePage,
        limit: i64,
    ) -> Result<Vec<MessageRecord>, DbError> {
        let writer = users::table.on(users::tenant_id
            .eq(messages::tenant_id)
            .and(users::id.nullable().eq(messages::sender_user_id)));
        let mut query = messages::table
            .left_join(writer)
            .filter(messages::tenant_id.eq(tenant.0))
            .filter(messages::conversation_id.eq(conversation.0))
            .limit(limit)
            .select((Row::as_select(), users::full_name.nullable()))
            .into_boxed();
        query = match page {
            MessagePage::Newest => query.order(messages::seq.desc()),
            MessagePage::Before(seq) => query
                .filter(messages::seq.lt(stored(seq)))
                .order(messages::seq.desc()),
            MessagePage::After(seq) => query
                .filter(messages::seq.gt(stored(seq)))
                .order(messages::seq.asc()),
        };
        self.scoped(tenant, async |conn| {
            let rows: Vec<(Row, Option<String>)> = query.load(conn).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// The provider id of the message `id` of a conversation, for quoting it.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if there is no such message, or the provider does not know it yet.
    pub async fn external_id_of(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        id: Uuid,
    ) -> Result<String, DbError> {
        self.scoped(tenant, async |conn| {
            let external: Option<String> = messages::table
                .filter(messages::tenant_id.eq(tenant.0))
                .filter(messages::conversation_id.eq(conversation.0))
                .filter(messages::id.eq(id))
                .select(messages::external_id)
                .first(conn)
                .await?;
            external.ok_or(DbError::NotFound)
        })
        .await
    }
}

/// A `seq` as it is stored; none is ever greater.
fn stored(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
