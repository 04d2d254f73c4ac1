//! Changing a tenant.

use super::{TenantInPath, TenantView};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use actix_web::{HttpResponse, patch, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::Permission;
use papo_storage::app::TenantChange;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    Trial,
    Active,
    /// Nobody can log in. What arrives is stored, and nothing is said or offered to anybody until the
    /// tenant is served again. A trial that is over is the same.
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

/// How much a tenant may have (`plans` in the configuration).
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plan {
    Free,
    Pro,
    Enterprise,
}

impl Plan {
    fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
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
    /// Super admins only. Nobody can log in to a tenant on trial after this moment.
    #[garde(inner(custom(rules::moment)))]
    trial_ends_at: Option<DateTime<Utc>>,
    /// Super admins only. What there is too much of stays; there can only be no more of it.
    #[garde(skip)]
    plan: Option<Plan>,
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
        trial_ends_at,
        plan,
    } = body.value;
    if status.is_some() || trial_ends_at.is_some() || plan.is_some() {
        user.must(Permission::OrganizationManage)?;
    }
    let before = app.database.find_tenant_by_id(tenant).await?;
    let entry = source.tells(&user, Action::TenantUpdated);
    let entry = entry.about("tenant", tenant).change(
        &json!({
            "status": before.status,
            "trial_ends_at": before.trial_ends_at,
            "plan": before.plan,
        }),
        &told(status, trial_ends_at, plan),
    );
    let changed = app
        .database
        .noting(entry)
        .update_tenant(
            tenant,
            &TenantChange {
                name,
                email,
                status: status.map(|status| status.name().to_owned()),
                trial_ends_at,
                plan: plan.map(|plan| plan.name().to_owned()),
            },
        )
        .await?;
    if status.is_some() || trial_ends_at.is_some() {
        app.slugs.forget(&changed.slug);
        if !changed.is_served(app.clock.now()) {
            app.everybody_changed(tenant).await;
        }
        app.tenant_changed(tenant).await;
    }
    Ok(HttpResponse::Ok().json(TenantView::from(changed)))
}

/// What the audit trail is told of a change: not how the tenant is called.
fn told(
    status: Option<Standing>,
    trial_ends_at: Option<DateTime<Utc>>,
    plan: Option<Plan>,
) -> Value {
    let fields = [
        ("status", status.map(|status| json!(status))),
        ("trial_ends_at", trial_ends_at.map(|end| json!(end))),
        ("plan", plan.map(|plan| json!(plan))),
    ];
    let named = fields.into_iter();
    let named = named.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(named.collect())
}
