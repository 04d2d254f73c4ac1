//! One's own logins: where they are, and ending those that should not be.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Page, Source};
use actix_web::{HttpResponse, delete, get, web};
use chrono::{DateTime, Utc};
use papo_storage::app::Login;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    id: Uuid,
    /// As the browser or program called itself when it last asked for a token.
    user_agent: Option<String>,
    /// IP address, then.
    address: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    /// Whether it is the login of this request.
    current: bool,
}

impl SessionView {
    fn of(login: Login, current: Uuid) -> Self {
        Self {
            id: login.id,
            user_agent: login.device.user_agent,
            address: login.device.address,
            created_at: login.began_at,
            last_used_at: login.last_used_at,
            current: login.id == current,
        }
    }
}

/// The caller's logins, the one used last first.
#[utoipa::path(
    tag = "auth",
    responses((status = 200, description = "At most 100", body = Page<SessionView>))
)]
#[get("/auth/sessions")]
pub(crate) async fn list_sessions(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let logins = app.database.list_logins(user.home, user.id).await?;
    let view = |login| SessionView::of(login, user.session);
    Ok(HttpResponse::Ok().json(Page::whole(logins, view)))
}

/// Ends one of the caller's logins: its tokens are refused from now on, its sockets are cut.
#[utoipa::path(
    tag = "auth",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "No such login", body = ErrorBody),
    )
)]
#[delete("/auth/sessions/{id}")]
pub(crate) async fn end_session(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let entry = source.tells(&user, Action::SessionEnded);
    app.database
        .noting(entry.about("session", id))
        .revoke_session_of(user.home, user.id, id)
        .await?;
    app.sessions_ended(user.home, user.id, &[id]).await;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends all of the caller's logins but this one.
#[utoipa::path(
    tag = "auth",
    responses((status = 204, description = "This is the only one now"))
)]
#[delete("/auth/sessions")]
pub(crate) async fn end_other_sessions(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
) -> Result<HttpResponse, ApiError> {
    let entry = source.tells(&user, Action::OtherSessionsEnded);
    let ended = app
        .database
        .noting(entry.about("user", user.id))
        .revoke_sessions_of(user.home, user.id, Some(user.session))
        .await?;
    app.sessions_ended(user.home, user.id, &ended).await;
    Ok(HttpResponse::NoContent().finish())
}
