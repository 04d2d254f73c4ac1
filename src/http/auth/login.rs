//! Logging in. Whatever is wrong (tenant suspended, no such user, inactive, password), the
//! answer and the work behind it are the same.

use super::cookie::{self, Keeping};
use super::{Issued, LoggedIn, Me, stored};
use crate::app::AppState;
use crate::error::{ApiError, AuthFault, ErrorBody};
use crate::http::extract::{Body, client_address, tenant_slug};
use crate::http::rules;
use crate::limiter::Verdict;
use actix_web::{HttpRequest, HttpResponse, post, web};
use garde::Validate;
use papo_domain::TenantId;
use papo_storage::app::PasswordRecord;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who wants to log in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(example = "ana@example.com")]
    email: String,
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    password: SecretString,
    /// Who keeps the refresh token.
    #[garde(skip)]
    #[serde(default)]
    session: Keeping,
}

/// Logs in. Users of a tenant name it in the header `X-Tenant-Slug`; super admins name none.
#[utoipa::path(
    tag = "auth",
    request_body = Login,
    params(("X-Tenant-Slug" = Option<String>, Header, description = "The user's tenant")),
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        (status = 401, description = "Credenciais inválidas", body = ErrorBody),
        (status = 403, description = "A cookie for another origin's page", body = ErrorBody),
        (status = 404, description = "Tenant not found", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/login")]
pub(crate) async fn log_in(
    app: web::Data<AppState>,
    req: HttpRequest,
    body: Body<Login>,
) -> Result<HttpResponse, ApiError> {
    let Login {
        email,
        password,
        session: keeping,
    } = body.value;
    if keeping == Keeping::Cookie {
        cookie::must_be_ours(&app.config, &req)?;
    }
    let email = email.trim().to_lowercase();
    let tenant = match tenant_slug(&app.config.server.public_url, &req) {
        Some(slug) => app.tenant_by_slug(&slug).await?.id,
        None => TenantId::PLATFORM,
    };
    let address = client_address(&app.config, &req);
    let keys = [
        (
            format!("login:{address}:{tenant}:{email}"),
            app.allowances.login,
        ),
        (format!("account:{tenant}:{email}"), app.allowances.account),
    ];
    for (key, allowance) in &keys {
        if let Verdict::Exceeded { retry_after } = app.limiter.count(key, *allowance).await {
            return Err(ApiError::TooMany { retry_after });
        }
    }
    let Some(record) = prove(&app, tenant, &email, password).await? else {
        metrics::counter!("failed_auth_attempts_total").increment(1);
        return Err(ApiError::Unauthenticated(AuthFault::Credentials));
    };
    let session = Uuid::now_v7();
    let refresh = app.refresh_tokens.mint(tenant);
    app.database
        .open_session(tenant, record.user, session, &stored(&app, &refresh))
        .await?;
    // A suspended tenant shows only now, as if the password had been wrong.
    let state = app
        .database
        .session_state(tenant, record.user, session)
        .await?;
    let state = state.ok_or(ApiError::Unauthenticated(AuthFault::Credentials))?;
    for (key, _) in &keys {
        app.limiter.clear(key).await;
    }
    let user = app.database.find_user(tenant, record.user).await?;
    let login = (record.user, tenant, state.role, session);
    let issued = Issued::new(&app, login, refresh, keeping)?;
    Ok(issued.answer(&app, |tokens| LoggedIn {
        user: Me::of(user, tenant),
        tokens,
    }))
}

/// The account, if it is active and the password is its own.
async fn prove(
    app: &AppState,
    tenant: TenantId,
    email: &str,
    password: SecretString,
) -> Result<Option<PasswordRecord>, ApiError> {
    let record = app.database.password_of(tenant, email).await?;
    let hash = record.as_ref().map(|record| record.hash.clone());
    let right = app.passwords.matches(password, hash).await?;
    Ok(record.filter(|record| right && record.is_active))
}
