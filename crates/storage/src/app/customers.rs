//! Customers as they are shown. Read only: what changes about them goes through the lane.

use super::conversations::Sight;
use crate::schema::{customer_aliases, customer_merges};
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use papo_domain::{CustomerId, MergeId, TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// The most conversations and names that are shown of a customer.
const SHOWN: i64 = 200;

/// A customer.
#[derive(Clone, Debug, QueryableByName)]
pub struct Customer {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// For people to read out.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub notes: Option<String>,
    /// Values of the tenant's attributes, by their keys.
    #[diesel(sql_type = Jsonb)]
    pub metadata: Value,
    /// Whose record this one became part of.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub merged_into: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Timestamp,
    /// Of the conversations that the caller sees, as the next two.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub first_seen_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_seen_at: Option<Timestamp>,
    #[diesel(sql_type = BigInt)]
    pub conversations: i64,
}

/// A name of a customer at a provider.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = customer_aliases, check_for_backend(diesel::pg::Pg))]
pub struct CustomerAlias {
    /// `wa_id`, `bsuid` or `group`.
    pub kind: String,
    pub value: String,
}

/// A merge that stands.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = customer_merges, check_for_backend(diesel::pg::Pg))]
pub struct CustomerMerge {
    pub id: Uuid,
    pub source_id: Uuid,
    pub by_user_id: Uuid,
    pub at: Timestamp,
}

/// A conversation of a customer, in short.
#[derive(Clone, Debug, QueryableByName)]
pub struct CustomerConversation {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub channel_id: Uuid,
    #[diesel(sql_type = Text)]
    pub channel_name: String,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub status: String,
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
    #[diesel(sql_type = BigInt)]
    pub last_seq: i64,
    #[diesel(sql_type = Integer)]
    pub unread_count: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_message_at: Option<Timestamp>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Timestamp,
}

/// Something that happened in one of a customer's conversations.
#[derive(Clone, Debug, QueryableByName)]
pub struct CustomerMoment {
    #[diesel(sql_type = Timestamptz)]
    pub at: Timestamp,
    /// Unique within the history.
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = SqlUuid)]
    pub conversation_id: Uuid,
    /// `handoff`, `takeover`, `assign`, `transfer` or `release`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub from_kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub from_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub from_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub to_kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub to_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub to_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub department_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub department_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    /// Of a handoff, as what follows.
    #[diesel(sql_type = Nullable<Text>)]
    pub status: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub priority: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub resolution: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub satisfaction: Option<i16>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<Timestamp>,
}

/// A customer with what belongs to them.
#[derive(Clone, Debug)]
pub struct CustomerRecord {
    pub customer: Customer,
    pub aliases: Vec<CustomerAlias>,
    pub conversations: Vec<CustomerConversation>,
    pub merges: Vec<CustomerMerge>,
}

impl Database {
    /// Customers, newest first; `after` is the last of the page before. Each word of `text` begins
    /// a word of name or e-mail address, or `text` is how the number begins or ends.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_customers(
        &self,
        tenant: TenantId,
        sight: &Sight,
        text: Option<&str>,
        after: Option<CustomerId>,
        limit: i64,
    ) -> Result<Vec<Customer>, DbError> {
        let query = select(tenant, sight, text, after, limit, None);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// One customer. One that may not be seen is not found.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_customer(
        &self,
        tenant: TenantId,
        sight: &Sight,
        id: CustomerId,
    ) -> Result<Customer, DbError> {
        let query = select(tenant, sight, None, None, 1, Some(id));
        self.scoped(tenant, async |conn| Ok(query.get_result(conn).await?))
            .await
    }

    /// One customer with names, conversations and merges.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn customer_record(
        &self,
        tenant: TenantId,
        sight: &Sight,
        id: CustomerId,
    ) -> Result<CustomerRecord, DbError> {
        let customer = select(tenant, sight, None, None, 1, Some(id));
        let (all, user, departments) = sight.parameters();
        let conversations = diesel::sql_query(include_str!("sql/customer_conversations.sql"))
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Bool, _>(all)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<SqlUuid>, _>(departments)
            .bind::<SqlUuid, _>(id.0)
            .bind::<BigInt, _>(SHOWN);
        self.scoped(tenant, async |conn| {
            Ok(CustomerRecord {
                customer: customer.get_result(conn).await?,
                aliases: customer_aliases::table
                    .filter(customer_aliases::tenant_id.eq(tenant.0))
                    .filter(customer_aliases::customer_id.eq(id.0))
                    .order((customer_aliases::kind.desc(), customer_aliases::key.asc()))
                    .limit(SHOWN)
                    .select(CustomerAlias::as_select())
                    .load(conn)
                    .await?,
                conversations: conversations.load(conn).await?,
                merges: customer_merges::table
                    .filter(customer_merges::tenant_id.eq(tenant.0))
                    .filter(customer_merges::target_id.eq(id.0))
                    .filter(customer_merges::undone_at.is_null())
                    .order(customer_merges::at.desc())
                    .limit(SHOWN)
                    .select(CustomerMerge::as_select())
                    .load(conn)
                    .await?,
            })
        })
        .await
    }

    /// Into which customer a merge went, whether it stands or not.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn merge_target(&self, tenant: TenantId, id: MergeId) -> Result<CustomerId, DbError> {
        self.scoped(tenant, async |conn| {
            let target: Uuid = customer_merges::table
                .find((tenant.0, id.0))
                .select(customer_merges::target_id)
                .first(conn)
                .await?;
            Ok(CustomerId(target))
        })
        .await
    }

    /// What happened in a customer's conversations, newest first; `after` is the last of the page
    /// before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn customer_history(
        &self,
        tenant: TenantId,
        sight: &Sight,
        id: CustomerId,
        after: Option<(Timestamp, String)>,
        limit: i64,
    ) -> Result<Vec<CustomerMoment>, DbError> {
        let (all, user, departments) = sight.parameters();
        let (at, last) = after.unzip();
        let query = diesel::sql_query(include_str!("sql/customer_history.sql"))
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Bool, _>(all)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<SqlUuid>, _>(departments)
            .bind::<SqlUuid, _>(id.0)
            .bind::<Nullable<Timestamptz>, _>(at)
            .bind::<Nullable<Text>, _>(last)
            .bind::<BigInt, _>(limit);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }
}

/// The list's query, for a page or for one customer.
fn select(
    tenant: TenantId,
    sight: &Sight,
    text: Option<&str>,
    after: Option<CustomerId>,
    limit: i64,
    one: Option<CustomerId>,
) -> diesel::query_builder::BoxedSqlQuery<'static, diesel::pg::Pg, diesel::query_builder::SqlQuery>
{
    let (all, user, departments) = sight.parameters();
    diesel::sql_query(include_str!("sql/customer_list.sql"))
        .into_boxed()
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<Bool, _>(all)
        .bind::<SqlUuid, _>(user)
        .bind::<Array<SqlUuid>, _>(departments)
        .bind::<Nullable<Text>, _>(text.map(str::to_owned))
        .bind::<Nullable<SqlUuid>, _>(after.map(|id| id.0))
        .bind::<BigInt, _>(limit)
        .bind::<Nullable<SqlUuid>, _>(one.map(|id| id.0))
}
