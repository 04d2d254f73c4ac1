//! What is known of a file.

use super::{MediaView, visible};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::MediaId;

/// A file, without its bytes.
#[utoipa::path(
    tag = "media",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The file", body = MediaView),
        (status = 404, description = "No such file for the caller", body = ErrorBody),
    )
)]
#[get("/media/{id}")]
pub(crate) async fn show_media(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<MediaId>,
) -> Result<HttpResponse, ApiError> {
    let (_, media) = visible(&app, &user, id).await?;
    Ok(HttpResponse::Ok().json(MediaView::from(media)))
}
