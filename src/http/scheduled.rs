//! Messages that are written now and sent later, as their authors.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::{Dispatch, IdempotencyKey};
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::conversations::{Named, SendMessage, must_see, outbound, quoted};
use crate::http::extract::{Body, ClientKey, Cursor, Id, Page, Query, Source};
use crate::jobs::{ScheduledWords, send_scheduled};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::{DateTime, TimeDelta, Utc};
use garde::Validate;
use papo_domain::conversation::{Command, NotificationKind, Rejection};
use papo_domain::{
    ConversationId, NotificationId, Permission, ScheduledId, TenantId, Timestamp, UserId,
};
use papo_storage::app::{NewScheduled, Scheduled, ScheduledOf, Scheduling};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The farthest time ahead.
const AHEAD_MAX: TimeDelta = TimeDelta::days(90);

/// What to send, and when.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleMessage {
    /// Ahead, at most 90 days.
    #[garde(skip)]
    send_at: DateTime<Utc>,
    /// As for sending at once, without `expected_seq`.
    #[garde(skip)]
    message: SendMessage,
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditScheduled {
    /// Ahead, at most 90 days.
    #[garde(skip)]
    send_at: Option<DateTime<Utc>>,
    #[garde(skip)]
    message: Option<SendMessage>,
}

/// In which state.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduledState {
    Scheduled,
    Sending,
    Sent,
    Failed,
    Cancelled,
}

/// Which scheduled messages.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListScheduled {
    #[garde(skip)]
    #[param(inline)]
    state: Option<ScheduledState>,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// A message that is sent later.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScheduledView {
    id: Uuid,
    conversation_id: Uuid,
    customer_name: Option<String>,
    author: Named,
    send_at: DateTime<Utc>,
    /// `scheduled`, `sending`, `sent`, `failed` or `cancelled`.
    #[schema(example = "scheduled")]
    state: String,
    /// The words; `null` once they are in a message, or it was cancelled.
    text: Option<String>,
    /// The whole content, by its `type`.
    #[schema(value_type = Option<Object>)]
    content: Option<Value>,
    /// The message that it answers, as in what was asked.
    reply_to: Option<Uuid>,
    /// Why it was not sent: the code of a refusal, such as `window_closed`.
    failure: Option<String>,
    /// The place of the message that was sent.
    message_seq: Option<i64>,
    created_at: DateTime<Utc>,
}

impl From<Scheduled> for ScheduledView {
    fn from(row: Scheduled) -> Self {
        let written: Option<ScheduledWords> =
            row.body.and_then(|body| serde_json::from_str(&body).ok());
        let text = written
            .as_ref()
            .map(|words| words.outbound.body().to_owned());
        let reply_to = written.as_ref().and_then(|words| words.reply_to);
        let content = written.and_then(|words| serde_json::to_value(words.outbound).ok());
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            customer_name: row.customer_name,
            author: Named {
                id: row.author_id,
                name: row.author_name,
            },
            send_at: row.send_at,
            state: row.state,
            text,
            content,
            reply_to,
            failure: row.failure,
            message_seq: row.message_seq,
            created_at: row.created_at,
        }
    }
}

impl ScheduledState {
    fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Keeps a message, to be sent at its time by whoever wrote it. Then it must be possible: they lead
/// the conversation, and the customer has written within 24 hours, or it is a template. Else it is
/// `failed`, and its author is told by a notification `scheduled_failed` that has its id.
/// With an `Idempotency-Key` a repetition keeps nothing more, and answers with what was kept.
#[utoipa::path(
    tag = "scheduled-messages",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body = ScheduleMessage,
    responses(
        (status = 201, description = "Kept", body = ScheduledView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 422, description = "The time does not lie ahead, or too far; WhatsApp does not accept \
                                      the content; there are 50 in the conversation already; or the key belongs \
                                      to another request", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/scheduled-messages")]
pub(crate) async fn schedule_message(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<ScheduleMessage>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = must_see(&app, &user, id).await?;
    let key = key.of(&user, body.digest);
    let scheduled = ScheduledId(key.as_ref().map_or_else(Uuid::now_v7, id_of_key));
    let request = key.map(|key| key.request);
    if let Some(request) = request {
        // Its time may have come meanwhile.
        let before = app.database.scheduled_before(tenant, scheduled, request);
        if let Some(before) = before.await? {
            return answered(before);
        }
    }
    let ScheduleMessage { send_at, message } = body.value;
    let new = NewScheduled {
        id: scheduled,
        conversation: id,
        author: user.id,
        send_at: ahead(&app, send_at)?,
        body: written(&app, &user, id, message).await?,
        request,
    };
    let scheduling = app
        .database
        .schedule_message(tenant, &new, send_scheduled)
        .await?;
    answered(scheduling)
}

/// The scheduled messages of a conversation, the soonest first.
#[utoipa::path(
    tag = "scheduled-messages",
    params(("id" = Uuid, Path), ListScheduled),
    responses(
        (status = 200, description = "A page of them", body = Page<ScheduledView>),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[get("/conversations/{id}/scheduled-messages")]
pub(crate) async fn list_scheduled_of_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    Query(query): Query<ListScheduled>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = must_see(&app, &user, id).await?;
    list(&app, tenant, ScheduledOf::Conversation(id), &query).await
}

/// The caller's own scheduled messages, the soonest first.
#[utoipa::path(
    tag = "scheduled-messages",
    params(ListScheduled),
    responses((status = 200, description = "A page of them", body = Page<ScheduledView>))
)]
#[get("/scheduled-messages")]
pub(crate) async fn list_own_scheduled(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListScheduled>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    list(&app, user.tenant()?, ScheduledOf::Author(user.id), &query).await
}

/// Changes what is sent, or when. Only its author can, and only before it is sent.
#[utoipa::path(
    tag = "scheduled-messages",
    params(("id" = Uuid, Path)),
    request_body = EditScheduled,
    responses(
        (status = 200, description = "As it is now", body = ScheduledView),
        (status = 403, description = "Not the caller's", body = ErrorBody),
        (status = 404, description = "No such message in a conversation that the caller sees", body = ErrorBody),
        (status = 409, description = "Sent, failed or cancelled", body = ErrorBody),
        (status = 422, description = "The time does not lie ahead, or too far; or WhatsApp does not \
                                      accept the content", body = ErrorBody),
    )
)]
#[patch("/scheduled-messages/{id}")]
pub(crate) async fn edit_scheduled(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ScheduledId>,
    body: Body<EditScheduled>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let found = seen(&app, &user, tenant, id).await?;
    if UserId(found.author_id) != user.id {
        return Err(ApiError::Forbidden);
    }
    let EditScheduled { send_at, message } = body.value;
    let conversation = ConversationId(found.conversation_id);
    let send_at = send_at.map(|at| ahead(&app, at)).transpose()?;
    let body = match message {
        Some(message) => Some(written(&app, &user, conversation, message).await?),
        None => None,
    };
    let changed = app
        .database
        .edit_scheduled(tenant, id, send_at, body.as_deref(), send_scheduled)
        .await?;
    let changed = changed.ok_or(ApiError::ScheduleEnded)?;
    Ok(HttpResponse::Ok().json(ScheduledView::from(changed)))
}

/// Cancels a scheduled message. Its author can, and supervisors: then the author is told by a
/// notification `scheduled_cancelled` that has its id. Doing so again changes nothing.
#[utoipa::path(
    tag = "scheduled-messages",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It is never sent"),
        (status = 403, description = "Not the caller's", body = ErrorBody),
        (status = 404, description = "No such message in a conversation that the caller sees", body = ErrorBody),
        (status = 409, description = "Sent or failed", body = ErrorBody),
    )
)]
#[delete("/scheduled-messages/{id}")]
pub(crate) async fn cancel_scheduled(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ScheduledId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let found = seen(&app, &user, tenant, id).await?;
    let author = UserId(found.author_id);
    if author != user.id && !user.may_force() {
        return Err(ApiError::Forbidden);
    }
    let cancelled = app
        .database
        .cancel_scheduled(tenant, id, send_scheduled)
        .await?;
    if !cancelled {
        return Err(ApiError::ScheduleEnded);
    }
    if author != user.id && found.state == ScheduledState::Scheduled.name() {
        let entry = source.tells(&user, Action::ScheduledCancelled);
        let entry = entry.about("scheduled_message", id);
        app.database.note(tenant, entry).await?;
        tell_author(&app, &user, tenant, &found).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Tells the author that somebody else cancelled it. Once, however often this is done.
async fn tell_author(
    app: &AppState,
    user: &CurrentUser,
    tenant: TenantId,
    message: &Scheduled,
) -> Result<(), ApiError> {
    let command = Command::Tell {
        to: UserId(message.author_id),
        id: NotificationId(message.id),
        kind: NotificationKind::ScheduledCancelled,
        by: Some(user.id),
    };
    let dispatch = Dispatch {
        tenant,
        conversation: ConversationId(message.conversation_id),
        command,
        idempotency: None,
    };
    app.engine.dispatch(dispatch).await?;
    Ok(())
}

fn answered(scheduling: Scheduling) -> Result<HttpResponse, ApiError> {
    match scheduling {
        Scheduling::Kept(kept) => Ok(HttpResponse::Created().json(ScheduledView::from(*kept))),
        Scheduling::Full => Err(ApiError::invalid("message", "is one more than may wait")),
        Scheduling::KeyReused => Err(ApiError::KeyReused),
    }
}

/// Keys are a user's own.
fn id_of_key(key: &IdempotencyKey) -> Uuid {
    Uuid::new_v5(&key.user.0, key.key.as_bytes())
}

async fn list(
    app: &AppState,
    tenant: TenantId,
    of: ScheduledOf,
    query: &ListScheduled,
) -> Result<HttpResponse, ApiError> {
    let after: Option<(Timestamp, ScheduledId)> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let state = query.state.map(ScheduledState::name);
    let rows = app
        .database
        .list_scheduled(tenant, of, state, after, limit)
        .await?;
    let key = |row: &Scheduled| (row.send_at, ScheduledId(row.id));
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, ScheduledView::from)))
}

/// A message that the caller wrote, or whose conversation they see.
async fn seen(
    app: &AppState,
    user: &CurrentUser,
    tenant: TenantId,
    id: ScheduledId,
) -> Result<Scheduled, ApiError> {
    let found = app.database.find_scheduled(tenant, id).await?;
    if UserId(found.author_id) != user.id {
        must_see(app, user, ConversationId(found.conversation_id)).await?;
    }
    Ok(found)
}

fn ahead(app: &AppState, at: DateTime<Utc>) -> Result<Timestamp, ApiError> {
    let now = app.clock.now();
    if at > now && at <= now + AHEAD_MAX {
        return Ok(at);
    }
    Err(ApiError::invalid(
        "send_at",
        "must lie ahead, at most 90 days",
    ))
}

/// A message as it is kept. What the channel could never carry is refused now.
async fn written(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    message: SendMessage,
) -> Result<String, ApiError> {
    let SendMessage {
        content,
        reply_to,
        expected_seq,
    } = message;
    if expected_seq.is_some() {
        let problem = "has no meaning for what is sent later";
        return Err(ApiError::invalid("message.expected_seq", problem));
    }
    let quote = quoted(app, user, conversation, reply_to).await?;
    let outbound = outbound(app, user, conversation, content).await?;
    if outbound.file().is_some() {
        // What was uploaded is kept for a day only.
        let problem = "of a message that is sent later cannot be a file";
        return Err(ApiError::invalid("message.type", problem));
    }
    outbound
        .check()
        .map_err(|limit| ApiError::Rejected(Rejection::Content(limit)))?;
    serde_json::to_string(&ScheduledWords {
        outbound,
        quote,
        reply_to,
    })
    .map_err(ApiError::internal)
}
