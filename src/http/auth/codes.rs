//! Checking codes of second factors: from an authenticator app, or for recovery.

use crate::app::AppState;
use crate::auth::{RecoveryCode, TotpSecret};
use crate::error::ApiError;
use crate::limiter::Verdict;
use crate::vault::Purpose;
use papo_domain::{TenantId, UserId};
use papo_storage::app::Proof;
use secrecy::{ExposeSecret, SecretString};

/// Counts a try at somebody's codes, whatever route it comes by.
///
/// # Errors
/// [`ApiError::TooMany`].
pub(super) async fn count(app: &AppState, tenant: TenantId, user: UserId) -> Result<(), ApiError> {
    match app
        .limiter
        .count(&key(tenant, user), app.allowances.account)
        .await
    {
        Verdict::Allowed => Ok(()),
        Verdict::Exceeded { retry_after } => Err(ApiError::TooMany { retry_after }),
    }
}

/// A code was right: the count begins again.
pub(super) async fn forgive(app: &AppState, tenant: TenantId, user: UserId) {
    app.limiter.clear(&key(tenant, user)).await;
}

fn key(tenant: TenantId, user: UserId) -> String {
    format!("code:{tenant}:{user}")
}

/// The secret that was stored for a user.
pub(super) fn secret(
    app: &AppState,
    tenant: TenantId,
    user: UserId,
    sealed: &[u8],
) -> Result<TotpSecret, ApiError> {
    let opened = app.vault.open(tenant, user, Purpose::TotpSecret, sealed);
    opened.map(TotpSecret::of).map_err(ApiError::internal)
}

/// The time step of a typed code, if it is right: authenticators show it with a space in the middle.
pub(super) fn step(app: &AppState, secret: &TotpSecret, code: &SecretString) -> Option<i64> {
    let typed: String = code.expose_secret().split_whitespace().collect();
    secret.step_of(&typed, app.clock.now())
}

/// The proof that a typed code makes, if it is right so far: that it is good only once is for the
/// database to see to.
pub(super) fn proof(app: &AppState, secret: &TotpSecret, code: &SecretString) -> Option<Proof> {
    step(app, secret, code).map(Proof::Step)
}

/// The proof that a recovery code makes, if it is one.
pub(super) fn recovery(code: &SecretString) -> Proof {
    Proof::Recovery(RecoveryCode::read(code.expose_secret()).digest)
}
