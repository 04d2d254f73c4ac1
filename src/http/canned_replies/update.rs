//! Changing a canned reply.

use super::{CannedReplyView, changed, check, noting, reader, scope, writable};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use actix_web::{HttpResponse, patch, web};
use garde::Validate;
use papo_domain::{CannedReplyId, Permission};
use papo_storage::app::CannedText;
use serde::Deserialize;
use utoipa::ToSchema;

/// What changes; what is left out stays. Whose it is stays always.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCannedReply {
    /// 1 to 40 lower-case letters, digits and dashes.
    #[garde(inner(custom(super::shortcut)))]
    shortcut: Option<String>,
    #[garde(inner(custom(rules::label)))]
    title: Option<String>,
    /// With variables as in a new one.
    #[garde(skip)]
    text: Option<String>,
}

/// Changes a canned reply that the caller may write.
#[utoipa::path(
    tag = "canned replies",
    params(("id" = uuid::Uuid, Path)),
    request_body = UpdateCannedReply,
    responses(
        (status = 200, description = "The canned reply as it is now", body = CannedReplyView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such canned reply for the caller", body = ErrorBody),
        (status = 409, description = "The owner has this shortcut already", body = ErrorBody),
        (status = 422, description = "Invalid, or with an unknown variable", body = ErrorBody),
    )
)]
#[patch("/canned-replies/{id}")]
pub(crate) async fn update_canned_reply(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<CannedReplyId>,
    body: Body<UpdateCannedReply>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let (tenant, reply) = writable(&app, &user, id).await?;
    let change = body.value;
    let scope = scope(&reply);
    let before = CannedText {
        shortcut: reply.shortcut,
        title: reply.title,
        text: reply.text,
    };
    let text = check(CannedText {
        shortcut: change.shortcut.unwrap_or_else(|| before.shortcut.clone()),
        title: change.title.unwrap_or_else(|| before.title.clone()),
        text: change.text.unwrap_or_else(|| before.text.clone()),
    })?;
    let action = Action::CannedReplyUpdated;
    let texts = (Some(&before), Some(&text));
    let database = noting(&app, &source, &user, action, (id, scope), texts);
    let reply = database
        .update_canned_reply(tenant, &reader(&user), id, &text)
        .await?;
    changed(&app, tenant, scope);
    Ok(HttpResponse::Ok().json(CannedReplyView::from(reply)))
}
