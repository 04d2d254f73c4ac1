//! Internal notes: the customer never sees them.

use super::carry_out;
use super::command::respond;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::IdempotencyKey;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, ClientKey, Id};
use crate::http::rules;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A note.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    #[garde(custom(rules::note))]
    #[serde(alias = "text")]
    note: String,
}

/// A written note: a message of kind `note`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenNote {
    id: Uuid,
    conversation_id: Uuid,
    /// Place in the conversation.
    seq: u64,
}

/// Adds an internal note; the customer never sees it.
#[utoipa::path(
    tag = "conversations",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body = NoteBody,
    responses(
        (status = 201, description = "Written", body = WrittenNote),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 422, description = "Empty or too long", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/notes")]
pub(crate) async fn add_note(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<NoteBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    write_note(&app, &user, id, key, body.value).await
}

pub(in crate::http) async fn write_note(
    app: &AppState,
    user: &CurrentUser,
    id: ConversationId,
    key: Option<IdempotencyKey>,
    body: NoteBody,
) -> Result<HttpResponse, ApiError> {
    let command = Command::AddNote {
        by: user.id,
        text: body.note,
    };
    let outcome = carry_out(app, user, id, key, command).await?;
    let written = outcome
        .message
        .ok_or_else(|| ApiError::internal("a note without a message"))?;
    let note = WrittenNote {
        id: written.id.0,
        conversation_id: id.0,
        seq: written.seq,
    };
    Ok(respond(outcome.replayed, StatusCode::CREATED, note))
}
