//! Requests for a person.

mod assign;
mod complete;
mod next;
mod notes;
mod offers;
mod pending;
mod request;

pub(crate) use assign::assign_handoff;
pub(crate) use complete::complete_handoff;
pub(crate) use next::next_handoff;
pub(crate) use notes::add_handoff_note;
pub(crate) use offers::{accept_offer, list_offers, reject_offer};
pub(crate) use pending::pending_handoffs;
pub(crate) use request::request_handoff;

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::IdempotencyKey;
use crate::error::ApiError;
use crate::http::conversations::{earlier, respond, told_who_leads};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use papo_domain::{ConversationId, HandoffId};
use papo_storage::app::{Handoff, Sight};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A request for a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoffView {
    id: Uuid,
    conversation_id: Uuid,
    /// `pending`, `assigned`, `completed` or `cancelled`.
    status: String,
    /// Which rule asked, such as `keyword` or `staff`.
    trigger: String,
    /// Words about it.
    reason: Option<String>,
    /// `low`, `medium`, `high` or `urgent`.
    priority: String,
    department_id: Option<Uuid>,
    assigned_user_id: Option<Uuid>,
    /// 1 is next in the queue of its department; `null` if it does not wait.
    queue_position: Option<i64>,
    resolution: Option<String>,
    customer_satisfaction: Option<i16>,
    created_at: DateTime<Utc>,
    assigned_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
}

impl HandoffView {
    fn of(row: Handoff, queue_position: Option<i64>) -> Self {
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            status: row.status,
            trigger: row.reason,
            reason: row.note,
            priority: row.priority,
            department_id: row.department_id,
            assigned_user_id: row.assigned_user_id,
            queue_position,
            resolution: row.resolution,
            customer_satisfaction: row.customer_satisfaction,
            created_at: row.requested_at,
            assigned_at: row.assigned_at,
            completed_at: row.completed_at,
        }
    }

    /// The request as it is now.
    async fn load(app: &AppState, user: &CurrentUser, id: HandoffId) -> Result<Self, ApiError> {
        let tenant = user.tenant()?;
        // Whoever just changed it may see what became of it.
        let row = app.database.find_handoff(tenant, &Sight::All, id).await?;
        let position = match row.status.as_str() {
            "pending" => app.database.queue_position(tenant, id).await?,
            _ => None,
        };
        Ok(Self::of(row, position))
    }

    /// The request as it is now, as the answer to whoever changed it, now or `replayed` before.
    async fn answer(
        app: &AppState,
        user: &CurrentUser,
        id: HandoffId,
        status: StatusCode,
        replayed: bool,
    ) -> Result<HttpResponse, ApiError> {
        let view = Self::load(app, user, id).await?;
        Ok(respond(replayed, status, view))
    }
}

/// The request, if the caller may see its conversation or repeats what succeeded; and whether
/// the latter is so.
async fn find(
    app: &AppState,
    user: &CurrentUser,
    id: HandoffId,
    key: Option<&IdempotencyKey>,
) -> Result<(Handoff, bool), ApiError> {
    let tenant = user.tenant()?;
    let repeated = earlier(app, tenant, key).await?.is_some();
    let sight = if repeated { Sight::All } else { user.sight() };
    Ok((
        app.database.find_handoff(tenant, &sight, id).await?,
        repeated,
    ))
}

/// As [`find`], for whoever wants the request for themselves or somebody: one that a colleague was
/// faster to take is told to be theirs.
async fn find_wanted(
    app: &AppState,
    user: &CurrentUser,
    id: HandoffId,
    key: Option<&IdempotencyKey>,
) -> Result<(Handoff, bool), ApiError> {
    match find(app, user, id, key).await {
        Err(ApiError::NotFound) => {
            let tenant = user.tenant()?;
            let handoff = app.database.find_handoff(tenant, &Sight::All, id).await?;
            let conversation = ConversationId(handoff.conversation_id);
            let refused = ApiError::NotFound;
            Err(told_who_leads(app, user, conversation, refused).await)
        }
        found => found,
    }
}
