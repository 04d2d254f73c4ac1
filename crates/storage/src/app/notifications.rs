//! What a person was told of. Written by the lane; here it is shown and marked as read.

use super::conversations::Sight;
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{NotificationId, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// Unread ones are counted up to here.
pub const UNREAD_MAX: i64 = 100;

/// Something that a person was told of.
#[derive(Clone, Debug, QueryableByName)]
pub struct Notification {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub conversation_id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub message_seq: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub by_user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub by_name: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub at: Timestamp,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub read_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_name: Option<String>,
    /// First 200 characters of the message; `None` if the user cannot see it any more.
    #[diesel(sql_type = Nullable<Text>)]
    pub text: Option<String>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    unread: i64,
}

impl Database {
    /// A person's notifications, newest first; `after` is the last of the page before. With them,
    /// how many are unread, counted up to [`UNREAD_MAX`].
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_notifications(
        &self,
        tenant: TenantId,
        user: UserId,
        sight: &Sight,
        only_unread: bool,
        after: Option<(Timestamp, NotificationId)>,
        limit: i64,
    ) -> Result<(Vec<Notification>, i64), DbError> {
        let (all, _, departments) = sight.parameters();
        let (at, last) = after.unzip();
        let query = diesel::sql_query(include_str!("sql/notification_list.sql"))
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Bool, _>(all)
            .bind::<Array<SqlUuid>, _>(departments)
            .bind::<Bool, _>(only_unread)
            .bind::<Nullable<Timestamptz>, _>(at)
            .bind::<Nullable<SqlUuid>, _>(last.map(|id| id.0))
            .bind::<BigInt, _>(limit);
        self.scoped(tenant, async |conn| {
            let rows = query.load(conn).await?;
            Ok((rows, unread(conn, tenant, user).await?))
        })
        .await
    }

    /// Marks a person's notifications as read: these, or all. Returns how many are still unread.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn read_notifications(
        &self,
        tenant: TenantId,
        user: UserId,
        ids: Option<&[NotificationId]>,
    ) -> Result<i64, DbError> {
        let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().map(|id| id.0).collect());
        self.scoped(tenant, async |conn| {
            diesel::sql_query(
                "UPDATE notifications SET read_at = now()
                 WHERE tenant_id = $1 AND user_id = $2 AND read_at IS NULL
                   AND ($3::uuid[] IS NULL OR id = ANY ($3))",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Nullable<Array<SqlUuid>>, _>(ids)
            .execute(conn)
            .await?;
            unread(conn, tenant, user).await
        })
        .await
    }
}

async fn unread(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
) -> Result<i64, DbError> {
    let counted: Counted = diesel::sql_query(
        "SELECT count(*) AS unread
         FROM (SELECT FROM notifications n
               WHERE n.tenant_id = $1 AND n.user_id = $2 AND n.read_at IS NULL LIMIT $3) u",
    )
    .bind::<SqlUuid, _>(tenant.0)
    .bind::<SqlUuid, _>(user.0)
    .bind::<BigInt, _>(UNREAD_MAX)
    .get_result(conn)
    .await?;
    Ok(counted.unread)
}
