//! One's own second factor: setting it up, trying it, taking it away.

use super::codes;
use super::password::must_know;
use crate::app::AppState;
use crate::auth::{CurrentUser, RecoveryCode, TotpSecret, recovery_codes};
use crate::error::{ApiError, ErrorBody, TwoFactorFault};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use crate::vault::Purpose;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_storage::DbError;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the authenticator app needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetUp {
    /// To be typed; base32.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// To be shown as a QR code.
    #[schema(example = "otpauth://totp/Papo:ana%40example.com?secret=…&issuer=Papo")]
    otpauth_url: String,
}

/// Codes for who loses the authenticator.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each is good once. They cannot be read again.
    #[schema(example = json!(["k7qd-2m5x-a3vb-zy6e"]))]
    recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    fn of(codes: &[RecoveryCode]) -> Self {
        let text = |code: &RecoveryCode| code.text.expose_secret().to_owned();
        Self {
            recovery_codes: codes.iter().map(text).collect(),
        }
    }
}

/// Proof that it is the user who wants a second factor.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginSetUp {
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    password: SecretString,
}

/// A code of the authenticator app.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    #[garde(custom(rules::code))]
    #[schema(value_type = String, example = "287082")]
    code: SecretString,
}

/// Proof that it is the user who wants no second factor any more.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Disable {
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    password: SecretString,
    /// Of the authenticator app, or a recovery code.
    #[garde(custom(rules::code))]
    #[schema(value_type = String, example = "287082")]
    code: SecretString,
}

/// Makes a secret for an authenticator app. Logins need it once `/auth/2fa/enable` has seen a code
/// of it; until then it can be made anew. It takes the password: whoever finds an open browser must
/// not lock its owner out.
#[utoipa::path(
    tag = "auth",
    request_body = BeginSetUp,
    responses(
        (status = 200, description = "To be scanned or typed, now", body = SetUp),
        (status = 409, description = "A second factor is in use", body = ErrorBody),
        (status = 422, description = "The password is wrong", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/2fa/setup")]
pub(crate) async fn set_up_two_factor(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<BeginSetUp>,
) -> Result<HttpResponse, ApiError> {
    must_know(&app, &user, body.value.password, "password").await?;
    let secret = TotpSecret::random();
    let sealed = app
        .vault
        .seal(user.home, user.id, Purpose::TotpSecret, secret.text())
        .map_err(ApiError::internal)?;
    let kept = app
        .database
        .set_up_second_factor(user.home, user.id, &sealed)
        .await?;
    if !kept {
        return Err(ApiError::TwoFactor(TwoFactorFault::On));
    }
    let account = app.database.find_user(user.home, user.id).await?;
    Ok(HttpResponse::Ok().json(SetUp {
        secret: secret.text().expose_secret().to_owned(),
        otpauth_url: secret.url(&account.email).expose_secret().to_owned(),
    }))
}

/// From now on logins need a code. Returns the recovery codes, once.
#[utoipa::path(
    tag = "auth",
    request_body = Code,
    responses(
        (status = 200, description = "It is in use", body = RecoveryCodes),
        (status = 409, description = "None was set up, or one is in use", body = ErrorBody),
        (status = 422, description = "The code is wrong", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/2fa/enable")]
pub(crate) async fn enable_two_factor(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<Code>,
) -> Result<HttpResponse, ApiError> {
    codes::count(&app, user.home, user.id).await?;
    let factor = app.database.second_factor(user.home, user.id).await?;
    let factor = factor.ok_or(ApiError::TwoFactor(TwoFactorFault::Off))?;
    if factor.enabled {
        return Err(ApiError::TwoFactor(TwoFactorFault::On));
    }
    let secret = codes::secret(&app, user.home, user.id, &factor.secret_enc)?;
    let step = codes::step(&app, &secret, &body.value.code).ok_or_else(wrong_code)?;
    let made = recovery_codes();
    let entry = source.tells(&user, Action::TwoFactorEnabled);
    app.database
        .noting(entry.about("user", user.id))
        .enable_second_factor(user.home, user.id, step, &digests(&made))
        .await
        .map_err(|error| match error {
            DbError::Stale => ApiError::TwoFactor(TwoFactorFault::On),
            other => other.into(),
        })?;
    codes::forgive(&app, user.home, user.id).await;
    tracing::info!(tenant.id = %user.home, user.id = %user.id, "second factor enabled");
    app.sessions.refresh(user.id);
    Ok(HttpResponse::Ok().json(RecoveryCodes::of(&made)))
}

/// Logins need no code any more. Not where the tenant asks the role for one.
#[utoipa::path(
    tag = "auth",
    request_body = Disable,
    responses(
        (status = 204, description = "It is gone, with its recovery codes"),
        (status = 409, description = "None is in use, or the tenant wants one", body = ErrorBody),
        (status = 422, description = "Password or code are wrong", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/2fa/disable")]
pub(crate) async fn disable_two_factor(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<Disable>,
) -> Result<HttpResponse, ApiError> {
    let Disable { password, code } = body.value;
    codes::count(&app, user.home, user.id).await?;
    must_know(&app, &user, password, "password").await?;
    let policy = app.database.find_tenant_by_id(user.home).await?.policy;
    if policy.require_two_factor.contains(&user.role) {
        return Err(ApiError::TwoFactor(TwoFactorFault::Required));
    }
    must_prove(&app, &user, &code).await?;
    let entry = source.tells(&user, Action::TwoFactorDisabled);
    app.database
        .noting(entry.about("user", user.id))
        .disable_second_factor(user.home, user.id)
        .await
        .map_err(|error| match error {
            DbError::Stale => ApiError::TwoFactor(TwoFactorFault::Off),
            other => other.into(),
        })?;
    tracing::info!(tenant.id = %user.home, user.id = %user.id, "second factor disabled");
    Ok(HttpResponse::NoContent().finish())
}

/// Makes new recovery codes; the old ones are no good any more.
#[utoipa::path(
    tag = "auth",
    request_body = Code,
    responses(
        (status = 200, description = "The new codes, once", body = RecoveryCodes),
        (status = 409, description = "No second factor is in use", body = ErrorBody),
        (status = 422, description = "The code is wrong", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/2fa/recovery-codes")]
pub(crate) async fn renew_recovery_codes(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<Code>,
) -> Result<HttpResponse, ApiError> {
    codes::count(&app, user.home, user.id).await?;
    must_prove(&app, &user, &body.value.code).await?;
    let made = recovery_codes();
    let entry = source.tells(&user, Action::RecoveryCodesRenewed);
    app.database
        .noting(entry.about("user", user.id))
        .replace_recovery_codes(user.home, user.id, &digests(&made))
        .await?;
    Ok(HttpResponse::Ok().json(RecoveryCodes::of(&made)))
}

/// Takes a code of either kind from somebody who is logged in.
async fn must_prove(
    app: &AppState,
    user: &CurrentUser,
    code: &SecretString,
) -> Result<(), ApiError> {
    let factor = app.database.second_factor(user.home, user.id).await?;
    let factor = factor.filter(|factor| factor.enabled);
    let factor = factor.ok_or(ApiError::TwoFactor(TwoFactorFault::Off))?;
    let secret = codes::secret(app, user.home, user.id, &factor.secret_enc)?;
    let proof = codes::proof(app, &secret, code).unwrap_or_else(|| codes::recovery(code));
    let good = app
        .database
        .prove_second_factor(user.home, user.id, proof)
        .await?;
    if !good {
        return Err(wrong_code());
    }
    codes::forgive(app, user.home, user.id).await;
    Ok(())
}

/// Not a 401: the login itself is good.
fn wrong_code() -> ApiError {
    ApiError::invalid("code", "is wrong")
}

fn digests(codes: &[RecoveryCode]) -> Vec<[u8; 32]> {
    codes.iter().map(|code| code.digest).collect()
}
