//! The bot's settings, one by one, for forms that edit one thing. They are keys of the tenant's
//! policy (`/tenants/{id}/policy`), which is where all of them are at once.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::audit::Action;
use crate::http::extract::{Body, Page, Source};
use actix_web::{HttpResponse, get, put, web};
use garde::Validate;
use papo_domain::Permission;
use papo_domain::tenant::TenantPolicy;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The keys there are. What else the policy holds is not the bot's.
const KEYS: [&str; 11] = [
    "business_hours",
    "handoff_keywords",
    "max_misses",
    "coalesce_quiet_ms",
    "coalesce_max_ms",
    "bot_idle",
    "waiting_too_long",
    "human_idle",
    "human_idle_action",
    "show_read",
    "texts",
];

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingView {
    #[schema(example = "max_misses")]
    key: String,
    #[schema(value_type = Object, example = json!(2))]
    value: Value,
    /// What it is where nobody set it.
    #[schema(value_type = Object, example = json!(2))]
    default: Value,
}

/// A setting as it shall be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingBody {
    #[garde(skip)]
    #[schema(value_type = Object, example = json!(3))]
    value: Value,
}

fn settings(policy: &TenantPolicy) -> Result<Vec<SettingView>, ApiError> {
    let now = serde_json::to_value(policy).map_err(ApiError::internal)?;
    let usual = serde_json::to_value(TenantPolicy::default()).map_err(ApiError::internal)?;
    let of = |policy: &Value, key: &str| policy.get(key).cloned().unwrap_or_default();
    let view = |key: &str| SettingView {
        key: key.to_owned(),
        value: of(&now, key),
        default: of(&usual, key),
    };
    Ok(KEYS.iter().map(|key| view(key)).collect())
}

/// A policy with another value of one key, or what is wrong with that.
fn edited(policy: &TenantPolicy, key: &str, value: Value) -> Result<TenantPolicy, ApiError> {
    let mut fields = serde_json::to_value(policy).map_err(ApiError::internal)?;
    if let Some(field) = fields.get_mut(key) {
        *field = value;
    }
    let edited: TenantPolicy = serde_json::from_value(fields)
        .map_err(|error| ApiError::Unreadable(FieldFault::new("value", error.to_string())))?;
    let faults = edited.check();
    if faults.is_empty() {
        return Ok(edited);
    }
    let fault = |fault: papo_domain::tenant::PolicyFault| {
        // The form knows its value by no other name.
        let inside = fault.field.strip_prefix(key).unwrap_or_default();
        FieldFault::new(format!("value{inside}"), fault.problem)
    };
    Err(ApiError::Invalid(faults.into_iter().map(fault).collect()))
}

/// The bot's settings.
#[utoipa::path(
    tag = "bot",
    responses((status = 200, description = "All settings", body = Page<SettingView>))
)]
#[get("/bot/config")]
pub(crate) async fn list_settings(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let found = app.database.find_tenant_by_id(user.tenant()?).await?;
    let views = settings(&found.policy)?;
    Ok(HttpResponse::Ok().json(Page::whole(views, |view| view)))
}

/// Changes one setting. It is effective at once; all others stay, whoever edits them meanwhile.
#[utoipa::path(
    tag = "bot",
    params(("key" = String, Path)),
    request_body = SettingBody,
    responses(
        (status = 200, description = "The setting as it is now", body = SettingView),
        (status = 400, description = "Not a value of this setting", body = ErrorBody),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such setting", body = ErrorBody),
        (status = 422, description = "A value that cannot be used", body = ErrorBody),
    )
)]
#[put("/bot/config/{key}")]
pub(crate) async fn replace_setting(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    key: web::Path<String>,
    body: Body<SettingBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let known = KEYS.iter().find(|known| **known == *key);
    let key = *known.ok_or(ApiError::NotFound)?;
    let value = body.value.value;
    // What cannot be used is refused before anything is written, so that no entry tells of it.
    let before = app.database.find_tenant_by_id(tenant).await?.policy;
    edited(&before, key, value.clone())?;
    let entry = source.tells(&user, Action::PolicyReplaced);
    let was = serde_json::to_value(&before).map_err(ApiError::internal)?;
    let entry = entry
        .about("tenant", tenant)
        .change(&json!({ key: was.get(key) }), &json!({ key: value }));
    let policy = app
        .database
        .noting(entry)
        .edit_policy(tenant, |policy| edited(policy, key, value))
        .await??;
    app.tenant_changed(tenant).await;
    let mut views = settings(&policy)?;
    views.retain(|view| view.key == key);
    let view = views.pop();
    Ok(HttpResponse::Ok().json(view))
}

#[cfg(test)]
mod tests {
    use super::{KEYS, settings};
    use papo_domain::tenant::TenantPolicy;

    #[test]
    fn every_key_is_one_of_the_policy() {
        let views = settings(&TenantPolicy::default()).expect("json");
        assert_eq!(views.len(), KEYS.len());
        for view in views {
            assert!(!view.default.is_null(), "{}", view.key);
            assert_eq!(view.value, view.default, "{}", view.key);
        }
    }
}
