//! Internal notes about a handoff: they stand in its conversation's timeline.

use super::find;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::conversations::{NoteBody, WrittenNote, write_note};
use crate::http::extract::{Body, ClientKey, Id};
use actix_web::{HttpResponse, post, web};
use papo_domain::{ConversationId, HandoffId, Permission};

/// Adds an internal note to the conversation of a request.
#[utoipa::path(
    tag = "handoffs",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body = NoteBody,
    responses(
        (status = 201, description = "Written", body = WrittenNote),
        (status = 404, description = "No such request for the caller", body = ErrorBody),
        (status = 422, description = "Empty or too long", body = ErrorBody),
    )
)]
#[post("/handoffs/{id}/notes")]
pub(crate) async fn add_handoff_note(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<HandoffId>,
    key: ClientKey,
    body: Body<NoteBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    let (handoff, _) = find(&app, &user, id, key.as_ref()).await?;
    let conversation = ConversationId(handoff.conversation_id);
    write_note(&app, &user, conversation, key, body.value).await
}
