//! Choosing a password by a link that an administrator passed on. Whoever holds it is taken for
//! its user; it opens no login by itself, so a second factor is still asked for.

use crate::app::AppState;
use crate::auth::OpaqueToken;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::UserId;
use papo_storage::DbError;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a link is for.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkShown {
    /// `invitation` or `password_reset`.
    #[schema(example = "invitation")]
    kind: String,
    tenant_name: String,
    /// For the login that follows; `platform` for super admins, who name none.
    tenant_slug: String,
    email: String,
    full_name: String,
    expires_at: DateTime<Utc>,
}

/// Which link. In the body: paths are what logs are made of.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowLink {
    /// What stands behind `#` in the link.
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    token: SecretString,
}

/// Which link, and what its user chose.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UseLink {
    /// What stands behind `#` in the link.
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    token: SecretString,
    /// 8 to 128 characters.
    #[garde(custom(rules::password))]
    #[schema(value_type = String)]
    password: SecretString,
    #[garde(inner(custom(rules::name)))]
    full_name: Option<String>,
}

fn read(app: &AppState, token: &SecretString) -> Result<OpaqueToken, ApiError> {
    let token = app.opaque_tokens.read(token.expose_secret());
    token.ok_or(ApiError::LinkInvalid)
}

/// Whose link it is, and for what.
#[utoipa::path(
    tag = "auth",
    request_body = ShowLink,
    responses(
        (status = 200, description = "It is good", body = LinkShown),
        (status = 404, description = "It is not, or not any more", body = ErrorBody),
    )
)]
#[post("/auth/links/show")]
pub(crate) async fn show_link(
    app: web::Data<AppState>,
    body: Body<ShowLink>,
) -> Result<HttpResponse, ApiError> {
    let token = read(&app, &body.value.token)?;
    let found = app
        .database
        .find_link(token.tenant, UserId(token.id), &token.digest)
        .await?
        .ok_or(ApiError::LinkInvalid)?;
    Ok(HttpResponse::Ok().json(LinkShown {
        kind: found.kind,
        tenant_name: found.tenant_name,
        tenant_slug: found.tenant_slug,
        email: found.email,
        full_name: found.full_name,
        expires_at: found.expires_at,
    }))
}

/// Sets the password and ends all logins of the user. The link is no good any more.
#[utoipa::path(
    tag = "auth",
    request_body = UseLink,
    responses(
        (status = 204, description = "Log in with it now"),
        (status = 404, description = "It is not good, or not any more", body = ErrorBody),
        (status = 422, description = "The password is too short", body = ErrorBody),
    )
)]
#[post("/auth/links/use")]
pub(crate) async fn use_link(
    app: web::Data<AppState>,
    source: Source,
    body: Body<UseLink>,
) -> Result<HttpResponse, ApiError> {
    let token = read(&app, &body.value.token)?;
    let (tenant, user) = (token.tenant, UserId(token.id));
    // Hashing is work: not for who only guesses.
    let found = app.database.find_link(tenant, user, &token.digest).await?;
    if found.is_none() {
        return Err(ApiError::LinkInvalid);
    }
    let hash = app.passwords.hash(body.value.password).await?;
    let name = body.value.full_name.as_deref().map(str::trim);
    let entry = source.tells_of(Some(user), Action::PasswordSetByLink);
    let ended = app
        .database
        .noting(entry.about("user", user))
        .use_link(tenant, user, &token.digest, &hash, name)
        .await
        .map_err(|error| match error {
            DbError::NotFound => ApiError::LinkInvalid,
            other => other.into(),
        })?;
    tracing::info!(tenant.id = %tenant, user.id = %user, "password set by link");
    app.sessions_ended(tenant, user, &ended).await;
    Ok(HttpResponse::NoContent().finish())
}
