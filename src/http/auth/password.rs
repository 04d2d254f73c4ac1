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
use papo_storage::DbError;
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

/// Changes the caller's password and ends all other logins. Links to choose one by are no good any
/// more.
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
    let field = "current_password";
    let old = must_know(&app, &user, current_password, field).await?;
    let hash = app.passwords.hash(new_password).await?;
    let entry = source.tells(&user, Action::PasswordChanged);
    let ended = app
        .database
        .noting(entry.about("user", user.id))
        .change_password(user.home, user.id, &old, &hash, user.session)
        .await
        .map_err(|error| match error {
            // It was, when it was compared.
            DbError::Stale => ApiError::invalid(field, "is wrong"),
            other => other.into(),
        })?;
    app.sessions_ended(user.home, user.id, &ended).await;
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses whoever does not know the caller's password, which `field` of the request holds: whoever
/// found an open browser must not guess here what the login would not let pass. The hash that it
/// was compared with.
pub(super) async fn must_know(
    app: &AppState,
    user: &CurrentUser,
    password: SecretString,
    field: &'static str,
) -> Result<SecretString, ApiError> {
    let key = format!("password:{}", user.id);
    if let Verdict::Exceeded { retry_after } = app.limiter.count(&key, app.allowances.login).await {
        return Err(ApiError::TooMany { retry_after });
    }
    let hash = app
        .database
        .password_of_user(user.home, user.id)
        .await?
        .hash;
    if !app.passwords.matches(password, Some(hash.clone())).await? {
        return Err(ApiError::invalid(field, "is wrong"));
    }
    app.limiter.clear(&key).await;
    Ok(hash)
}
