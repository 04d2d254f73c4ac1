//! What is done with a conversation that somebody else leads goes into the audit trail.

use super::{CommandResult, carry_out};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::{IdempotencyKey, Outcome};
use crate::error::ApiError;
use crate::http::audit::{Action, note_done};
use crate::http::extract::Source;
use actix_web::HttpResponse;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, UserId};
use papo_storage::DbError;
use serde_json::json;

/// As [`carry_out`]. What was taken from a colleague is noted with who that was.
pub(in crate::http) async fn carry_out_noted(
    app: &AppState,
    user: &CurrentUser,
    source: &Source,
    conversation: ConversationId,
    key: Option<IdempotencyKey>,
    command: Command,
) -> Result<Outcome, ApiError> {
    let taken = match taken_by(&command) {
        // Others cannot do it to a colleague.
        Some(action) if user.may_force() => led_by_another(app, user, conversation)
            .await?
            .map(|leader| (action, leader)),
        _ => None,
    };
    let outcome = carry_out(app, user, conversation, key, command).await?;
    if let Some((action, leader)) = taken
        && !outcome.replayed
    {
        let entry = source.tells(user, action);
        let entry = entry.about("conversation", conversation);
        let entry = entry.before(json!({ "user_id": leader }));
        note_done(app, user.tenant()?, entry).await;
    }
    Ok(outcome)
}

/// As [`carry_out_noted`], and the usual answer.
pub(super) async fn obey_noted(
    app: &AppState,
    user: &CurrentUser,
    source: &Source,
    conversation: ConversationId,
    key: Option<IdempotencyKey>,
    command: Command,
) -> Result<HttpResponse, ApiError> {
    let outcome = carry_out_noted(app, user, source, conversation, key, command).await?;
    Ok(CommandResult::answer(&outcome))
}

fn taken_by(command: &Command) -> Option<Action> {
    match command {
        Command::TakeOver { .. } => Some(Action::ConversationTakenOver),
        Command::Transfer { .. } => Some(Action::ConversationTransferred),
        Command::ReturnToBot { .. } => Some(Action::ConversationReturned),
        Command::Close { .. } => Some(Action::ConversationClosed),
        _ => None,
    }
}

/// Who leads, if that is somebody else. A conversation that is not seen is refused elsewhere.
async fn led_by_another(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
) -> Result<Option<UserId>, ApiError> {
    let (tenant, sight) = (user.tenant()?, user.sight());
    let found = app
        .database
        .find_conversation(tenant, &sight, conversation)
        .await;
    let leader = match found {
        Ok(found) => found.assigned_user_id.map(UserId),
        Err(DbError::NotFound) => None,
        // Done without a trace it must not be.
        Err(error) => return Err(error.into()),
    };
    Ok(leader.filter(|leader| *leader != user.id))
}
