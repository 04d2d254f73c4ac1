//! Requesting a handoff.

use super::HandoffView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::conversations::{PriorityName, carry_out};
use crate::http::extract::{Body, ClientKey};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, DepartmentId, HandoffId, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// For which conversation, and how urgently.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestHandoff {
    #[garde(skip)]
    #[serde(alias = "session_id")]
    conversation_id: Uuid,
    /// Whose queue; left out: the one of the conversation's department.
    #[garde(skip)]
    department_id: Option<Uuid>,
    /// Left out: as urgent as it is, and `medium` where nothing was said of it.
    #[garde(skip)]
    priority: Option<PriorityName>,
    /// What whoever serves it must be able to do, besides what the department asks; at most 2.
    /// Left out: what was asked before, within the same department.
    #[garde(length(max = 2), inner(length(max = 20)))]
    skills: Option<Vec<String>>,
    #[garde(length(chars, max = 1000))]
    reason: Option<String>,
}

/// Puts a conversation into the queue, or moves it within.
#[utoipa::path(
    tag = "handoffs",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters")),
    request_body = RequestHandoff,
    responses(
        (status = 201, description = "Waiting", body = HandoffView),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "Not in this mode", body = ErrorBody),
        (status = 422, description = "No such department", body = ErrorBody),
    )
)]
#[post("/handoffs")]
pub(crate) async fn request_handoff(
    app: web::Data<AppState>,
    user: CurrentUser,
    key: ClientKey,
    body: Body<RequestHandoff>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationTransfer)?;
    let request = body.value;
    let conversation = ConversationId(request.conversation_id);
    let command = Command::RequestHandoff {
        by: user.id,
        department: request.department_id.map(DepartmentId),
        priority: request.priority.map(Into::into),
        skills: request.skills,
        reason: request.reason,
    };
    let key = key.of(&user, body.digest);
    let outcome = carry_out(&app, &user, conversation, key, command).await?;
    // By now the conversation may have a later one.
    let id = HandoffId::of(conversation, outcome.epoch);
    HandoffView::answer(&app, &user, id, StatusCode::CREATED, outcome.replayed).await
}
