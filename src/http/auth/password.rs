//! Changing one's own password.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use crate::limiter::Verdict;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// The old and the new password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    current_password: SecretString,
    /// 8 to 128 characters.
    #[garde(custom(rules::password))]
    #[schema(value_type = String)]
    new_password: SecretString,
}

/// Changes the caller's password and ends all other logins.
#[utoipa::path(
    tag = "auth",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "Changed"),
        (status = 422, description = "The current password is wrong, or the new one too short",
         body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/change-password")]
pub(crate) async fn change_password(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<ChangePassword>,
) -> Result<HttpResponse, ApiError> {
    let ChangePassword {
        current_password,
        new_password,
    } = body.value;
    // Whoever found an open browser must not guess here what the login would not let pass.
    let key = format!("password:{}", user.id);
    if let Verdict::Exceeded { retry_after } = app.limiter.count(&key, app.allowances.login).await {
        return Err(ApiError::TooMany { retry_after });
    }
    let record = app.database.password_of_user(user.home, user.id).await?;
    let right = app
        .passwords
        .matches(current_password, Some(record.hash))
        .await?;
    if !right {
        return Err(ApiError::invalid("current_password", "is wrong"));
    }
    app.limiter.clear(&key).await;
    let hash = app.passwords.hash(new_password).await?;
    let entry = source.tells(&user, Action::PasswordChanged);
    app.database
        .noting(entry.about("user", user.id))
        .set_password(user.home, user.id, &hash)
        .await?;
    let ended = app
        .database
        .revoke_sessions_of(user.home, user.id, Some(user.session))
        .await?;
    app.sessions_ended(user.home, user.id, &ended).await;
    Ok(HttpResponse::NoContent().finish())
}
