//! Transferring a conversation to another attendant or department.

use super::forced::obey_noted;
use super::{CommandResult, attendant, earlier};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, ClientKey, Id, Source};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::conversation::{Command, TransferTarget};
use papo_domain::{ConversationId, DepartmentId, Permission};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where to. Neither a user nor a department: back to the bot.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransferBody {
    /// To this colleague.
    #[garde(skip)]
    to_user_id: Option<Uuid>,
    /// To the queue of this department.
    #[garde(skip)]
    #[serde(alias = "to_department_id")]
    department_id: Option<Uuid>,
    /// Kept with the transfer; the customer does not see it.
    #[garde(length(chars, max = 1000))]
    #[serde(alias = "note")]
    reason: Option<String>,
}

/// Hands the conversation to a colleague, to a department's queue, or back to the bot.
#[utoipa::path(
    tag = "conversations",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    request_body = TransferBody,
    responses(
        (status = 200, description = "Handed on", body = CommandResult),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
        (status = 409, description = "Not in this mode, or another attendant leads",
         body = ErrorBody),
        (status = 422, description = "No such colleague or department", body = ErrorBody),
    )
)]
#[post("/conversations/{id}/transfer")]
pub(crate) async fn transfer_conversation(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ConversationId>,
    key: ClientKey,
    body: Body<TransferBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationTransfer)?;
    let key = key.of(&user, body.digest);
    if let Some(outcome) = earlier(&app, user.tenant()?, key.as_ref()).await? {
        return Ok(CommandResult::answer(&outcome));
    }
    let TransferBody {
        to_user_id,
        department_id,
        reason,
    } = body.value;
    let to = match (to_user_id, department_id) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "department_id",
                "cannot go with to_user_id",
            ));
        }
        (Some(colleague), None) => {
            let colleague = attendant(&app, user.tenant()?, colleague, "to_user_id").await?;
            TransferTarget::Attendant {
                id: colleague.id,
                name: colleague.full_name,
            }
        }
        (None, Some(department)) => TransferTarget::Department(DepartmentId(department)),
        (None, None) => TransferTarget::Bot,
    };
    let command = Command::Transfer {
        by: user.id,
        force: user.may_force(),
        to,
        note: reason,
    };
    obey_noted(&app, &user, &source, id, key, command).await
}
