//! A canned reply in the words of one conversation.

use super::reader;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, Id};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::canned_reply::{Facts, fill};
use papo_domain::{CannedReplyId, ConversationId, Permission};
use papo_storage::DbError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where it is used.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenderCannedReply {
    #[garde(skip)]
    conversation_id: Uuid,
}

/// What to put into the message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenderedReply {
    id: Uuid,
    #[schema(example = "Bom dia, Maria! Como posso ajudar?")]
    text: String,
}

/// Fills the variables of a canned reply with what is true of a conversation, and counts the use.
/// Nothing is sent.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = Uuid, Path)),
    request_body = RenderCannedReply,
    responses(
        (status = 200, description = "The words", body = RenderedReply),
        (status = 404, description = "No such canned reply for the caller", body = ErrorBody),
        (status = 422, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[post("/canned-replies/{id}/render")]
pub(crate) async fn render_canned_reply(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<CannedReplyId>,
    body: Body<RenderCannedReply>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let reply = app
        .database
        .find_canned_reply(tenant, &reader(&user), id)
        .await?;
    let wanted = ConversationId(body.value.conversation_id);
    let conversation = app
        .database
        .find_conversation(tenant, &user.sight(), wanted)
        .await
        .map_err(|error| match error {
            DbError::NotFound => ApiError::invalid("conversation_id", "is unknown"),
            error => error.into(),
        })?;
    let company = app.database.find_tenant_by_id(tenant).await?;
    let phone = (conversation.peer_kind == "wa_id").then_some(conversation.peer_value.as_str());
    let department = conversation
        .department_name
        .as_deref()
        .or(reply.department_name.as_deref());
    let text = fill(
        &reply.text,
        &Facts {
            customer: conversation.customer_name.as_deref(),
            phone,
            attendant: &user.name,
            department,
            company: &company.name,
            now: app.clock.now(),
            timezone: company.policy.business_hours.timezone,
        },
    );
    app.database.count_canned_use(tenant, id).await?;
    Ok(HttpResponse::Ok().json(RenderedReply { id: id.0, text }))
}
