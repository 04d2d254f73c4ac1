//! A tenant's rules of attendance.

use super::TenantInPath;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use actix_web::{HttpResponse, get, put, web};
use garde::Validate;
use papo_domain::tenant::TenantPolicy;
use papo_storage::app::TenantChange;
use serde::Deserialize;
use utoipa::ToSchema;

/// Business hours, keywords, waits and texts. What is left out has its default.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(crate) struct PolicyBody(#[garde(skip)] TenantPolicy);

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

/// Replaces the tenant's rules. They are effective at once.
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
    let PolicyBody(policy) = body.value;
    let faults = policy.check();
    if !faults.is_empty() {
        let fault =
            |fault: papo_domain::tenant::PolicyFault| FieldFault::new(fault.field, fault.problem);
        return Err(ApiError::Invalid(faults.into_iter().map(fault).collect()));
    }
    let before = app.database.find_tenant_by_id(tenant).await?.policy;
    let before = serde_json::to_value(before).map_err(ApiError::internal)?;
    let after = serde_json::to_value(&policy).map_err(ApiError::internal)?;
    let entry = source.tells(&user, Action::PolicyReplaced);
    let entry = entry.about("tenant", tenant).change(&before, &after);
    let change = TenantChange {
        policy: Some(policy),
        ..TenantChange::default()
    };
    let changed = app
        .database
        .noting(entry)
        .update_tenant(tenant, &change)
        .await?;
    // It may ask for a second factor now.
    app.sessions.refresh_tenant(tenant);
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::Ok().json(changed.policy))
}
