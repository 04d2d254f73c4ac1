//! What happened between a customer and staff.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::conversations::Named;
use crate::http::extract::{Id, Page, Paging, Query};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use papo_domain::{CustomerId, Permission, Timestamp};
use papo_storage::app::CustomerMoment;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A request for a person, or a change of who leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MomentView {
    id: String,
    at: DateTime<Utc>,
    conversation_id: Uuid,
    /// `handoff`, `takeover`, `assign`, `transfer` or `release`.
    kind: String,
    /// Who asked, or led before: `user`, `phone`, `customer`, `bot` or `system`; `null` for the bot,
    /// or nobody.
    from_kind: Option<String>,
    from_user: Option<Named>,
    /// Who leads since: `user` or `phone`; `null` for the bot, or a queue.
    to_kind: Option<String>,
    to_user: Option<Named>,
    department: Option<Named>,
    note: Option<String>,
    /// Of a handoff: `pending`, `assigned`, `completed` or `cancelled`.
    status: Option<String>,
    priority: Option<String>,
    /// What was done.
    resolution: Option<String>,
    /// 1 to 5, as told by the customer.
    satisfaction: Option<i16>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<CustomerMoment> for MomentView {
    fn from(row: CustomerMoment) -> Self {
        let named = |id: Option<Uuid>, name| id.map(|id| Named { id, name });
        Self {
            id: row.id,
            at: row.at,
            conversation_id: row.conversation_id,
            kind: row.kind,
            from_kind: row.from_kind,
            from_user: named(row.from_user_id, row.from_name),
            to_kind: row.to_kind,
            to_user: named(row.to_user_id, row.to_name),
            department: named(row.department_id, row.department_name),
            note: row.note,
            status: row.status,
            priority: row.priority,
            resolution: row.resolution,
            satisfaction: row.satisfaction,
            ended_at: row.ended_at,
        }
    }
}

/// Requests for a person and changes of who led, in the customer's conversations that the caller
/// sees, newest first.
#[utoipa::path(
    tag = "customers",
    params(("id" = Uuid, Path), Paging),
    responses(
        (status = 200, description = "A page of the history", body = Page<MomentView>),
        (status = 404, description = "No such customer for the caller", body = ErrorBody),
    )
)]
#[get("/customers/{id}/history")]
pub(crate) async fn customer_history(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<CustomerId>,
    Query(page): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let (tenant, sight) = (user.tenant()?, user.sight());
    app.database.find_customer(tenant, &sight, id).await?;
    let after: Option<(Timestamp, String)> = page.cursor.key()?;
    let limit = i64::from(page.limit) + 1;
    let rows = app
        .database
        .customer_history(tenant, &sight, id, after, limit)
        .await?;
    let key = |row: &CustomerMoment| (row.at, row.id.clone());
    Ok(HttpResponse::Ok().json(Page::of(rows, page.limit, key, MomentView::from)))
}
