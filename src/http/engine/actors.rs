//! The tenant's part of the actor tree.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use actix_web::{HttpResponse, get, web};
use papo_domain::Role;

/// What runs for the tenant now: conversations in memory with their queues, attendants with
/// their sockets, channels with their health, recent crashes.
#[utoipa::path(
    tag = "engine",
    responses((status = 200, description = "The actor tree", body = Object))
)]
#[get("/engine/actors")]
pub(crate) async fn show_actors(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let report = app.engine.describe(user.tenant()?).await?;
    Ok(HttpResponse::Ok().json(report))
}
