//! Links by which a user chooses a password. They are shown to the administrator who asked for
//! them, once; how they reach the user is the administrator's business.

use crate::app::AppState;
use crate::auth::{CurrentUser, OpaqueToken};
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use papo_domain::{Permission, TenantId, UserId};
use papo_storage::app::{LinkKind, NewLink};
use secrecy::ExposeSecret;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const INVITATION_TTL: Duration = DAY.saturating_mul(7);
const RESET_TTL: Duration = DAY;

/// A link that is shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// The token stands behind `#`, where no server's log sees it.
    #[schema(example = "https://papo.example.com/invite#…")]
    url: String,
    expires_at: DateTime<Utc>,
}

/// A link on its way to the administrator.
pub(in crate::http) struct Link {
    pub(in crate::http) row: NewLink,
    token: OpaqueToken,
}

impl Link {
    /// A new link of that kind, in the place of any earlier one once it is stored.
    pub(in crate::http) fn mint(
        app: &AppState,
        tenant: TenantId,
        user: UserId,
        kind: LinkKind,
    ) -> Self {
        let token = app.opaque_tokens.mint_for(tenant, user.0);
        let row = NewLink {
            kind,
            digest: token.digest,
            ttl: match kind {
                LinkKind::Invitation => INVITATION_TTL,
                LinkKind::PasswordReset => RESET_TTL,
            },
        };
        Self { row, token }
    }

    pub(in crate::http) fn shown(&self, app: &AppState, expires_at: DateTime<Utc>) -> LinkView {
        let (public, token) = (&app.config.server.public_url, &self.token.text);
        LinkView {
            url: format!("{public}/invite#{}", token.expose_secret()),
            expires_at,
        }
    }
}

/// Makes a link by which a user chooses a new password; earlier links of theirs are no good any
/// more. It is good once: for 24 hours, or for 7 days where nobody has logged in yet.
#[utoipa::path(
    tag = "users",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 201, description = "The link, once", body = LinkView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
        (status = 422, description = "The user is not active, or is the caller, who changes the \
                                      password instead", body = ErrorBody),
    )
)]
#[post("/users/{id}/password-reset-link")]
pub(crate) async fn make_password_link(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyUserManage)?;
    if id == user.id {
        // Whoever found an open browser must not get past the password like that.
        return Err(ApiError::invalid(
            "id",
            "is your own: change the password instead",
        ));
    }
    let tenant = user.acting;
    let found = app.database.find_user(tenant, id).await?;
    if !found.is_active {
        return Err(ApiError::invalid("id", "is not active"));
    }
    let kind = match found.last_login_at {
        None => LinkKind::Invitation,
        Some(_) => LinkKind::PasswordReset,
    };
    let link = Link::mint(&app, tenant, id, kind);
    let entry = source.tells(&user, Action::PasswordLinkMade);
    let expires_at = app
        .database
        .noting(entry.about("user", id))
        .issue_link(tenant, id, &link.row)
        .await?;
    tracing::info!(tenant.id = %tenant, user.id = %id, by = %user.id, "password link made");
    Ok(HttpResponse::Created().json(link.shown(&app, expires_at)))
}
