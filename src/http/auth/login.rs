//! Logging in. Whatever is wrong (tenant suspended, no such user, inactive, password), the
//! answer and the work behind it are the same.

use super::cookie::{self, Keeping};
use super::{Issued, LoggedIn, Me, stored};
use crate::app::AppState;
use crate::error::{ApiError, AuthFault, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source, tenant_slug};
use crate::http::rules;
use crate::limiter::{Allowance, Verdict};
use actix_web::{HttpRequest, HttpResponse, post, web};
use garde::Validate;
use papo_domain::{TenantId, UserId};
use papo_storage::DbError;
use papo_storage::app::PasswordRecord;
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// A code must come within this time of its password.
const CHALLENGE_TTL: Duration = Duration::from_secs(5 * 60);

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

/// Logs in. Users of a tenant name it in the header `X-Tenant-Slug`; super admins name none. Who
/// has a second factor is told 401 `mfa_required` with a `challenge` in the details, for
/// `/auth/2fa/verify`.
#[utoipa::path(
    tag = "auth",
    request_body = Login,
    params(("X-Tenant-Slug" = Option<String>, Header, description = "The user's tenant")),
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        (status = 401, description = "Credenciais inválidas; or `mfa_required`", body = ErrorBody),
        (status = 403, description = "A cookie for another origin's page; or `trial_ended`",
         body = ErrorBody),
        (status = 404, description = "Tenant not found", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/login")]
pub(crate) async fn log_in(
    app: web::Data<AppState>,
    req: HttpRequest,
    source: Source,
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
    let allowances = [app.allowances.login, app.allowances.account];
    let keys = keys(tenant, &email, &source);
    for (key, allowance) in keys.iter().zip(allowances) {
        if let Verdict::Exceeded { retry_after } = app.limiter.count(key, allowance).await {
            return Err(ApiError::TooMany { retry_after });
        }
    }
    let (known, record) = prove(&app, tenant, &email, password).await?;
    let Some(record) = record else {
        metrics::counter!("failed_auth_attempts_total").increment(1);
        // Whose account was meant, where there is one; what was typed may be anything.
        let entry = source.tells_of(None, Action::LoginFailed);
        match known {
            Some(user) => app.database.note(tenant, entry.about("user", user)).await?,
            None if is_news(&app, tenant, &source).await => {
                app.database.note(tenant, entry).await?;
            }
            None => {}
        }
        return Err(ApiError::Unauthenticated(AuthFault::Credentials));
    };
    if record.two_factor {
        return Err(challenge(&app, tenant, &record).await?);
    }
    let PasswordRecord { user, hash, .. } = record;
    enter(&app, tenant, (user, &hash), keeping, &source).await
}

/// Whether the trail has not been told of this stranger for a while. It is the tenant's: nobody is to
/// bury what is in it under invented names.
async fn is_news(app: &AppState, tenant: TenantId, source: &Source) -> bool {
    let address = source.device.address.as_deref().unwrap_or_default();
    let once = Allowance {
        most: 1,
        window: app.config.auth.login_window,
    };
    let key = format!("stranger:{address}:{tenant}");
    app.limiter.count(&key, once).await == Verdict::Allowed
}

/// What is counted of tries at a login: those from one address, and all.
fn keys(tenant: TenantId, email: &str, source: &Source) -> [String; 2] {
    let address = source.device.address.as_deref().unwrap_or_default();
    [
        format!("login:{address}:{tenant}:{email}"),
        format!("account:{tenant}:{email}"),
    ]
}

/// Begins a login of somebody who has proved to be `user`, by a password of which `hash` was kept.
/// The tries that it took count no more.
pub(super) async fn enter(
    app: &AppState,
    tenant: TenantId,
    (user, hash): (UserId, &SecretString),
    keeping: Keeping,
    source: &Source,
) -> Result<HttpResponse, ApiError> {
    let session = Uuid::now_v7();
    let refresh = app.opaque_tokens.mint(tenant);
    let entry = source.tells_of(Some(user), Action::Login);
    let (token, device) = (stored(app, &refresh, keeping), &source.device);
    let opened = app
        .database
        .noting(entry.about("session", session))
        .open_session((tenant, user), hash, session, &token, device)
        .await;
    match opened {
        Err(DbError::NotFound) => return Err(closed(app, tenant).await?),
        opened => opened?,
    }
    let state = app.database.session_state(tenant, user, session).await?;
    let state = state.ok_or(ApiError::Unauthenticated(AuthFault::Credentials))?;
    let found = app.database.find_user(tenant, user).await?;
    for key in keys(tenant, &found.email.to_lowercase(), source) {
        app.limiter.clear(&key).await;
    }
    let issued = Issued::new(app, (user, tenant, state.role, session), refresh, keeping)?;
    Ok(issued.answer(app, |tokens| LoggedIn {
        user: Me::of(app, found, tenant, state.must_set_up_two_factor),
        tokens,
    }))
}

/// What is said to somebody whose password was right and who owes a code.
async fn challenge(
    app: &AppState,
    tenant: TenantId,
    record: &PasswordRecord,
) -> Result<ApiError, ApiError> {
    let token = app.opaque_tokens.mint_for(tenant, record.user.0);
    let opened = app
        .database
        .open_challenge(
            tenant,
            record.user,
            &record.hash,
            &token.digest,
            CHALLENGE_TTL,
        )
        .await?;
    if !opened {
        return closed(app, tenant).await;
    }
    Ok(ApiError::MfaRequired {
        challenge: token.text,
        expires_in: CHALLENGE_TTL,
    })
}

/// Why somebody whose password is right cannot come in: the trial is over, or the tenant is
/// suspended, which is as if the password had been wrong.
async fn closed(app: &AppState, tenant: TenantId) -> Result<ApiError, ApiError> {
    let found = app.database.find_tenant_by_id(tenant).await?;
    let over = found
        .trial_ends_at
        .is_some_and(|end| end <= app.clock.now());
    Ok(if over && found.status == "trial" {
        ApiError::TrialEnded
    } else {
        ApiError::Unauthenticated(AuthFault::Credentials)
    })
}

/// Whose account it is, and the account, if it is active and the password is its own.
async fn prove(
    app: &AppState,
    tenant: TenantId,
    email: &str,
    password: SecretString,
) -> Result<(Option<UserId>, Option<PasswordRecord>), ApiError> {
    let record = app.database.password_of(tenant, email).await?;
    let hash = record.as_ref().map(|record| record.hash.clone());
    let right = app.passwords.matches(password, hash).await?;
    let known = record.as_ref().map(|record| record.user);
    Ok((known, record.filter(|record| right && record.is_active)))
}
