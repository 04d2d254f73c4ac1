//! Closing a conversation.

use super::CommandResult;
use super::forced::obey_noted;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{ClientKey, Id, OptionalBody, Source};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, HandoffId, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// How it ended.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseBody {
    /// What was done. Kept with the request for a person; a note where nobody was asked for.
    #[garde(length(chars, max = 1000))]
    #[serde(alias = "reason")]
    resolution: Option<String>,
    /// 1 to 5, as told by the customer.
    #[garde(range(min = 1, max = 5))]
    customer_satisfaction: Option<u8>,
}

impl CloseBody {
    /// What the caller asks the conversation for; to complete a certain request, if one is named.
    pub(in crate::http) fn command(
        self,
        user: &CurrentUser,
        handoff: Option<HandoffId>,
    ) -> Command {
        Command::Close {
            by: user.id,
            force: user.may_force(),
            handoff,
            resolution: self.resolution,
            satisfaction: self.customer_satisfaction,
        }
    }
}

/// Closes the conversation; the customer's next message opens a new session.
#[utoipa::path(
    tag = "conversations",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body(content = CloseBody, description = "May be left out"),
    responses(
        (status = 200, description = "Closed", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "Closed already, or another attendant leads",
         body = ErrorBody),
    )
)]
#[post("/conversations/{id}/close")]
pub(crate) async fn close_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<CloseBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = body.value.command(&user, None);
    obey_noted(&app, &user, &source, id, key, command).await
}
