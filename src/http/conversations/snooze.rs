//! Putting a conversation out of the way for a while.

use super::{CommandResult, obey};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::extract::{Body, ClientKey, Id, OptionalBody};
use actix_web::{HttpResponse, delete, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// Until when.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnoozeBody {
    /// Ahead, at most 365 days.
    #[garde(skip)]
    until: DateTime<Utc>,
}

/// Puts a conversation that the caller leads out of the way. It comes back, unread, at that time,
/// or as soon as the customer writes or somebody else leads. The customer's wait for an answer
/// does not count meanwhile.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    request_body = SnoozeBody,
    responses(
        (status = 200, description = "Out of the way", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "Closed, or the caller does not lead it", body = ErrorBody),
        (status = 422, description = "The time does not lie ahead, or too far", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/snooze")]
pub(crate) async fn snooze_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<SnoozeBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = Command::Snooze {
        by: user.id,
        force: user.may_force(),
        until: body.value.until,
    };
    obey(&app, &user, id, key, command).await
}

/// Brings a conversation back now. Where it is not out of the way, nothing changes.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "Back", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "Closed, or the caller does not lead it", body = ErrorBody),
    )
)]
#[delete("/conversations/{id}/snooze")]
pub(crate) async fn end_snooze(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = Command::EndSnooze {
        by: user.id,
        force: user.may_force(),
    };
    obey(&app, &user, id, key, command).await
}
