//! Deleting a canned reply.

use super::writable;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, delete, web};
use papo_domain::{CannedReplyId, Permission};

/// Deletes a canned reply that the caller may write.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such canned reply for the caller", body = ErrorBody),
    )
)]
#[delete("/canned-replies/{id}")]
pub(crate) async fn delete_canned_reply(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<CannedReplyId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let (tenant, _) = writable(&app, &user, id).await?;
    app.database.delete_canned_reply(tenant, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
