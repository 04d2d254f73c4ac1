//! Sending a message to the customer.

use super::attached::{outbound, provider_id};
use super::carry_out;
use super::collision::with_what_came;
use super::command::respond;
use super::earlier;
use super::outgoing::SendMessage;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::Outcome;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, ClientKey, Id};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use papo_domain::conversation::{Command, Quote, Rejection};
use papo_domain::{ChannelId, ConversationId, Permission, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A message on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentMessage {
    id: Uuid,
    conversation_id: Uuid,
    /// Place in the conversation.
    seq: u64,
    #[schema(example = "queued")]
    status: &'static str,
}

/// Sends a message to the customer. The caller must lead the conversation, and the customer must
/// have written within the last 24 hours, unless it is a template: `templates_available` in
/// `details` of the refusal counts those. With `expected_seq` nothing is sent past somebody's words
/// that the writer had not seen: `details` of the refusal are `last_seq` and, oldest first, up to 20
/// `messages` after the expected one. With an `Idempotency-Key` a repetition sends nothing
/// more and has the same answer.
#[utoipa::path(
    tag = "conversations",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body = SendMessage,
    responses(
        (status = 201, description = "Durable and on its way", body = SentMessage),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "The caller does not lead the conversation, or it has moved on \
                                      since `expected_seq`", body = ErrorBody),
        (status = 422, description = "The window is closed, WhatsApp does not accept the content, \
                                      or the key belongs to another request", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
        (status = 504, description = "No answer in time; repeat with the same key",
         body = ErrorBody),
    )
)]
#[post("/conversations/{id}/messages")]
pub(crate) async fn send_message(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<SendMessage>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let key = key.of(&user, body.digest);
    if let Some(outcome) = earlier(&app, user.tenant()?, key.as_ref()).await? {
        return sent(&outcome);
    }
    let SendMessage {
        content,
        reply_to,
        expected_seq,
    } = body.value;
    let quote = quoted(&app, &user, id, reply_to).await?;
    let command = Command::SendReply {
        by: user.id,
        outbound: outbound(&app, &user, id, content).await?,
        quote,
        expected_seq,
        scheduled: false,
    };
    match carry_out(&app, &user, id, key, command).await {
        Ok(outcome) => sent(&outcome),
        Err(ApiError::Rejected(Rejection::WindowClosed { since })) => {
            Err(with_templates(&app, &user, id, since).await?)
        }
        Err(refused) => Err(with_what_came(&app, &user, id, expected_seq, refused).await),
    }
}

/// What a message answers.
pub(in crate::http) async fn quoted(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    message: Option<Uuid>,
) -> Result<Option<Quote>, ApiError> {
    let Some(message) = message else {
        return Ok(None);
    };
    let external_id = provider_id(app, user, conversation, message, "reply_to").await?;
    Ok(Some(Quote { external_id }))
}

/// That the window is closed, with how many templates could be sent instead.
async fn with_templates(
    app: &AppState,
    user: &CurrentUser,
    id: ConversationId,
    since: Option<Timestamp>,
) -> Result<ApiError, ApiError> {
    let (tenant, sight) = (user.tenant()?, user.sight());
    let found = app.database.find_conversation(tenant, &sight, id).await?;
    let channel = ChannelId(found.channel_id);
    Ok(ApiError::WindowClosed {
        since,
        templates_available: app.database.templates_available(tenant, channel).await?,
    })
}

pub(super) fn sent(outcome: &Outcome) -> Result<HttpResponse, ApiError> {
    let written = outcome
        .message
        .ok_or_else(|| ApiError::internal("a reply without a message"))?;
    let sent = SentMessage {
        id: written.id.0,
        conversation_id: outcome.conversation_id.0,
        seq: written.seq,
        status: "queued",
    };
    Ok(respond(outcome.replayed, StatusCode::CREATED, sent))
}
