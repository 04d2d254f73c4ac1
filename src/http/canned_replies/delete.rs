//! Deleting a canned reply.

use super::{changed, noting, scope, writable};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, delete, web};
use papo_domain::{CannedReplyId, Permission};
use papo_storage::app::CannedText;

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
    source: Source,
    Id(id): Id<CannedReplyId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let (tenant, reply) = writable(&app, &user, id).await?;
    let scope = scope(&reply);
    let before = CannedText {
        shortcut: reply.shortcut,
        title: reply.title,
        text: reply.text,
    };
    let action = Action::CannedReplyDeleted;
    let database = noting(
        &app,
        &source,
        &user,
        action,
        (id, scope),
        (Some(&before), None),
    );
    database.delete_canned_reply(tenant, id).await?;
    changed(&app, tenant, scope);
    Ok(HttpResponse::NoContent().finish())
}
