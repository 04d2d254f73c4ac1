//! Reading and changing one's own profile.

use super::preferences::PreferencesChange;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::auth::Me;
use crate::http::extract::Body;
use crate::http::rules;
use actix_web::{HttpResponse, get, patch, web};
use garde::Validate;
use papo_storage::app::ProfileChange;
use serde::Deserialize;
use utoipa::ToSchema;

/// A language of the dashboard.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(crate) enum Locale {
    #[serde(rename = "pt-BR")]
    Portuguese,
    #[serde(rename = "en")]
    English,
}

impl Locale {
    fn name(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
        }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateProfile {
    #[garde(inner(custom(rules::name)))]
    full_name: Option<String>,
    #[garde(skip)]
    locale: Option<Locale>,
    #[garde(skip)]
    preferences: Option<PreferencesChange>,
}

/// The caller's profile; the same as `/auth/me`.
#[utoipa::path(
    tag = "profile",
    responses((status = 200, description = "The caller", body = Me))
)]
#[get("/me")]
pub(crate) async fn show_profile(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    let found = app.database.find_user(user.home, user.id).await?;
    let me = Me::of(&app, found, user.home, user.must_set_up_two_factor);
    Ok(HttpResponse::Ok().json(me))
}

/// Changes the caller's name, language or preferences.
#[utoipa::path(
    tag = "profile",
    request_body = UpdateProfile,
    responses(
        (status = 200, description = "The caller as they are now", body = Me),
        (status = 400, description = "An unknown language or preference", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/me")]
pub(crate) async fn update_profile(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<UpdateProfile>,
) -> Result<HttpResponse, ApiError> {
    let change = body.value;
    let preferences = change.preferences.as_ref().map(serde_json::to_value);
    let changed = app
        .database
        .update_profile(
            user.home,
            user.id,
            &ProfileChange {
                full_name: change.full_name.map(|name| name.trim().to_owned()),
                locale: change.locale.map(|locale| locale.name().to_owned()),
                preferences: preferences.transpose().map_err(ApiError::internal)?,
            },
        )
        .await?;
    app.sessions.refresh(user.id);
    let me = Me::of(&app, changed, user.home, user.must_set_up_two_factor);
    Ok(HttpResponse::Ok().json(me))
}
