//! Taking away the second factor of somebody who has lost it.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, TwoFactorFault};
use crate::http::audit::Action;
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, delete, web};
use papo_domain::{Permission, UserId};
use papo_storage::DbError;

/// Logins of a user need no code any more, and those that are open end; the user sets a new second
/// factor up. One's own is taken away by `/auth/2fa/disable`.
#[utoipa::path(
    tag = "users",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 204, description = "It is gone, with its recovery codes and all logins"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
        (status = 409, description = "The user has none in use", body = ErrorBody),
        (status = 422, description = "It is one's own", body = ErrorBody),
    )
)]
#[delete("/users/{id}/2fa")]
pub(crate) async fn reset_two_factor(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyUserManage)?;
    if id == user.id {
        // Whoever found an open browser must not get past the code like that.
        return Err(ApiError::invalid("id", "is your own: disable it instead"));
    }
    let entry = source.tells(&user, Action::TwoFactorReset);
    app.database
        .noting(entry.about("user", id))
        .disable_second_factor(user.acting, id)
        .await
        .map_err(|error| match error {
            DbError::Stale => ApiError::TwoFactor(TwoFactorFault::Off),
            other => other.into(),
        })?;
    tracing::info!(tenant.id = %user.acting, user.id = %id, by = %user.id, "second factor reset");
    // Whoever got in with what was lost is out again.
    let ended = app
        .database
        .revoke_sessions_of(user.acting, id, None)
        .await?;
    app.sessions_ended(user.acting, id, &ended).await;
    Ok(HttpResponse::NoContent().finish())
}
