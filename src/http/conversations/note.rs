//! Internal notes: the customer never sees them.

use super::command::respond;
use super::{carry_out, earlier};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::IdempotencyKey;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::{Body, ClientKey, Id};
use crate::http::rules;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, DepartmentId, Permission, Role, UserId};
use papo_storage::app::{Conversation, User};
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
    /// Ids of up to 20 colleagues who are named in it. They must be able to see the conversation,
    /// and are told.
    #[garde(length(max = 20))]
    #[serde(default)]
    mentions: Vec<Uuid>,
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
        (status = 422, description = "Empty or too long, or it names somebody who cannot see it", body = ErrorBody),
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

/// The colleagues of these ids, each of whom sees the conversation.
async fn mentioned(
    app: &AppState,
    user: &CurrentUser,
    id: ConversationId,
    ids: &[Uuid],
) -> Result<Vec<UserId>, ApiError> {
    let ids: Vec<UserId> = ids.iter().copied().map(UserId).collect();
    if ids.is_empty() {
        return Ok(ids);
    }
    let tenant = user.tenant()?;
    let sight = user.sight();
    let conversation = app.database.find_conversation(tenant, &sight, id).await?;
    let colleagues = app.database.users_by_id(tenant, &ids).await?;
    let sees = |id: &UserId| {
        let found = colleagues.iter().find(|colleague| colleague.id == *id);
        found.is_some_and(|colleague| colleague.is_active && can_see(colleague, &conversation))
    };
    let blind = ids.iter().enumerate().filter(|(_, id)| !sees(id));
    let faults: Vec<FieldFault> = blind
        .map(|(i, _)| {
            let problem = "is nobody who can see the conversation";
            FieldFault::new(format!("mentions[{i}]"), problem)
        })
        .collect();
    if faults.is_empty() {
        Ok(ids)
    } else {
        Err(ApiError::Invalid(faults))
    }
}

/// As [`CurrentUser::sight`], of somebody else.
fn can_see(user: &User, conversation: &Conversation) -> bool {
    if user.role >= Role::Supervisor {
        return true;
    }
    user.role >= Role::Attendant
        && match (conversation.assigned_user_id, conversation.department_id) {
            (Some(assigned), _) => assigned == user.id.0,
            (None, Some(department)) => user.departments.contains(&DepartmentId(department)),
            (None, None) => true,
        }
}

pub(in crate::http) async fn write_note(
    app: &AppState,
    user: &CurrentUser,
    id: ConversationId,
    key: Option<IdempotencyKey>,
    body: NoteBody,
) -> Result<HttpResponse, ApiError> {
    let outcome = match earlier(app, user.tenant()?, key.as_ref()).await? {
        Some(outcome) => outcome,
        None => {
            let command = Command::AddNote {
                by: user.id,
                text: body.note,
                mentions: mentioned(app, user, id, &body.mentions).await?,
            };
            carry_out(app, user, id, key, command).await?
        }
    };
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
