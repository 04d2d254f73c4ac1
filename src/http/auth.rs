//! Logging in and out.

mod codes;
mod cookie;
mod links;
mod login;
mod logout;
mod me;
mod password;
mod refresh;
mod register;
mod sessions;
mod two_factor;
mod verify;

pub(crate) use links::{show_link, use_link};
pub(crate) use login::log_in;
pub(crate) use logout::log_out;
pub(crate) use me::show_me;
pub(crate) use password::change_password;
pub(crate) use refresh::renew_tokens;
pub(crate) use register::register_user;
pub(crate) use sessions::{end_other_sessions, end_session, list_sessions};
pub(crate) use two_factor::{
    disable_two_factor, enable_two_factor, renew_recovery_codes, set_up_two_factor,
};
pub(crate) use verify::verify_two_factor;

use super::me::Preferences;
use super::users::UserView;
use crate::app::AppState;
use crate::auth::OpaqueToken;
use crate::error::ApiError;
use actix_web::HttpResponse;
use cookie::Keeping;
use papo_domain::{Role, TenantId, UserId};
use papo_storage::app::NewToken;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Tokens of a login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenPair {
    /// Sent as `Authorization: Bearer …`.
    access_token: String,
    /// Good for one exchange; a second use ends the login. Left out where the browser keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds that the access token lives.
    expires_in: u64,
}

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedIn {
    user: Me,
    #[serde(flatten)]
    tokens: TokenPair,
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: UserView,
    /// `null` for super admins.
    tenant_id: Option<Uuid>,
    /// The tenant asks the role for a second factor and there is none: nothing but setting one up
    /// is allowed.
    must_set_up_two_factor: bool,
    /// `pt-BR` or `en`.
    #[schema(example = "pt-BR")]
    locale: String,
    preferences: Preferences,
    /// In development: a customer's phone to try things with.
    #[schema(example = "http://127.0.0.1:8090")]
    phone_url: Option<String>,
    /// What the role allows.
    #[schema(example = json!(["conversation:read", "conversation:attend"]))]
    permissions: Vec<&'static str>,
}

impl Me {
    pub(super) fn of(
        app: &AppState,
        mut user: papo_storage::app::User,
        home: TenantId,
        must_set_up_two_factor: bool,
    ) -> Self {
        Self {
            must_set_up_two_factor,
            phone_url: Some(app.config.server.phone_url.clone()).filter(|url| !url.is_empty()),
            permissions: user.role.permissions(),
            tenant_id: (home != TenantId::PLATFORM).then_some(home.0),
            locale: std::mem::take(&mut user.locale),
            preferences: Preferences::read(user.preferences.take()),
            user: user.into(),
        }
    }
}

fn stored(app: &AppState, token: &OpaqueToken, keeping: Keeping) -> NewToken {
    NewToken {
        id: token.id,
        digest: token.digest,
        ttl: app.config.auth.refresh_ttl,
        in_cookie: keeping == Keeping::Cookie,
    }
}

/// A login's new tokens, on their way to whoever keeps them.
struct Issued {
    access: SecretString,
    refresh: OpaqueToken,
    keeping: Keeping,
}

impl Issued {
    fn new(
        app: &AppState,
        (user, tenant, role, session): (UserId, TenantId, Role, Uuid),
        refresh: OpaqueToken,
        keeping: Keeping,
    ) -> Result<Self, ApiError> {
        let access = app.tokens.issue(user, tenant, role, session);
        Ok(Self {
            access: access.map_err(ApiError::internal)?,
            refresh,
            keeping,
        })
    }

    /// The answer that `body` makes of the tokens.
    fn answer<T: Serialize>(
        &self,
        app: &AppState,
        body: impl FnOnce(TokenPair) -> T,
    ) -> HttpResponse {
        let refresh = &self.refresh.text;
        let mut answer = HttpResponse::Ok();
        if self.keeping == Keeping::Cookie {
            answer.insert_header(cookie::set(app, refresh));
        }
        answer.json(body(TokenPair {
            access_token: self.access.expose_secret().to_owned(),
            refresh_token: (self.keeping == Keeping::Token)
                .then(|| refresh.expose_secret().to_owned()),
            token_type: "Bearer",
            expires_in: app.tokens.ttl().as_secs(),
        }))
    }
}
