//! A conversation's transfers: who led it, and when.

use super::must_see;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Page};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use papo_domain::{ConversationId, Permission};
use papo_storage::app::Transfer;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Changes shown at most.
const MOST: i64 = 100;

/// A change of control.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TransferView {
    /// `takeover`, `assign`, `transfer` or `release`.
    kind: String,
    /// `user`, `phone`, or `null` for the bot and for nobody.
    from: Option<String>,
    from_user_id: Option<Uuid>,
    /// `user`, `phone`, or `null` for the bot and for a department's queue.
    to: Option<String>,
    to_user_id: Option<Uuid>,
    department_id: Option<Uuid>,
    /// Who did it: `customer`, `bot`, `user`, `phone` or `system`.
    by: String,
    by_user_id: Option<Uuid>,
    reason: Option<String>,
    transferred_at: DateTime<Utc>,
}

impl From<Transfer> for TransferView {
    fn from(row: Transfer) -> Self {
        Self {
            kind: row.kind,
            from: row.from_kind,
            from_user_id: row.from_user_id,
            to: row.to_kind,
            to_user_id: row.to_user_id,
            department_id: row.department_id,
            by: row.by_kind,
            by_user_id: row.by_user_id,
            reason: row.note,
            transferred_at: row.at,
        }
    }
}

/// The newest 100 changes of control, newest first.
#[utoipa::path(
    tag = "conversations",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "Changes of control", body = Page<TransferView>),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[get("/conversations/{id}/transfers")]
pub(crate) async fn list_transfers(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = must_see(&app, &user, id).await?;
    let rows = app.database.list_transfers(tenant, id, MOST).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, TransferView::from)))
}
