//! A tenant's rules of attendance.

use super::TenantInPath;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source, read_value};
use crate::http::templates;
use actix_web::{HttpResponse, get, patch, put, web};
use garde::Validate;
use papo_domain::TenantId;
use papo_domain::tenant::{PolicyFault, TenantPolicy};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The key that stays as it is where it is left out.
const SECOND_FACTOR: &str = "require_two_factor";
/// The key whose value has keys of its own that stay.
const TEXTS: &str = "texts";
/// Where the rules of the survey are.
const CSAT: &str = "csat";

/// Business hours, keywords, waits and texts.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(crate) struct PolicyBody(#[garde(skip)] Map<String, Value>);

/// The tenant's rules, with the defaults filled in.
#[utoipa::path(
    tag = "tenants",
    params(("id" = String, Path, description = "An id, or `current`")),
    responses(
        (status = 200, description = "The rules", body = PolicyBody),
        (status = 404, description = "No such tenant", body = ErrorBody),
    )
)]
#[get("/tenants/{id}/policy")]
pub(crate) async fn show_policy(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<TenantInPath>,
) -> Result<HttpResponse, ApiError> {
    let tenant = id.administered_by(&user)?;
    let found = app.database.find_tenant_by_id(tenant).await?;
    Ok(HttpResponse::Ok().json(found.policy))
}

/// Replaces the tenant's rules. They are effective at once. What is left out has its default, except
/// `require_two_factor`, which stays: whoever sets something else opens no door by that.
#[utoipa::path(
    tag = "tenants",
    params(("id" = String, Path, description = "An id, or `current`")),
    request_body = PolicyBody,
    responses(
        (status = 200, description = "The rules as they are now", body = PolicyBody),
        (status = 404, description = "No such tenant", body = ErrorBody),
        (status = 422, description = "All that is wrong with them", body = ErrorBody),
    )
)]
#[put("/tenants/{id}/policy")]
pub(crate) async fn replace_policy(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<TenantInPath>,
    body: Body<PolicyBody>,
) -> Result<HttpResponse, ApiError> {
    let tenant = id.administered_by(&user)?;
    let PolicyBody(named) = body.value;
    let silent = !named.contains_key(SECOND_FACTOR);
    let asked = checked(named)?;
    let edit = |now: &TenantPolicy| {
        let mut policy = asked.clone();
        if silent {
            policy
                .require_two_factor
                .clone_from(&now.require_two_factor);
        }
        Ok(policy)
    };
    let policy = store(&app, &user, &source, tenant, edit, true).await?;
    Ok(HttpResponse::Ok().json(policy))
}

/// Changes a part of the tenant's rules. What is left out stays, whoever changes it meanwhile; so do
/// the `texts` that are left out.
#[utoipa::path(
    tag = "tenants",
    params(("id" = String, Path, description = "An id, or `current`")),
    request_body = PolicyBody,
    responses(
        (status = 200, description = "All rules as they are now", body = PolicyBody),
        (status = 404, description = "No such tenant", body = ErrorBody),
        (status = 422, description = "All that is wrong with them", body = ErrorBody),
    )
)]
#[patch("/tenants/{id}/policy")]
pub(crate) async fn change_policy(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<TenantInPath>,
    body: Body<PolicyBody>,
) -> Result<HttpResponse, ApiError> {
    let tenant = id.administered_by(&user)?;
    let PolicyBody(named) = body.value;
    let edit = |now: &TenantPolicy| merged(now, named.clone());
    let survey = named.contains_key(CSAT);
    let policy = store(&app, &user, &source, tenant, edit, survey).await?;
    Ok(HttpResponse::Ok().json(policy))
}

/// Rules that can be used, or all that is wrong with them.
fn checked(named: Map<String, Value>) -> Result<TenantPolicy, ApiError> {
    usable(read_value(Value::Object(named))?)
}

fn usable(policy: TenantPolicy) -> Result<TenantPolicy, ApiError> {
    let faults = policy.check();
    if faults.is_empty() {
        return Ok(policy);
    }
    let fault = |fault: PolicyFault| FieldFault::new(fault.field, fault.problem);
    Err(ApiError::Invalid(faults.into_iter().map(fault).collect()))
}

/// The rules as they are, but for what is named.
fn merged(now: &TenantPolicy, named: Map<String, Value>) -> Result<TenantPolicy, ApiError> {
    let now = serde_json::to_value(now).map_err(ApiError::internal)?;
    let Value::Object(mut fields) = now else {
        return Err(ApiError::internal("rules are an object"));
    };
    for (key, value) in named {
        match (fields.get_mut(&key), value) {
            (Some(Value::Object(texts)), Value::Object(changed)) if key == TEXTS => {
                texts.extend(changed);
            }
            (_, value) => {
                fields.insert(key, value);
            }
        }
    }
    checked(fields)
}

/// Stores what `edit` makes of the rules as they are, and tells whoever goes by them. `survey` is
/// whether it says anything of that: else it is nobody's business what its template says by now.
async fn store(
    app: &AppState,
    user: &CurrentUser,
    source: &Source,
    tenant: TenantId,
    edit: impl Fn(&TenantPolicy) -> Result<TenantPolicy, ApiError> + Send + Sync,
    survey: bool,
) -> Result<TenantPolicy, ApiError> {
    let before = app.database.find_tenant_by_id(tenant).await?.policy;
    // What cannot be used is refused before anything is written, so that no entry tells of it.
    let mut wanted = edit(&before)?;
    if survey {
        templates::read_survey(app, tenant, &mut wanted.csat, &before.csat, CSAT).await?;
        wanted = usable(wanted)?;
    }
    let after = serde_json::to_value(&wanted).map_err(ApiError::internal)?;
    let read = wanted.csat.template;
    let edit = |now: &TenantPolicy| {
        let mut policy = edit(now)?;
        if survey && policy.csat.template.is_some() {
            policy.csat.template.clone_from(&read);
        }
        Ok::<_, ApiError>(policy)
    };
    let was = serde_json::to_value(&before).map_err(ApiError::internal)?;
    let entry = source.tells(user, Action::PolicyReplaced);
    let policy = app
        .database
        .noting(entry.about("tenant", tenant).change(&was, &after))
        .edit_policy(tenant, edit)
        .await??;
    let asks_no_more = |role| before.require_two_factor.contains(role);
    if policy.require_two_factor.iter().all(asks_no_more) {
        app.sessions.refresh_tenant(tenant);
    } else {
        // Whoever has no second factor is told nothing more, by sockets that are open neither.
        app.everybody_changed(tenant).await;
    }
    app.tenant_changed(tenant).await;
    Ok(policy)
}
