//! Putting closed conversations away.

use super::{CommandResult, obey};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::extract::{ClientKey, Id, OptionalBody};
use actix_web::{HttpResponse, post, web};
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, Permission};

/// Puts a closed conversation away: lists leave it out. The customer's next words bring it back.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "Archived", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "It is not closed", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/archive")]
pub(crate) async fn archive_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = Command::Archive { by: user.id };
    obey(&app, &user, id, key, command).await
}

/// Brings a conversation back that was put away. Where none was, nothing changes.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "Not archived", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/unarchive")]
pub(crate) async fn unarchive_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = Command::Unarchive { by: user.id };
    obey(&app, &user, id, key, command).await
}
