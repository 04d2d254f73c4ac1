//! Incidents: crashes of actors, and what supervision did about them.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::{Page, Paging, Query};
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use papo_domain::Role;
use papo_storage::app::Incident;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that supervision did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentView {
    id: i64,
    conversation_id: Option<Uuid>,
    /// Kind of actor.
    actor: String,
    /// `restart`, `quarantine`, `resume` or `dead_letter`.
    kind: String,
    reason: Option<String>,
    at: DateTime<Utc>,
}

impl From<Incident> for IncidentView {
    fn from(row: Incident) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            actor: row.actor_kind,
            kind: row.kind,
            reason: row.reason,
            at: row.at,
        }
    }
}

/// Crashes and what was done about them, newest first.
#[utoipa::path(
    tag = "engine",
    params(Paging),
    responses((status = 200, description = "A page of incidents", body = Page<IncidentView>))
)]
#[get("/engine/restarts")]
pub(crate) async fn list_restarts(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let before: Option<i64> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_incidents(user.tenant()?, None, before, limit)
        .await?;
    let key = |row: &Incident| row.id;
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, IncidentView::from)))
}
