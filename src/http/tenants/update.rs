//! Changing a tenant.

use super::{TenantInPath, TenantView};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use actix_web::{HttpResponse, patch, web};
use garde::Validate;
use papo_domain::Permission;
use papo_storage::app::TenantChange;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Trial,
    Active,
    /// Still stores what arrives; nobody can log in.
    Suspended,
}

impl Standing {
    fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateTenant {
    #[garde(inner(custom(rules::name)))]
    name: Option<String>,
    #[garde(inner(custom(rules::email)))]
    email: Option<String>,
    /// Super admins only.
    #[garde(skip)]
    status: Option<Standing>,
}

/// Changes a tenant.
#[utoipa::path(
    tag = "tenants",
    params(("id" = String, Path, description = "An id, or `current`")),
    request_body = UpdateTenant,
    responses(
        (status = 200, description = "The tenant as it is now", body = TenantView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such tenant", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/tenants/{id}")]
pub(crate) async fn update_tenant(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<TenantInPath>,
    body: Body<UpdateTenant>,
) -> Result<HttpResponse, ApiError> {
    let tenant = id.administered_by(&user)?;
    let UpdateTenant {
        name,
        email,
        status,
    } = body.value;
    if status.is_some() {
        user.must(Permission::OrganizationManage)?;
    }
    let before = app.database.find_tenant_by_id(tenant).await?;
    let entry = source.tells(&user, Action::TenantUpdated);
    let status_is = |status: &str| json!({ "status": status });
    let told = status.map_or_else(|| json!({}), |status| status_is(status.name()));
    let changed = app
        .database
        .noting(
            entry
                .about("tenant", tenant)
                .change(&status_is(&before.status), &told),
        )
        .update_tenant(
            tenant,
            &TenantChange {
                name,
                email,
                status: status.map(|status| status.name().to_owned()),
                policy: None,
            },
        )
        .await?;
    if let Some(status) = status {
        app.slugs.forget(&changed.slug);
        if matches!(status, Standing::Suspended) {
            app.tenant_suspended(tenant).await;
        }
        app.tenant_changed(tenant).await;
    }
    Ok(HttpResponse::Ok().json(TenantView::from(changed)))
}
