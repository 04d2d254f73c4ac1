//! Fetching a file once more.

use super::visible;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::conversations::carry_out;
use crate::http::extract::Id;
use actix_web::{HttpResponse, post, web};
use papo_domain::conversation::Command;
use papo_domain::{MediaId, MediaState, Permission};

/// Has a file that could not be fetched tried again.
#[utoipa::path(
    tag = "media",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 202, description = "Will be tried"),
        (status = 404, description = "No such file for the caller", body = ErrorBody),
        (status = 409, description = "It is here, or on its way", body = ErrorBody),
    )
)]
#[post("/media/{id}/retry")]
pub(crate) async fn retry_media(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<MediaId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let (_, media) = visible(&app, &user, id).await?;
    let (Some(conversation), Some(seq), true) =
        (media.conversation, media.message_seq, media.inbound)
    else {
        return Err(ApiError::MediaState(media.state));
    };
    if matches!(media.state, MediaState::Pending | MediaState::Stored) {
        return Err(ApiError::MediaState(media.state));
    }
    let command = Command::FetchMedia { by: user.id, seq };
    carry_out(&app, &user, conversation, None, command).await?;
    Ok(HttpResponse::Accepted().finish())
}
