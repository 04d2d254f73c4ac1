//! The second half of a login: the code.

use super::cookie::{self, Keeping};
use super::login::enter;
use super::{LoggedIn, codes};
use crate::app::AppState;
use crate::error::{ApiError, AuthFault, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use actix_web::{HttpRequest, HttpResponse, post, web};
use garde::Validate;
use papo_domain::UserId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

/// Codes that may be tried for one password.
const ATTEMPTS: i32 = 5;

/// The challenge of a login and what answers it: `code` or `recovery_code`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verify {
    /// From the details of `mfa_required`.
    #[garde(custom(rules::any_password))]
    #[schema(value_type = String)]
    challenge: SecretString,
    /// Of the authenticator app.
    #[garde(inner(custom(rules::code)))]
    #[schema(value_type = Option<String>, example = "287082")]
    code: Option<SecretString>,
    /// Good once.
    #[garde(inner(custom(rules::code)))]
    #[schema(value_type = Option<String>, example = "k7qd-2m5x-a3vb-zy6e")]
    recovery_code: Option<SecretString>,
    /// Who keeps the refresh token.
    #[garde(skip)]
    #[serde(default)]
    session: Keeping,
}

/// Ends a login that owes a code. A code is good once, a challenge for five codes and five minutes.
#[utoipa::path(
    tag = "auth",
    request_body = Verify,
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        (status = 401, description = "`code_invalid`, or `challenge_invalid`: log in again",
         body = ErrorBody),
        (status = 403, description = "A cookie for another origin's page", body = ErrorBody),
        (status = 429, description = "Too many attempts", body = ErrorBody),
    )
)]
#[post("/auth/2fa/verify")]
pub(crate) async fn verify_two_factor(
    app: web::Data<AppState>,
    req: HttpRequest,
    source: Source,
    body: Body<Verify>,
) -> Result<HttpResponse, ApiError> {
    let asked = body.value;
    if asked.session == Keeping::Cookie {
        cookie::must_be_ours(&app.config, &req)?;
    }
    if asked.code.is_some() == asked.recovery_code.is_some() {
        let problem = "must be there, or recovery_code, and not both";
        return Err(ApiError::invalid("code", problem));
    }
    let over = || ApiError::Unauthenticated(AuthFault::Challenge);
    let token = app.opaque_tokens.read(asked.challenge.expose_secret());
    let token = token.ok_or_else(over)?;
    let (tenant, user) = (token.tenant, UserId(token.id));
    let challenged = app
        .database
        .attempt_challenge(tenant, user, &token.digest, ATTEMPTS)
        .await?
        .ok_or_else(over)?;
    // Only for who had the password: nobody else can have the count run out.
    codes::count(&app, tenant, user).await?;
    let proof = match (&asked.code, &asked.recovery_code) {
        (Some(code), _) => {
            let secret = codes::secret(&app, tenant, user, &challenged.secret_enc)?;
            codes::proof(&app, &secret, code)
        }
        (None, code) => code.as_ref().map(codes::recovery),
    };
    let good = match proof {
        Some(proof) => {
            app.database
                .prove_second_factor(tenant, user, proof)
                .await?
        }
        None => false,
    };
    if !good {
        metrics::counter!("failed_auth_attempts_total").increment(1);
        let entry = source.tells_of(None, Action::LoginFailed);
        app.database.note(tenant, entry.about("user", user)).await?;
        return Err(ApiError::Unauthenticated(AuthFault::Code));
    }
    codes::forgive(&app, tenant, user).await;
    let proved = (user, &challenged.password_hash);
    enter(&app, tenant, proved, asked.session, &source).await
}
