//! Conversations whose automatic part was taken away after repeated crashes.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::audit::{Action, note_done};
use crate::http::conversations::{CommandResult, carry_out};
use crate::http::extract::{ClientKey, Id, OptionalBody, Page, Paging, Query, Source};
use actix_web::{HttpResponse, get, post, web};
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, Role};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A conversation in quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinedView {
    conversation_id: Uuid,
}

/// Conversations in quarantine.
#[utoipa::path(
    tag = "engine",
    params(Paging),
    responses((status = 200, description = "A page", body = Page<QuarantinedView>))
)]
#[get("/engine/quarantine")]
pub(crate) async fn list_quarantine(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let after: Option<ConversationId> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_quarantined(user.tenant()?, after, limit)
        .await?;
    let show = |id: ConversationId| QuarantinedView {
        conversation_id: id.0,
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, |id| *id, show)))
}

/// Lets the conversation decide normally again.
#[utoipa::path(
    tag = "engine",
    params(("id" = Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Resumed", body = CommandResult),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 409, description = "Not in quarantine", body = ErrorBody),
    )
)]
#[post("/engine/quarantine/{id}/resume")]
pub(crate) async fn resume_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let command = Command::Resume { by: user.id };
    let key = key.of(&user, body.digest);
    let outcome = carry_out(&app, &user, id, key, command).await?;
    if !outcome.replayed {
        let entry = source.tells(&user, Action::ConversationResumed);
        note_done(&app, user.tenant()?, entry.about("conversation", id)).await;
    }
    Ok(CommandResult::answer(&outcome))
}
