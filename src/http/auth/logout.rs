//! Logging out.

use super::cookie;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::audit::{Action, note_done};
use crate::http::extract::{OptionalBody, Source};
use actix_web::{HttpRequest, HttpResponse, post, web};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which login, if its access token has expired already.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logout {
    #[garde(length(bytes, max = 512))]
    refresh_token: Option<String>,
}

/// Ends this login: its tokens are refused from now on, its sockets are cut. The login is that of
/// the access token, and that of the refresh token in the body or, without one, in the cookie.
#[utoipa::path(
    tag = "auth",
    request_body = Option<Logout>,
    responses((status = 204, description = "Logged out; the cookie is gone"))
)]
#[post("/auth/logout")]
pub(crate) async fn log_out(
    app: web::Data<AppState>,
    req: HttpRequest,
    source: Source,
    user: Result<CurrentUser, ApiError>,
    body: OptionalBody<Logout>,
) -> Result<HttpResponse, ApiError> {
    let kept = cookie::presented(&app, &req)?;
    let has_cookie = kept.is_some();
    let token = body.value.refresh_token.or(kept);
    let token = token.and_then(|token| app.opaque_tokens.read(&token));
    match &user {
        Ok(user) => {
            let entry = source.tells(user, Action::Logout);
            app.database
                .noting(entry.about("session", user.session))
                .revoke_session(user.home, user.session)
                .await?;
            app.sessions_ended(user.home, user.id, &[user.session])
                .await;
        }
        Err(_) if token.is_some() || has_cookie => {}
        Err(_) => {
            user?;
        }
    }
    if let Some(token) = token {
        let ended = app
            .database
            .revoke_session_of_token(token.tenant, token.id, &token.digest)
            .await?;
        if let Some((user, session)) = ended {
            let entry = source.tells_of(Some(user), Action::Logout);
            note_done(&app, token.tenant, entry.about("session", session)).await;
            app.sessions_ended(token.tenant, user, &[session]).await;
        }
    }
    let mut answer = HttpResponse::NoContent().finish();
    if has_cookie {
        cookie::clear(&app, &mut answer);
    }
    Ok(answer)
}
