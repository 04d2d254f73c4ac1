//! Texts that staff keeps ready. Whoever asks sees those of everybody, of their departments, and
//! their own; nobody sees another person's.

use super::conversations::Sight;
use super::pattern::contains;
use crate::schema::canned_replies;
use crate::{Database, DbError};
use diesel::prelude::{AsChangeset, ExpressionMethods, QueryDsl};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgExpressionMethods as _, QueryableByName, dsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::bot::normalise;
use papo_domain::{CannedReplyId, DepartmentId, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// Whose a canned reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannedOwner {
    Everybody,
    Department(DepartmentId),
    User(UserId),
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct CannedReader {
    pub user: UserId,
    /// Which departments' replies are seen: all, or those of the user.
    pub sight: Sight,
}

/// A canned reply.
#[derive(Clone, Debug, QueryableByName)]
pub struct CannedReply {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub department_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub department_name: Option<String>,
    /// Whose own it is.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub shortcut: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub text: String,
    #[diesel(sql_type = BigInt)]
    pub used: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<Timestamp>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Timestamp,
    /// How well it fits what was looked for: 0 exactly, 1 by its beginning, 2 by its words.
    #[diesel(sql_type = Integer)]
    pub rank: i32,
}

/// A new or changed one. Its text has been checked.
#[derive(Clone, Debug)]
pub struct CannedText {
    pub shortcut: String,
    pub title: String,
    pub text: String,
}

#[derive(AsChangeset)]
#[diesel(table_name = canned_replies)]
struct Changes<'a> {
    shortcut: &'a str,
    title: &'a str,
    text: &'a str,
    words: String,
}

impl<'a> From<&'a CannedText> for Changes<'a> {
    fn from(text: &'a CannedText) -> Self {
        Self {
            shortcut: &text.shortcut,
            title: &text.title,
            text: &text.text,
            words: normalise(&format!("{} {} {}", text.shortcut, text.title, text.text)),
        }
    }
}

impl Database {
    /// Canned replies by how well they fit `text`, then shortcut; `after` is the last of the page
    /// before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_canned_replies(
        &self,
        tenant: TenantId,
        reader: &CannedReader,
        text: Option<&str>,
        after: Option<(i32, String, CannedReplyId)>,
        limit: i64,
    ) -> Result<Vec<CannedReply>, DbError> {
        self.scoped(tenant, async |conn| {
            select(conn, tenant, reader, None, text, after, limit).await
        })
        .await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_canned_reply(
        &self,
        tenant: TenantId,
        reader: &CannedReader,
        id: CannedReplyId,
    ) -> Result<CannedReply, DbError> {
        self.scoped(tenant, async |conn| one(conn, tenant, reader, id).await)
            .await
    }

    /// How many an owner has.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn count_canned_replies(
        &self,
        tenant: TenantId,
        owner: CannedOwner,
    ) -> Result<i64, DbError> {
        let (department, user) = columns(owner);
        self.scoped(tenant, async |conn| {
            Ok(canned_replies::table
                .filter(canned_replies::tenant_id.eq(tenant.0))
                .filter(canned_replies::department_id.is_not_distinct_from(department))
                .filter(canned_replies::user_id.is_not_distinct_from(user))
                .count()
                .get_result(conn)
                .await?)
        })
        .await
    }

    /// Keeps one. A shortcut that its owner has already violates `canned_replies_shortcut_unique`,
    /// an unknown department `canned_replies_department_fk`, somebody who is not of the tenant
    /// `canned_replies_user_fk`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_canned_reply(
        &self,
        tenant: TenantId,
        reader: &CannedReader,
        id: CannedReplyId,
        owner: CannedOwner,
        text: &CannedText,
    ) -> Result<CannedReply, DbError> {
        let (department, user) = columns(owner);
        let Changes {
            shortcut,
            title,
            text,
            words,
        } = text.into();
        self.scoped(tenant, async |conn| {
            diesel::insert_into(canned_replies::table)
                .values((
                    canned_replies::tenant_id.eq(tenant.0),
                    canned_replies::id.eq(id.0),
                    canned_replies::department_id.eq(department),
                    canned_replies::user_id.eq(user),
                    canned_replies::shortcut.eq(shortcut),
                    canned_replies::title.eq(title),
                    canned_replies::text.eq(text),
                    canned_replies::words.eq(words),
                ))
                .execute(conn)
                .await?;
            one(conn, tenant, reader, id).await
        })
        .await
    }

    /// Changes one that the caller has seen.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_canned_reply(
        &self,
        tenant: TenantId,
        reader: &CannedReader,
        id: CannedReplyId,
        text: &CannedText,
    ) -> Result<CannedReply, DbError> {
        self.scoped(tenant, async |conn| {
            diesel::update(canned_replies::table.find((tenant.0, id.0)))
                .set(Changes::from(text))
                .execute(conn)
                .await?;
            one(conn, tenant, reader, id).await
        })
        .await
    }

    /// Deletes one that the caller has seen.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn delete_canned_reply(
        &self,
        tenant: TenantId,
        id: CannedReplyId,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            diesel::delete(canned_replies::table.find((tenant.0, id.0)))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }

    /// Counts that one was used.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn count_canned_use(
        &self,
        tenant: TenantId,
        id: CannedReplyId,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            diesel::update(canned_replies::table.find((tenant.0, id.0)))
                .set((
                    canned_replies::used.eq(canned_replies::used + 1),
                    canned_replies::last_used_at.eq(dsl::now),
                ))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }
}

fn columns(owner: CannedOwner) -> (Option<Uuid>, Option<Uuid>) {
    match owner {
        CannedOwner::Everybody => (None, None),
        CannedOwner::Department(department) => (Some(department.0), None),
        CannedOwner::User(user) => (None, Some(user.0)),
    }
}

async fn one(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    reader: &CannedReader,
    id: CannedReplyId,
) -> Result<CannedReply, DbError> {
    let mut found = select(conn, tenant, reader, Some(id), None, None, 1).await?;
    found.pop().ok_or(DbError::NotFound)
}

async fn select(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    reader: &CannedReader,
    id: Option<CannedReplyId>,
    text: Option<&str>,
    after: Option<(i32, String, CannedReplyId)>,
    limit: i64,
) -> Result<Vec<CannedReply>, DbError> {
    let (all, _, departments) = reader.sight.parameters();
    let text = text.map(normalise);
    let words = text.as_deref().unwrap_or_default().split_whitespace();
    let patterns: Vec<String> = words.map(contains).collect();
    let (rank, shortcut, last) = match after {
        Some((rank, shortcut, id)) => (Some(rank), Some(shortcut), Some(id.0)),
        None => (None, None, None),
    };
    Ok(diesel::sql_query(include_str!("sql/canned_replies.sql"))
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(reader.user.0)
        .bind::<Bool, _>(all)
        .bind::<Array<SqlUuid>, _>(departments)
        .bind::<Nullable<SqlUuid>, _>(id.map(|id| id.0))
        .bind::<Nullable<Text>, _>(text.as_deref())
        .bind::<Array<Text>, _>(patterns)
        .bind::<Nullable<Integer>, _>(rank)
        .bind::<Nullable<Text>, _>(shortcut)
        .bind::<Nullable<SqlUuid>, _>(last)
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await?)
}
