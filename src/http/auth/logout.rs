//! Logging out.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use actix_web::{HttpResponse, post, web};

/// Ends this login: its tokens are refused from now on, its sockets are cut.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Logged out")))]
#[post("/auth/logout")]
pub(crate) async fn log_out(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    app.database.revoke_session(user.home, user.session).await?;
    app.sessions_ended(user.home, user.id, &[user.session])
        .await;
    Ok(HttpResponse::NoContent().finish())
}
