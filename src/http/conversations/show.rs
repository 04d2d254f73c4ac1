//! One conversation.

use super::ConversationView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::{ConversationId, Permission};

/// A conversation that the caller may see.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The conversation", body = ConversationView),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[get("/conversations/{id}")]
pub(crate) async fn show_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let found = app
        .database
        .find_conversation(tenant, &user.sight(), id)
        .await?;
    Ok(HttpResponse::Ok().json(ConversationView::from(found)))
}
