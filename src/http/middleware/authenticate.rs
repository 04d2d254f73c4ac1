//! Finds out who is calling and counts what they ask. Whether a route needs a user is the
//! route's to say: it takes a [`CurrentUser`](crate::auth::CurrentUser), which is refused with
//! what was found here.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, AuthFault};
use crate::http::extract::{NotAuthenticated, client_address, tenant_slug};
use crate::limiter::{Allowance, Verdict};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use papo_domain::{Role, TenantId};

const AUTH: &str = "/api/v1/auth/";
/// What everybody may do about their own login. Whatever else there is below [`AUTH`], such as
/// making users, and however it is spelt, is not among it.
const OWN_LOGIN: [&str; 8] = [
    "2fa",
    "change-password",
    "links",
    "login",
    "logout",
    "me",
    "refresh-token",
    "sessions",
];

fn is_of_own_login(path: &str) -> bool {
    let below = path.strip_prefix(AUTH).unwrap_or_default();
    let first = below.split('/').next().unwrap_or_default();
    OWN_LOGIN.contains(&first)
}

/// Leaves a [`CurrentUser`](crate::auth::CurrentUser) with the request, or why there is none.
/// Users are counted by user, everybody else by address.
///
/// # Errors
/// What the inner service failed with.
pub async fn authenticate<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = req.app_data::<web::Data<AppState>>().cloned() else {
        return Ok(req.error_response(ApiError::internal("no application state")));
    };
    let found = identify(&app, &req).await;
    let (key, allowance) = match &found {
        Ok(user) => (format!("user:{}", user.id), app.allowances.user),
        Err(_) => (
            format!("ip:{}", client_address(&app.config, req.request())),
            app.allowances.address,
        ),
    };
    if let Err(error) = count(&app, &key, allowance).await {
        return Ok(req.error_response(error));
    }
    match found {
        Ok(user) if user.must_set_up_two_factor && !is_of_own_login(req.path()) => {
            return Ok(req.error_response(ApiError::MustSetUpTwoFactor));
        }
        Ok(user) => {
            req.extensions_mut().insert(user);
        }
        Err(ApiError::Unauthenticated(fault)) => {
            req.extensions_mut().insert(NotAuthenticated(fault));
        }
        Err(error) => return Ok(req.error_response(error)),
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

async fn count(app: &AppState, key: &str, allowance: Allowance) -> Result<(), ApiError> {
    match app.limiter.count(key, allowance).await {
        Verdict::Allowed => Ok(()),
        Verdict::Exceeded { retry_after } => Err(ApiError::TooMany { retry_after }),
    }
}

async fn identify(app: &AppState, req: &ServiceRequest) -> Result<CurrentUser, ApiError> {
    let missing = ApiError::Unauthenticated(AuthFault::Missing);
    let header = req.headers().get(AUTHORIZATION).ok_or(missing)?;
    let token = header.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let token = token.ok_or(ApiError::Unauthenticated(AuthFault::Invalid))?;
    let claims = app.tokens.read(token).map_err(ApiError::Unauthenticated)?;
    let mut user = app.sessions.user(&claims).await?;
    if user.role == Role::SuperAdmin {
        user.acting = acting_tenant(app, req).await?;
    }
    Ok(user)
}

/// A super admin acts in the tenant of the header `X-Tenant-Slug`, if there is one.
async fn acting_tenant(app: &AppState, req: &ServiceRequest) -> Result<TenantId, ApiError> {
    match tenant_slug(&app.config.server.public_url, req.request()) {
        Some(slug) => app.tenant_by_slug(&slug).await.map(|tenant| tenant.id),
        None => Ok(TenantId::PLATFORM),
    }
}
