//! Assigning a handoff to an attendant.

use super::{HandoffView, find_wanted};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::{Action, note_done};
use crate::http::conversations::{attendant, carry_out};
use crate::http::extract::{ClientKey, Id, OptionalBody, Source};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, HandoffId, Permission};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignBody {
    /// The attendant; left out: the caller.
    #[garde(skip)]
    #[serde(alias = "agent_id")]
    user_id: Option<Uuid>,
}

/// Gives a waiting conversation to an attendant. Attendants take it themselves; supervisors
/// decide for others.
#[utoipa::path(
    tag = "handoffs",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body(content = AssignBody, description = "May be left out"),
    responses(
        (status = 200, description = "Assigned", body = HandoffView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such request for the caller", body = ErrorBody),
        (status = 409, description = "It does not wait any more: taken, completed or cancelled",
         body = ErrorBody),
        (status = 422, description = "No such attendant", body = ErrorBody),
    )
)]
#[post("/handoffs/{id}/assign")]
pub(crate) async fn assign_handoff(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<HandoffId>,
    key: ClientKey,
    body: OptionalBody<AssignBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let to = body.value.user_id.unwrap_or(user.id.0);
    if to != user.id.0 {
        user.must(Permission::HandoffManage)?;
    }
    let key = key.of(&user, body.digest);
    let (handoff, repeated) = find_wanted(&app, &user, id, key.as_ref()).await?;
    if repeated {
        return HandoffView::answer(&app, &user, id, StatusCode::OK, true).await;
    }
    let name = if to == user.id.0 {
        user.name.clone()
    } else {
        attendant(&app, user.tenant()?, to, "user_id")
            .await?
            .full_name
    };
    let command = Command::Assign {
        by: user.id,
        handoff: id,
        to: to.into(),
        name,
        force: user.may_force(),
    };
    let conversation = ConversationId(handoff.conversation_id);
    let outcome = carry_out(&app, &user, conversation, key, command).await?;
    if to != user.id.0 && !outcome.replayed {
        let entry = source.tells(&user, Action::HandoffAssigned);
        let entry = entry.about("conversation", conversation);
        let entry = entry.after(json!({ "handoff_id": id, "user_id": to }));
        note_done(&app, user.tenant()?, entry).await;
    }
    HandoffView::answer(&app, &user, id, StatusCode::OK, outcome.replayed).await
}
