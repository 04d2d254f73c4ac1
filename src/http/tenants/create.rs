//! Creating a tenant.

use super::TenantView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Body;
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garde::Validate;
use papo_domain::{Permission, Role, TenantId, UserId};
use papo_storage::app::{NewTenant, NewUser};
use rand::RngCore as _;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
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
    /// Left out: one is made and returned, once.
    #[garde(inner(custom(rules::password)))]
    #[schema(value_type = Option<String>)]
    admin_password: Option<SecretString>,
}

/// A created tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedTenant {
    #[serde(flatten)]
    tenant: TenantView,
    admin_id: Uuid,
    /// Only when the request named none. It cannot be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_password: Option<String>,
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
    body: Body<CreateTenant>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::OrganizationManage)?;
    let new = body.value;
    let temporary = new.admin_password.is_none();
    let password = new.admin_password.unwrap_or_else(random_password);
    let password_hash = app.passwords.hash(password.clone()).await?;
    let admin_id = UserId(Uuid::now_v7());
    let tenant = app
        .database
        .create_tenant(&NewTenant {
            id: TenantId(Uuid::new_v4()),
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
                must_change_password: temporary,
                departments: Vec::new(),
            },
        })
        .await?;
    tracing::info!(tenant.id = %tenant.id, by = %user.id, "tenant created");
    Ok(HttpResponse::Created().json(CreatedTenant {
        tenant: tenant.into(),
        admin_id: admin_id.0,
        temporary_password: temporary.then(|| password.expose_secret().to_owned()),
    }))
}

fn random_password() -> SecretString {
    let mut bytes = [0; 18];
    rand::rng().fill_bytes(&mut bytes);
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}
