//! Links for what a browser fetches by itself.

use super::visible;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use crate::media::Link;
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use papo_domain::{MediaId, MediaState};
use serde::Serialize;
use utoipa::ToSchema;

/// A short-lived link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileLinkView {
    /// On this server; needs no token.
    #[schema(example = "/files/AZ…")]
    url: String,
    expires_at: DateTime<Utc>,
}

/// Makes a link to a file's bytes for `<img>`, `<audio>`, `<video>` and downloads, which cannot send
/// a token. It is good for five minutes, for whoever has it.
#[utoipa::path(
    tag = "media",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 201, description = "The link", body = FileLinkView),
        (status = 404, description = "No such file for the caller", body = ErrorBody),
        (status = 409, description = "Its bytes are not here", body = ErrorBody),
    )
)]
#[post("/media/{id}/link")]
pub(crate) async fn create_link(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<MediaId>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, media) = visible(&app, &user, id).await?;
    if media.state != MediaState::Stored {
        return Err(ApiError::MediaState(media.state));
    }
    let link = Link {
        tenant,
        user: user.id,
        media: id,
    };
    let (token, expires_at) = app.links.token(link, app.clock.now());
    Ok(HttpResponse::Created().json(FileLinkView {
        url: format!("/files/{token}"),
        expires_at,
    }))
}
