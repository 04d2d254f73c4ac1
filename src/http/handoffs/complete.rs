//! Completing a handoff: its conversation is closed.

use super::{HandoffView, find};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::conversations::{CloseBody, carry_out_noted};
use crate::http::extract::{ClientKey, Id, OptionalBody, Source};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use papo_domain::conversation::Rejection;
use papo_domain::{ConversationId, HandoffId, Permission};

/// Completes a request: its conversation is closed with what was done.
#[utoipa::path(
    tag = "handoffs",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body(content = CloseBody, description = "May be left out"),
    responses(
        (status = 200, description = "Completed", body = HandoffView),
        (status = 404, description = "No such request for the caller", body = ErrorBody),
        (status = 409, description = "Completed or cancelled already, or another attendant leads",
         body = ErrorBody),
    )
)]
#[post("/handoffs/{id}/complete")]
pub(crate) async fn complete_handoff(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<HandoffId>,
    key: ClientKey,
    body: OptionalBody<CloseBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let (handoff, repeated) = find(&app, &user, id, key.as_ref()).await?;
    if repeated {
        return HandoffView::answer(&app, &user, id, StatusCode::OK, true).await;
    }
    // The conversation may have a later request by now, which is not meant here.
    if matches!(handoff.status.as_str(), "completed" | "cancelled") {
        return Err(ApiError::Rejected(Rejection::AlreadyClosed));
    }
    let conversation = ConversationId(handoff.conversation_id);
    let command = body.value.command(&user, Some(id));
    let outcome = carry_out_noted(&app, &user, &source, conversation, key, command).await?;
    HandoffView::answer(&app, &user, id, StatusCode::OK, outcome.replayed).await
}
