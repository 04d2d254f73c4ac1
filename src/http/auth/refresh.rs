//! Exchanging a refresh token.

use super::cookie::{self, Keeping};
use super::{Issued, TokenPair, stored};
use crate::app::AppState;
use crate::error::{ApiError, AuthFault, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{OptionalBody, Source};
use actix_web::{HttpRequest, HttpResponse, post, web};
use garde::Validate;
use papo_storage::app::Rotation;
use serde::Deserialize;
use std::time::Duration;
use utoipa::ToSchema;

/// The token to exchange.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// Left out where the cookie holds it.
    #[garde(length(bytes, max = 512))]
    refresh_token: Option<String>,
    /// Who keeps the next one; a token that came as a cookie stays one.
    #[garde(skip)]
    #[serde(default)]
    session: Keeping,
}

/// Exchanges a refresh token for a new pair. A token that was exchanged before has been copied:
/// its login ends.
#[utoipa::path(
    tag = "auth",
    request_body = Refresh,
    responses(
        (status = 200, description = "New tokens", body = TokenPair),
        (status = 401, description = "Token inválido ou expirado", body = ErrorBody),
        (status = 403, description = "A cookie from another origin's page", body = ErrorBody),
    )
)]
#[post("/auth/refresh-token")]
pub(crate) async fn renew_tokens(
    app: web::Data<AppState>,
    req: HttpRequest,
    source: Source,
    body: OptionalBody<Refresh>,
) -> Result<HttpResponse, ApiError> {
    let refused = || ApiError::Unauthenticated(AuthFault::Refresh);
    let (token, keeping, grace) = match body.value.refresh_token {
        Some(token) => {
            if body.value.session == Keeping::Cookie {
                cookie::must_be_ours(&app.config, &req)?;
            }
            (token, body.value.session, Duration::ZERO)
        }
        None => {
            let token = cookie::presented(&app, &req)?.ok_or_else(refused)?;
            (token, Keeping::Cookie, cookie::GRACE)
        }
    };
    let presented = app.opaque_tokens.read(&token).ok_or_else(refused)?;
    let tenant = presented.tenant;
    let next = app.opaque_tokens.mint(tenant);
    let rotation = app
        .database
        .rotate_token(
            tenant,
            presented.id,
            &presented.digest,
            &stored(&app, &next, keeping),
            grace,
            &source.device,
        )
        .await?;
    match rotation {
        Rotation::Rotated { user, family } => {
            let state = app.database.session_state(tenant, user, family).await?;
            let role = state.ok_or_else(refused)?.role;
            let issued = Issued::new(&app, (user, tenant, role, family), next, keeping)?;
            Ok(issued.answer(&app, |tokens| tokens))
        }
        Rotation::Reused { user, family } => {
            tracing::warn!(
                tenant.id = %tenant, user.id = %user, session.id = %family,
                "refresh token used twice: login ended"
            );
            metrics::counter!("refresh_token_reuse_total").increment(1);
            let entry = source.tells_of(None, Action::TokenReused);
            app.database
                .note(tenant, entry.about("session", family))
                .await?;
            app.sessions_ended(tenant, user, &[family]).await;
            Err(refused())
        }
        Rotation::Refused => Err(refused()),
    }
}
