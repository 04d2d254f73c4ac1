//! Marking a conversation as read, and as unread.

use super::{CommandResult, earlier, obey};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::extract::{ClientKey, Id, OptionalBody};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// How far.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadBody {
    /// `seq` of the newest message that was seen; left out: all of them.
    #[garde(skip)]
    upto_seq: Option<u64>,
}

/// Marks the customer's messages as seen by staff.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    request_body(content = ReadBody, description = "May be left out"),
    responses(
        (status = 200, description = "Marked", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/read")]
pub(crate) async fn mark_read(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<ReadBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let key = key.of(&user, body.digest);
    if let Some(outcome) = earlier(&app, tenant, key.as_ref()).await? {
        return Ok(CommandResult::answer(&outcome));
    }
    let upto_seq = match body.value.upto_seq {
        Some(seq) => seq,
        None => {
            let found = app
                .database
                .find_conversation(tenant, &user.sight(), id)
                .await?;
            u64::try_from(found.last_seq).unwrap_or_default()
        }
    };
    let command = Command::MarkRead {
        by: user.id,
        upto_seq,
    };
    obey(&app, &user, id, key, command).await
}

/// Marks the conversation as unread: it is to be looked at again. Where something is unread,
/// nothing changes.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "Unread", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/unread")]
pub(crate) async fn mark_unread(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = Command::MarkUnread { by: user.id };
    obey(&app, &user, id, key, command).await
}
