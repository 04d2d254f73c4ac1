//! What the caller is being asked to take, and their answers.

use super::pending::PendingView;
use super::{HandoffView, find_wanted};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::Nothing;
use crate::http::conversations::carry_out;
use crate::http::extract::{ClientKey, Id, OptionalBody, Page};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use papo_domain::conversation::Command;
use papo_domain::{ConversationId, HandoffId, Permission};

/// The requests that are offered to the caller now, in the order of service.
#[utoipa::path(
    tag = "handoffs",
    responses((status = 200, description = "Open offers", body = Page<PendingView>))
)]
#[get("/handoffs/offers")]
pub(crate) async fn list_offers(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let (tenant, sight) = (user.tenant()?, user.sight());
    let rows = app.database.list_offers(tenant, &sight, user.id).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, PendingView::from)))
}

/// The caller takes what they are offered: they lead the conversation, and the customer is told.
/// Doing so again changes nothing.
#[utoipa::path(
    tag = "handoffs",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    responses(
        (status = 200, description = "The caller leads its conversation", body = HandoffView),
        (status = 404, description = "No such request for the caller", body = ErrorBody),
        (status = 409, description = "The offer is over, another attendant leads, or the caller \
                                      has no room any more",
         body = ErrorBody),
    )
)]
#[post("/handoffs/{id}/accept")]
pub(crate) async fn accept_offer(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<HandoffId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let command = Command::AcceptOffer {
        by: user.id,
        handoff: id,
        name: user.name.clone(),
    };
    let key = key.of(&user, body.digest);
    answer(&app, &user, id, key, command).await
}

/// The caller does not take what they are offered: somebody else is asked. Doing so again changes
/// nothing.
#[utoipa::path(
    tag = "handoffs",
    params(
        ("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters"),
    ),
    responses(
        (status = 200, description = "It waits for somebody else", body = HandoffView),
        (status = 404, description = "No such request for the caller", body = ErrorBody),
        (status = 409, description = "The offer is over, or another attendant leads",
         body = ErrorBody),
    )
)]
#[post("/handoffs/{id}/reject")]
pub(crate) async fn reject_offer(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<HandoffId>,
    key: ClientKey,
    body: OptionalBody<Nothing>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let command = Command::RejectOffer {
        by: user.id,
        handoff: id,
    };
    let key = key.of(&user, body.digest);
    answer(&app, &user, id, key, command).await
}

async fn answer(
    app: &AppState,
    user: &CurrentUser,
    id: HandoffId,
    key: Option<crate::engine::IdempotencyKey>,
    command: Command,
) -> Result<HttpResponse, ApiError> {
    let (handoff, repeated) = find_wanted(app, user, id, key.as_ref()).await?;
    if repeated {
        return HandoffView::answer(app, user, id, StatusCode::OK, true).await;
    }
    let conversation = ConversationId(handoff.conversation_id);
    let outcome = carry_out(app, user, conversation, key, command).await?;
    HandoffView::answer(app, user, id, StatusCode::OK, outcome.replayed).await
}
