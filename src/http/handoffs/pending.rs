//! Handoffs that wait for a person, in the order in which they will be served.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::{Page, Paging, Query};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use papo_domain::{HandoffId, Permission, Timestamp};
use papo_storage::app::{HandoffPosition, PendingHandoff};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A handoff that waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingView {
    id: Uuid,
    conversation_id: Uuid,
    customer_name: Option<String>,
    /// The address of the customer, a phone number where it is known.
    phone_number: String,
    department_id: Option<Uuid>,
    department_name: Option<String>,
    priority: String,
    trigger: String,
    reason: Option<String>,
    /// 1 is next in the queue of its department.
    queue_position: i64,
    waiting_time_minutes: i64,
    /// Since when the customer waits, also for requests before this one.
    waiting_since: DateTime<Utc>,
    /// Who is being asked to take it.
    offered_user_id: Option<Uuid>,
    offered_user_name: Option<String>,
    offer_expires_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// The queue: `data` in the order of service, and how many wait in all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingPage {
    #[serde(flatten)]
    page: Page<PendingView>,
    total: i64,
}

impl From<PendingHandoff> for PendingView {
    fn from(row: PendingHandoff) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            customer_name: row.customer_name,
            phone_number: row.peer_value,
            department_id: row.department_id,
            department_name: row.department_name,
            priority: row.priority,
            trigger: row.reason,
            reason: row.note,
            queue_position: row.position,
            waiting_time_minutes: row.waiting_seconds / 60,
            waiting_since: row.waiting_since,
            offered_user_id: row.offered_user_id,
            offered_user_name: row.offered_name,
            offer_expires_at: row.offer_expires_at,
            created_at: row.requested_at,
        }
    }
}

/// Who waits for a person and can be seen by the caller, in the order of service: each step of
/// priority counts as much as the minutes of waiting that the tenant's policy says (`aging`).
#[utoipa::path(
    tag = "handoffs",
    params(Paging),
    responses((status = 200, description = "The queue", body = PendingPage))
)]
#[get("/handoffs/pending")]
pub(crate) async fn pending_handoffs(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let after: Option<(Timestamp, HandoffId)> = query.cursor.key()?;
    let after = after.map(|(arrival, id)| HandoffPosition { arrival, id });
    let (sight, limit) = (user.sight(), i64::from(query.limit) + 1);
    let rows = app
        .database
        .list_pending_handoffs(tenant, &sight, after, limit)
        .await?;
    let total = match rows.first() {
        Some(row) => row.total,
        // The rest of the queue was served meanwhile; what stands before it may wait still.
        None if after.is_some() => app.database.count_pending_handoffs(tenant, &sight).await?,
        None => 0,
    };
    let key = |row: &PendingHandoff| (row.arrival, row.id);
    let page = Page::of(rows, query.limit, key, PendingView::from);
    Ok(HttpResponse::Ok().json(PendingPage { page, total }))
}
