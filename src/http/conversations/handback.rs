//! Returning a conversation to the bot.

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

/// The bot leads again.
#[utoipa::path(
    tag = "conversations",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    responses(
        (status = 200, description = "The bot leads", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "The bot leads already, or another attendant leads",
         body = ErrorBody),
    )
)]
#[post("/conversations/{id}/return-to-bot")]
pub(crate) async fn return_to_bot(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationTransfer)?;
    let command = Command::ReturnToBot {
        by: user.id,
        force: user.may_force(),
    };
    let key = key.of(&user, body.digest);
    obey_noted(&app, &user, &source, id, key, command).await
}
