//! Taking the next request: the best that the caller may serve and nobody else is asked about.

use super::HandoffView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::Outcome;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::conversations::{carry_out, earlier};
use crate::http::extract::{ClientKey, OptionalBody};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use papo_domain::conversation::{Command, Rejection};
use papo_domain::{HandoffId, Permission, TenantId};

/// Gives the caller the next request that waits, if they have room for it. One that somebody else
/// was faster to take is passed over.
#[utoipa::path(
    tag = "handoffs",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters")),
    responses(
        (status = 200, description = "The caller leads its conversation", body = HandoffView),
        (status = 204, description = "Nobody waits whom the caller may serve"),
        (status = 409, description = "The caller has no room, or is away", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    )
)]
#[post("/handoffs/next")]
pub(crate) async fn next_handoff(
    app: web::Data<AppState>,
    user: CurrentUser,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let key = key.of(&user, body.digest);
    if let Some(outcome) = earlier(&app, tenant, key.as_ref()).await? {
        return repeat(&app, &user, tenant, &outcome).await;
    }
    for (conversation, handoff) in app.engine.choices(tenant, user.id).await? {
        let command = Command::Assign {
            by: user.id,
            handoff,
            to: user.id,
            name: user.name.clone(),
            force: false,
        };
        match carry_out(&app, &user, conversation, key.clone(), command).await {
            // The same request came twice at once, and the other one may have found another choice.
            Ok(outcome) if outcome.replayed => return repeat(&app, &user, tenant, &outcome).await,
            Ok(_) => {
                return HandoffView::answer(&app, &user, handoff, StatusCode::OK, false).await;
            }
            // It is not to be had any more.
            Err(
                ApiError::NotFound
                | ApiError::Led { .. }
                | ApiError::Rejected(
                    Rejection::NotWaiting
                    | Rejection::Quarantined
                    | Rejection::SkillsMissing { .. },
                ),
            ) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

/// The answer of an earlier request with the same key.
async fn repeat(
    app: &AppState,
    user: &CurrentUser,
    tenant: TenantId,
    outcome: &Outcome,
) -> Result<HttpResponse, ApiError> {
    let conversation = outcome.conversation_id;
    let taken = app.database.taken_handoff(tenant, conversation, user.id);
    // Others may lead it by now: then nothing but the assignment raised the epoch since it was
    // asked for.
    let epoch = outcome.epoch.saturating_sub(1);
    let taken = taken.await?;
    let taken = taken.unwrap_or_else(|| HandoffId::of(conversation, epoch));
    HandoffView::answer(app, user, taken, StatusCode::OK, true).await
}
