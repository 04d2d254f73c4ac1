//! What the caller was told of.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::conversations::Named;
use crate::http::extract::{Cursor, OptionalBody, Page, Query};
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::{NotificationId, Permission, Timestamp};
use papo_storage::app::Notification;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which notifications.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListNotifications {
    /// Only those that were not read.
    #[garde(skip)]
    #[serde(default)]
    unread: bool,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// Something that the caller was told of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationView {
    id: Uuid,
    /// `mention`, or with the id of the message that is not sent `scheduled_failed` or
    /// `scheduled_cancelled`; unknown ones must be borne.
    #[schema(example = "mention")]
    kind: String,
    conversation_id: Uuid,
    /// `seq` of the message it is about.
    message_seq: Option<i64>,
    by_user: Option<Named>,
    customer_name: Option<String>,
    /// First 200 characters of the message; `null` if the caller cannot see it any more.
    text: Option<String>,
    at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationPage {
    #[serde(flatten)]
    page: Page<NotificationView>,
    /// How many are unread, counted up to 100.
    unread: i64,
}

/// Which were read.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadNotifications {
    /// Left out, it is all of them.
    #[garde(length(max = 100))]
    ids: Option<Vec<Uuid>>,
}

/// What is left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unread {
    /// Counted up to 100.
    unread: i64,
}

impl From<Notification> for NotificationView {
    fn from(row: Notification) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            conversation_id: row.conversation_id,
            message_seq: row.message_seq,
            by_user: row.by_user_id.map(|id| Named {
                id,
                name: row.by_name,
            }),
            customer_name: row.customer_name,
            text: row.text,
            at: row.at,
            read_at: row.read_at,
        }
    }
}

/// What the caller was told of, newest first. New ones come as `notification:new` on the socket.
#[utoipa::path(
    tag = "notifications",
    params(ListNotifications),
    responses(
        (status = 200, description = "A page of notifications", body = NotificationPage),
        (status = 400, description = "A parameter cannot be read", body = ErrorBody),
    )
)]
#[get("/notifications")]
pub(crate) async fn list_notifications(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListNotifications>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let after: Option<(Timestamp, NotificationId)> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let tenant = user.tenant()?;
    let (rows, unread) = app
        .database
        .list_notifications(tenant, user.id, &user.sight(), query.unread, after, limit)
        .await?;
    let key = |row: &Notification| (row.at, row.id);
    let page = Page::of(rows, query.limit, key, NotificationView::from);
    Ok(HttpResponse::Ok().json(NotificationPage { page, unread }))
}

/// Marks notifications of the caller as read: some, or all.
#[utoipa::path(
    tag = "notifications",
    request_body = ReadNotifications,
    responses(
        (status = 200, description = "Marked; those that are not the caller's are passed over",
         body = Unread),
        (status = 422, description = "Too many", body = ErrorBody),
    )
)]
#[post("/notifications/read")]
pub(crate) async fn read_notifications(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: OptionalBody<ReadNotifications>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let ids = body.value.ids;
    let ids: Option<Vec<NotificationId>> =
        ids.map(|ids| ids.into_iter().map(NotificationId).collect());
    let unread = app
        .database
        .read_notifications(user.tenant()?, user.id, ids.as_deref())
        .await?;
    Ok(HttpResponse::Ok().json(Unread { unread }))
}
