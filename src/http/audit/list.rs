//! Reading the audit trail.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Cursor, Page, Query};
use crate::http::rules;
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::{Permission, UserId};
use papo_storage::app::{AuditEvent, AuditFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which entries.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAuditEvents {
    /// Such as `authentication`, `security`, `configuration`, `desk`, `customers`.
    #[garde(length(chars, max = 50))]
    category: Option<String>,
    /// Such as `login_failed`.
    #[garde(length(chars, max = 50))]
    action: Option<String>,
    /// Only what this user did.
    #[garde(skip)]
    actor_id: Option<Uuid>,
    /// Such as `user`.
    #[garde(length(chars, max = 50))]
    object_kind: Option<String>,
    /// Together with `object_kind`.
    #[garde(length(chars, max = 100))]
    object_id: Option<String>,
    /// From this moment on.
    #[garde(inner(custom(rules::moment)))]
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    #[garde(inner(custom(rules::moment)))]
    to: Option<DateTime<Utc>>,
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

/// Something that somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEventView {
    id: i64,
    at: DateTime<Utc>,
    #[schema(example = "admin_action")]
    category: String,
    #[schema(example = "user_updated")]
    action: String,
    /// `null` for whoever could not prove to be anybody.
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    #[schema(example = "tenant_admin")]
    actor_role: Option<String>,
    #[schema(example = "user")]
    object_kind: Option<String>,
    object_id: Option<String>,
    /// The fields that changed, as they were.
    #[schema(value_type = Option<Object>, example = json!({ "role": "attendant" }))]
    before: Option<Value>,
    /// And as they are.
    #[schema(value_type = Option<Object>, example = json!({ "role": "supervisor" }))]
    after: Option<Value>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: String,
}

impl From<AuditEvent> for AuditEventView {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            category: event.category,
            action: event.action,
            actor_id: event.actor_id,
            actor_name: event.actor_name,
            actor_role: event.actor_role,
            object_kind: event.object_kind,
            object_id: event.object_id,
            before: event.before,
            after: event.after,
            address: event.address,
            user_agent: event.user_agent,
            request_id: event.request_id,
        }
    }
}

/// Who did what in the tenant, newest first. Kept for half a year; nobody can change it.
#[utoipa::path(
    tag = "audit",
    params(ListAuditEvents),
    responses(
        (status = 200, description = "A page of entries", body = Page<AuditEventView>),
        (status = 403, description = "Not permitted", body = ErrorBody),
    )
)]
#[get("/audit/events")]
pub(crate) async fn list_audit_events(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListAuditEvents>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::AuditRead)?;
    let before: Option<(DateTime<Utc>, i64)> = query.cursor.key()?;
    let filter = AuditFilter {
        category: query.category,
        action: query.action,
        actor: query.actor_id.map(UserId),
        object_kind: query.object_kind,
        object_id: query.object_id,
        from: query.from,
        to: query.to,
    };
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_audit_events(user.acting, &filter, before, limit)
        .await?;
    let key = |event: &AuditEvent| (event.at, event.id);
    let page = Page::of(rows, query.limit, key, AuditEventView::from);
    Ok(HttpResponse::Ok().json(page))
}
