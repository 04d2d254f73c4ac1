//! How urgent a conversation is.

use super::{CommandResult, obey};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, ClientKey, Id};
use actix_web::{HttpResponse, put, web};
use garde::Validate;
use papo_domain::conversation::{Command, Priority};
use papo_domain::{ConversationId, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

/// Urgency, lowest first.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PriorityName {
    Low,
    #[default]
    Medium,
    High,
    Urgent,
}

impl PriorityName {
    /// The stored word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

impl From<PriorityName> for Priority {
    fn from(name: PriorityName) -> Self {
        match name {
            PriorityName::Low => Self::Low,
            PriorityName::Medium => Self::Medium,
            PriorityName::High => Self::High,
            PriorityName::Urgent => Self::Urgent,
        }
    }
}

/// How urgent it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriorityBody {
    #[garde(skip)]
    priority: PriorityName,
}

/// Says how urgent the conversation is, until its session ends. Of one that waits, it is its place
/// in the queue.
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path)),
    request_body = PriorityBody,
    responses(
        (status = 200, description = "It is as urgent as that", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "It is closed", body = ErrorBody),
    )
)]
#[put("/conversations/{id}/priority")]
pub(crate) async fn set_priority(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<PriorityBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let command = Command::SetPriority {
        by: user.id,
        priority: body.value.priority.into(),
    };
    obey(&app, &user, id, key, command).await
}
