//! One canned reply.

use super::{CannedReplyView, reader};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::{CannedReplyId, Permission};

/// A canned reply.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The canned reply", body = CannedReplyView),
        (status = 404, description = "No such canned reply for the caller", body = ErrorBody),
    )
)]
#[get("/canned-replies/{id}")]
pub(crate) async fn show_canned_reply(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<CannedReplyId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let found = app
        .database
        .find_canned_reply(user.tenant()?, &reader(&user), id)
        .await?;
    Ok(HttpResponse::Ok().json(CannedReplyView::from(found)))
}
