//! What lists and headers show of conversations, and who may see which. Read only.

use super::pattern::contains;
use crate::schema::conversation_transfers;
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Json, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use papo_domain::{ChannelId, ConversationId, DepartmentId, LabelId, TenantId, Timestamp, UserId};
use serde_json::Value;
use uuid::Uuid;

/// The end of the list's statement, by what comes first.
const NEWEST: &str = "
  AND ($14::uuid IS NOT NULL OR c.last_message_at IS NOT NULL)
  AND ($11::timestamptz IS NULL OR c.last_message_at < $11
       OR (c.last_message_at = $11 AND c.id > $12))
ORDER BY c.last_message_at DESC, c.id
LIMIT $13";
const LONGEST_WAITING: &str = "
  AND c.waiting_since IS NOT NULL
  AND ($11::timestamptz IS NULL OR (c.waiting_since, c.id) > ($11, $12))
ORDER BY c.waiting_since, c.id
LIMIT $13";

/// Which conversations a user may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Supervisors and above.
    All,
    /// Attendants: their own, and those without an owner that are nobody's department's or one
    /// of theirs. The same rule as `Audience::of` in the domain.
    Own {
        user: UserId,
        departments: Vec<DepartmentId>,
    },
}

/// Who leads, as a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    Nobody,
    User(UserId),
}

/// Which conversations a list shows.
#[derive(Clone, Debug, Default)]
pub struct ConversationFilter {
    /// One of these; `None` is any.
    pub status: Option<&'static [&'static str]>,
    pub mode: Option<&'static str>,
    pub department: Option<DepartmentId>,
    pub assignee: Option<Assignee>,
    pub channel: Option<ChannelId>,
    pub priority: Option<&'static str>,
    /// Whether something in it is unread.
    pub unread: Option<bool>,
    /// Whether it is out of the way for a while.
    pub snoozed: Option<bool>,
    pub label: Option<LabelId>,
    pub order: ConversationOrder,
    /// Part of a name, without regard to accents, of an address, or of one of the newest 100
    /// messages of the newest 1,000 conversations.
    pub text: Option<String>,
}

/// What comes first in a list. Equals come by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConversationOrder {
    /// The newest message.
    #[default]
    Newest,
    /// The longest wait for a person's answer; only conversations with one.
    LongestWaiting,
}

/// Place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConversationPosition {
    /// Of the newest message, or since when the customer waits, by the list's order.
    pub at: Timestamp,
    pub id: ConversationId,
}

/// One line of a list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Conversation {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub customer_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_name: Option<String>,
    /// `wa_id`, `bsuid` or `group`.
    #[diesel(sql_type = Text)]
    pub peer_kind: String,
    #[diesel(sql_type = Text)]
    pub peer_value: String,
    #[diesel(sql_type = Bool)]
    pub is_group: bool,
    /// `open`, `waiting`, `closed` or `archived`.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// `bot`, `waiting`, `human` or `closed`.
    #[diesel(sql_type = Text)]
    pub mode: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub assigned_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub assigned_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub department_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub department_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub priority: Option<String>,
    #[diesel(sql_type = Text)]
    pub menu_level: String,
    #[diesel(sql_type = Integer)]
    pub unread_count: i32,
    #[diesel(sql_type = BigInt)]
    pub last_seq: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_message_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_inbound_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub session_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<Timestamp>,
    #[diesel(sql_type = Bool)]
    pub quarantined: bool,
    /// Who is being asked to take it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub offered_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub offer_expires_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub archived_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub snoozed_until: Option<Timestamp>,
    /// Since when the customer waits for a person's answer.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub waiting_since: Option<Timestamp>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Timestamp,
    /// Of the session that ended.
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub rating: Option<i16>,
    /// First 200 characters.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_text: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_sender: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_kind: Option<String>,
    /// By name: `id`, `name` and `colour` of each.
    #[diesel(sql_type = Json)]
    pub labels: Value,
}

/// A change of control.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = conversation_transfers, check_for_backend(diesel::pg::Pg))]
pub struct Transfer {
    /// `takeover`, `assign`, `transfer` or `release`.
    pub kind: String,
    pub from_kind: Option<String>,
    pub from_user_id: Option<Uuid>,
    pub to_kind: Option<String>,
    pub to_user_id: Option<Uuid>,
    pub department_id: Option<Uuid>,
    pub by_kind: String,
    pub by_user_id: Option<Uuid>,
    pub note: Option<String>,
    pub at: Timestamp,
}

impl Sight {
    /// As the three parameters of a query: sees all, user, departments.
    pub(super) fn parameters(&self) -> (bool, Uuid, Vec<Uuid>) {
        match self {
            Self::All => (true, Uuid::nil(), Vec::new()),
            Self::Own { user, departments } => {
                (false, user.0, departments.iter().map(|d| d.0).collect())
            }
        }
    }
}

impl Database {
    /// Conversations in the filter's order; `after` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_conversations(
        &self,
        tenant: TenantId,
        sight: &Sight,
        filter: &ConversationFilter,
        after: Option<ConversationPosition>,
        limit: i64,
    ) -> Result<Vec<Conversation>, DbError> {
        self.select(tenant, sight, filter, after, limit, None).await
    }

    /// One conversation. One that may not be seen is not found.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_conversation(
        &self,
        tenant: TenantId,
        sight: &Sight,
        id: ConversationId,
    ) -> Result<Conversation, DbError> {
        let filter = ConversationFilter::default();
        let mut found = self
            .select(tenant, sight, &filter, None, 1, Some(id))
            .await?;
        found.pop().ok_or(DbError::NotFound)
    }

    /// The newest changes of control, newest first.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_transfers(
        &self,
        tenant: TenantId,
        id: ConversationId,
        limit: i64,
    ) -> Result<Vec<Transfer>, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(conversation_transfers::table
                .filter(conversation_transfers::tenant_id.eq(tenant.0))
                .filter(conversation_transfers::conversation_id.eq(id.0))
                .order(conversation_transfers::id.desc())
                .limit(limit)
                .select(Transfer::as_select())
                .load(conn)
                .await?)
        })
        .await
    }

    async fn select(
        &self,
        tenant: TenantId,
        sight: &Sight,
        filter: &ConversationFilter,
        after: Option<ConversationPosition>,
        limit: i64,
        one: Option<ConversationId>,
    ) -> Result<Vec<Conversation>, DbError> {
        let (all, user, departments) = sight.parameters();
        let assignee = match filter.assignee {
            Some(Assignee::User(user)) => Some(user.0),
            _ => None,
        };
        let by = match filter.order {
            ConversationOrder::Newest => NEWEST,
            ConversationOrder::LongestWaiting => LONGEST_WAITING,
        };
        let sql = format!("{}{by}", include_str!("sql/conversation_list.sql"));
        let query = diesel::sql_query(sql)
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Bool, _>(all)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<SqlUuid>, _>(departments)
            .bind::<Nullable<Array<Text>>, _>(filter.status)
            .bind::<Nullable<Text>, _>(filter.mode)
            .bind::<Nullable<SqlUuid>, _>(filter.department.map(|d| d.0))
            .bind::<Nullable<SqlUuid>, _>(assignee)
            .bind::<Bool, _>(filter.assignee == Some(Assignee::Nobody))
            .bind::<Nullable<Text>, _>(filter.text.as_deref().map(contains))
            .bind::<Nullable<Timestamptz>, _>(after.map(|a| a.at))
            .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id.0))
            .bind::<BigInt, _>(limit)
            .bind::<Nullable<SqlUuid>, _>(one.map(|id| id.0))
            .bind::<Nullable<SqlUuid>, _>(filter.channel.map(|c| c.0))
            .bind::<Nullable<Text>, _>(filter.priority)
            .bind::<Nullable<Bool>, _>(filter.unread)
            .bind::<Nullable<Bool>, _>(filter.snoozed)
            .bind::<Nullable<SqlUuid>, _>(filter.label.map(|l| l.0));
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }
}
