//! Exchanging a refresh token.

use super::{TokenPair, stored, token_pair};
use crate::app::AppState;
use crate::error::{ApiError, AuthFault, ErrorBody};
use crate::http::extract::Body;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_storage::app::Rotation;
use serde::Deserialize;
use utoipa::ToSchema;

/// The token to exchange.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    #[garde(length(bytes, max = 512))]
    refresh_token: String,
}

/// Exchanges a refresh token for a new pair. A token that was exchanged before has been copied:
/// its login ends.
#[utoipa::path(
    tag = "auth",
    request_body = Refresh,
    responses(
        (status = 200, description = "New tokens", body = TokenPair),
        (status = 401, description = "Token inválido ou expirado", body = ErrorBody),
    )
)]
#[post("/auth/refresh-token")]
pub(crate) async fn renew_tokens(
    app: web::Data<AppState>,
    body: Body<Refresh>,
) -> Result<HttpResponse, ApiError> {
    let refused = || ApiError::Unauthenticated(AuthFault::Refresh);
    let presented = app
        .refresh_tokens
        .read(&body.value.refresh_token)
        .ok_or_else(refused)?;
    let tenant = presented.tenant;
    let next = app.refresh_tokens.mint(tenant);
    let rotation = app
        .database
        .rotate_token(
            tenant,
            presented.id,
            &presented.digest,
            &stored(&app, &next),
        )
        .await?;
    match rotation {
        Rotation::Rotated { user, family } => {
            let state = app.database.session_state(tenant, user, family).await?;
            let role = state.ok_or_else(refused)?.role;
            let tokens = token_pair(&app, user, tenant, role, family, &next)?;
            Ok(HttpResponse::Ok().json(tokens))
        }
        Rotation::Reused { user, family } => {
            tracing::warn!(
                tenant.id = %tenant, user.id = %user, session.id = %family,
                "refresh token used twice: login ended"
            );
            metrics::counter!("refresh_token_reuse_total").increment(1);
            app.sessions_ended(tenant, user, &[family]).await;
            Err(refused())
        }
        Rotation::Refused => Err(refused()),
    }
}
