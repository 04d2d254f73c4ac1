//! Dead letters: inbound items that were given up.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Page, Paging, Query, Source};
use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use papo_domain::Role;
use papo_storage::app::DeadLetter;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An item that was given up; its words are not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterView {
    id: i64,
    channel_id: Uuid,
    /// The provider's id.
    external_id: String,
    /// `message`, `echo`, `status` or `notice`; `null` if it cannot be read.
    item: Option<String>,
    attempts: i32,
    reason: Option<String>,
    received_at: DateTime<Utc>,
}

impl From<DeadLetter> for DeadLetterView {
    fn from(row: DeadLetter) -> Self {
        Self {
            id: row.id,
            channel_id: row.channel_id,
            external_id: row.external_id,
            item: row.item,
            attempts: row.attempts,
            reason: row.reason,
            received_at: row.received_at,
        }
    }
}

/// Items that were given up, newest first.
#[utoipa::path(
    tag = "engine",
    params(Paging),
    responses((status = 200, description = "A page", body = Page<DeadLetterView>))
)]
#[get("/engine/dead-letters")]
pub(crate) async fn list_dead_letters(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let before: Option<i64> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_dead_letters(user.tenant()?, before, limit)
        .await?;
    let key = |row: &DeadLetter| row.id;
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, DeadLetterView::from)))
}

/// Tries a given-up item again, with its attempts forgotten.
#[utoipa::path(
    tag = "engine",
    params(("id" = i64, Path)),
    responses(
        (status = 202, description = "Will be tried"),
        (status = 404, description = "No such dead letter", body = ErrorBody),
    )
)]
#[post("/engine/dead-letters/{id}/retry")]
pub(crate) async fn retry_dead_letter(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<i64>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let tenant = user.tenant()?;
    let entry = source.tells(&user, Action::DeadLetterRetried);
    let noting = app.database.noting(entry.about("dead_letter", id));
    noting.revive_dead_letter(tenant, id).await?;
    if let Err(error) = app.engine.sweep(tenant).await {
        // The row is pending; the tenant finds it by itself a little later.
        tracing::debug!(tenant.id = %tenant, %error, "tenant not told");
    }
    Ok(HttpResponse::Accepted().finish())
}

/// Throws a given-up item away: what the provider told is never taken in.
#[utoipa::path(
    tag = "engine",
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such dead letter", body = ErrorBody),
    )
)]
#[delete("/engine/dead-letters/{id}")]
pub(crate) async fn discard_dead_letter(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<i64>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let entry = source.tells(&user, Action::DeadLetterDiscarded);
    let noting = app.database.noting(entry.about("dead_letter", id));
    noting.discard_dead_letter(user.tenant()?, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
