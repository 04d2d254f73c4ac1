//! Taking a conversation over.

use super::CommandResult;
use super::forced::obey_noted;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::extract::{ClientKey, Id, OptionalBody, Source};
use actix_web::{HttpResponse, post, web};
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, Permission};

/// The caller takes the conversation over: the bot falls silent, the customer is told. Doing so
/// again changes nothing. `on_the_wire` tells how many of the bot's messages could not be held
/// back any more. Supervisors may take it from another attendant.
#[utoipa::path(
    tag = "conversations",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    responses(
        (status = 200, description = "The caller leads", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "Another attendant leads", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/takeover")]
pub(crate) async fn take_over(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let command = Command::TakeOver {
        by: user.id,
        name: user.name.clone(),
        force: user.may_force(),
    };
    let key = key.of(&user, body.digest);
    obey_noted(&app, &user, &source, id, key, command).await
}
