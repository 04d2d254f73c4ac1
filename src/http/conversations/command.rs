//! Handing a command to a conversation's actor, and telling what it did.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::{Dispatch, IdempotencyKey, Outcome};
use crate::error::ApiError;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use papo_domain::conversation::{Command, Rejection};
use papo_domain::{ConversationId, DepartmentId, Role, TenantId, UserId};
use papo_storage::DbError;
use papo_storage::app::{Sight, User};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What a command did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandResult {
    conversation_id: Uuid,
    /// The conversation's version afterwards.
    version: u64,
    /// The control epoch afterwards: raised whenever somebody else leads.
    epoch: u64,
    /// `seq` of the newest message.
    seq: u64,
    /// The bot's messages that were withdrawn before they were sent.
    cancelled: u32,
    /// The bot's messages that were already on their way to the customer.
    on_the_wire: u32,
    /// The message that the command wrote, if it wrote one.
    message: Option<WrittenView>,
}

/// A message that a command wrote.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WrittenView {
    id: Uuid,
    seq: u64,
}

impl From<&Outcome> for CommandResult {
    fn from(outcome: &Outcome) -> Self {
        Self {
            conversation_id: outcome.conversation_id.0,
            version: outcome.version,
            epoch: outcome.epoch,
            seq: outcome.seq,
            cancelled: outcome.cancelled,
            on_the_wire: outcome.on_the_wire,
            message: outcome.message.map(|message| WrittenView {
                id: message.id.0,
                seq: message.seq,
            }),
        }
    }
}

impl CommandResult {
    /// The usual answer.
    pub(in crate::http) fn answer(outcome: &Outcome) -> HttpResponse {
        respond(outcome.replayed, StatusCode::OK, Self::from(outcome))
    }
}

/// An answer that says whether it repeats an earlier one.
pub(in crate::http) fn respond(
    replayed: bool,
    status: StatusCode,
    body: impl Serialize,
) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    if replayed {
        answer.insert_header(("Idempotent-Replayed", "true"));
    }
    answer.json(body)
}

/// Refuses whoever may not see the conversation: for them it does not exist.
pub(in crate::http) async fn must_see(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
) -> Result<TenantId, ApiError> {
    let tenant = user.tenant()?;
    let sight = user.sight();
    app.database
        .find_conversation(tenant, &sight, conversation)
        .await?;
    Ok(tenant)
}

/// The outcome of an earlier request with the same key. A repetition may come when the
/// conversation has moved on (often because of that very request), so this is asked before
/// anything is refused.
///
/// # Errors
/// The key belongs to another request, or the database is away.
pub(in crate::http) async fn earlier(
    app: &AppState,
    tenant: TenantId,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Outcome>, ApiError> {
    let Some(key) = key else {
        return Ok(None);
    };
    let found = app
        .database
        .find_earlier_request(tenant, key.user, &key.key)
        .await?;
    let Some(earlier) = found else {
        return Ok(None);
    };
    if earlier.request != key.request {
        return Err(ApiError::KeyReused);
    }
    let mut outcome: Outcome =
        serde_json::from_value(earlier.answer).map_err(ApiError::internal)?;
    outcome.replayed = true;
    Ok(Some(outcome))
}

/// Has the actor carry out a command for a user who may see the conversation.
pub(in crate::http) async fn carry_out(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    key: Option<IdempotencyKey>,
    command: Command,
) -> Result<Outcome, ApiError> {
    let tenant = user.tenant()?;
    let claims = matches!(
        command,
        Command::TakeOver { .. }
            | Command::Assign { .. }
            | Command::AcceptOffer { .. }
            | Command::RejectOffer { .. }
    );
    let done = match must_see(app, user, conversation).await {
        Ok(_) => {
            let dispatch = Dispatch {
                tenant,
                conversation,
                command,
                idempotency: key.clone(),
            };
            app.engine.dispatch(dispatch).await.map_err(ApiError::from)
        }
        Err(refused) => Err(refused),
    };
    match done {
        Err(refused @ (ApiError::NotFound | ApiError::Rejected(_))) => {
            match earlier(app, tenant, key.as_ref()).await? {
                Some(outcome) => Ok(outcome),
                None if claims || matches!(refused, ApiError::Rejected(_)) => {
                    Err(told_who_leads(app, user, conversation, refused).await)
                }
                None => Err(refused),
            }
        }
        done => done,
    }
}

/// As [`carry_out`], and the usual answer.
pub(super) async fn obey(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    key: Option<IdempotencyKey>,
    command: Command,
) -> Result<HttpResponse, ApiError> {
    let outcome = carry_out(app, user, conversation, key, command).await?;
    Ok(CommandResult::answer(&outcome))
}

/// A refusal of what the caller wanted of a conversation, with who leads it where that is why:
/// also where they cannot see it any more because a colleague was faster.
pub(in crate::http) async fn told_who_leads(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    refused: ApiError,
) -> ApiError {
    if !matches!(
        refused,
        ApiError::NotFound | ApiError::Rejected(Rejection::AssignedToAnother { by: Some(_) })
    ) {
        return refused;
    }
    let Ok(tenant) = user.tenant() else {
        return refused;
    };
    let found = app
        .database
        .find_conversation(tenant, &Sight::All, conversation)
        .await;
    let Ok(found) = found else {
        return refused;
    };
    let waited_in_sight = match user.sight() {
        Sight::All => true,
        Sight::Own { departments, .. } => found
            .department_id
            .is_none_or(|id| departments.contains(&DepartmentId(id))),
    };
    match found.assigned_user_id.map(UserId) {
        Some(by) if by != user.id && waited_in_sight => ApiError::Led {
            by,
            name: found.assigned_name,
        },
        _ => refused,
    }
}

/// A colleague who can be given a conversation.
pub(in crate::http) async fn attendant(
    app: &AppState,
    tenant: TenantId,
    id: Uuid,
    field: &'static str,
) -> Result<User, ApiError> {
    match app.database.find_user(tenant, UserId(id)).await {
        Ok(user) if user.is_active && user.role >= Role::Attendant => Ok(user),
        Ok(_) | Err(DbError::NotFound) => Err(ApiError::invalid(field, "is not an attendant")),
        Err(error) => Err(error.into()),
    }
}
