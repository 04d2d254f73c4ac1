//! The calling user's own account.

use super::Me;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use actix_web::{HttpResponse, get, web};

/// The caller, with what the role allows.
#[utoipa::path(tag = "auth", responses((status = 200, description = "The caller", body = Me)))]
#[get("/auth/me")]
pub(crate) async fn show_me(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let found = app.database.find_user(user.home, user.id).await?;
    Ok(HttpResponse::Ok().json(Me::of(&app, found, user.home, user.must_set_up_two_factor)))
}
