//! Deleting a flow.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, delete, web};
use papo_domain::Permission;
use uuid::Uuid;

/// Deletes a flow that does not serve. Who tries it has the one that serves again.
#[utoipa::path(
    tag = "bot",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such flow", body = ErrorBody),
        (status = 409, description = "It serves", body = ErrorBody),
    )
)]
#[delete("/bot/flows/{id}")]
pub(crate) async fn delete_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<Uuid>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    if !app.database.delete_flow(tenant, id).await? {
        return Err(ApiError::FlowServes);
    }
    let entry = source.tells(&user, Action::FlowDeleted).about("flow", id);
    app.database.note(tenant, entry).await?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::NoContent().finish())
}
