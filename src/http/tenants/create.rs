//! Creating a tenant.

use super::TenantView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use crate::http::users::{Link, LinkView, random_password};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::{Permission, Role, TenantId, UserId};
use papo_storage::app::{LinkKind, NewTenant, NewUser};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Days of a trial.
pub(crate) const TRIAL_DAYS: i32 = 14;

/// A new tenant with its first administrator.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTenant {
    #[garde(custom(rules::name))]
    name: String,
    /// Lower-case letters, digits and dashes.
    #[garde(custom(rules::slug))]
    #[schema(example = "padaria-da-ana")]
    slug: String,
    #[garde(inner(custom(rules::email)))]
    email: Option<String>,
    #[garde(custom(rules::name))]
    admin_name: String,
    #[garde(custom(rules::email))]
    admin_email: String,
    /// Left out: one is made and returned, once, or the administrator is invited to choose one.
    #[garde(inner(custom(rules::password)))]
    #[schema(value_type = Option<String>)]
    admin_password: Option<SecretString>,
    /// Whether to make a link by which the administrator chooses the password. Not together with
    /// `admin_password`.
    #[garde(skip)]
    #[serde(default)]
    invite: bool,
}

/// A created tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedTenant {
    #[serde(flatten)]
    tenant: TenantView,
    admin_id: Uuid,
    /// Only when the request named none. It cannot be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_password: Option<String>,
    /// Only when the request asked for it. It cannot be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<LinkView>,
}

/// Creates a tenant on trial and its administrator.
#[utoipa::path(
    tag = "tenants",
    request_body = CreateTenant,
    responses(
        (status = 201, description = "Created", body = CreatedTenant),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The slug is taken", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[post("/tenants")]
pub(crate) async fn create_tenant(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateTenant>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::OrganizationManage)?;
    let new = body.value;
    if new.invite && new.admin_password.is_some() {
        return Err(ApiError::invalid("invite", "is not for a known password"));
    }
    let temporary = new.admin_password.is_none() && !new.invite;
    let password = new.admin_password.unwrap_or_else(random_password);
    let password_hash = app.passwords.hash(password.clone()).await?;
    let (id, admin_id) = (TenantId(Uuid::new_v4()), UserId(Uuid::now_v7()));
    let link = new
        .invite
        .then(|| Link::mint(&app, id, admin_id, LinkKind::Invitation));
    // In the platform's trail: the tenant's own begins after it.
    let entry = source
        .tells(&user, Action::TenantCreated)
        .about("tenant", id);
    let tenant = app
        .database
        .noting(entry.after(json!({ "slug": new.slug, "trial_days": TRIAL_DAYS })))
        .create_tenant(&NewTenant {
            id,
            slug: new.slug,
            name: new.name.trim().to_owned(),
            email: new.email,
            trial_days: TRIAL_DAYS,
            admin: NewUser {
                id: admin_id,
                email: new.admin_email.trim().to_lowercase(),
                full_name: new.admin_name.trim().to_owned(),
                role: Role::TenantAdmin,
                password_hash,
                must_change_password: temporary || new.invite,
                departments: Vec::new(),
            },
            invitation: link.as_ref().map(|link| link.row),
        })
        .await?;
    tracing::info!(tenant.id = %tenant.id, by = %user.id, "tenant created");
    Ok(HttpResponse::Created().json(CreatedTenant {
        admin_id: admin_id.0,
        // Expires as long after the tenant's beginning as it is good for.
        invitation: link.map(|link| {
            let expires_at = tenant.created_at + link.row.ttl;
            link.shown(&app, expires_at)
        }),
        temporary_password: temporary.then(|| password.expose_secret().to_owned()),
        tenant: tenant.into(),
    }))
}
