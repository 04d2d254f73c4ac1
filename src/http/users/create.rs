//! Creating a user.

use super::{Link, LinkView, UserView, role};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garde::Validate;
use papo_domain::{DepartmentId, Permission, Role, TenantId, UserId};
use papo_storage::app::{Counted, LinkKind, NewUser};
use rand::RngCore as _;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A new user.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateUser {
    #[garde(custom(rules::email))]
    #[schema(example = "ana@example.com")]
    email: String,
    #[garde(custom(rules::name))]
    #[serde(alias = "name")]
    #[schema(example = "Ana")]
    full_name: String,
    #[garde(skip)]
    #[serde(default = "attendant", deserialize_with = "role")]
    #[schema(value_type = String, example = "attendant", default = "attendant")]
    role: Role,
    /// 8 to 128 characters; the user is asked to change it. Left out: the user is invited to choose
    /// one, by the link in the answer.
    #[garde(inner(custom(rules::password)))]
    #[schema(value_type = Option<String>)]
    password: Option<SecretString>,
    #[garde(length(max = 100))]
    #[serde(default)]
    departments: Vec<Uuid>,
}

/// A created user.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedUser {
    #[serde(flatten)]
    user: UserView,
    /// Only where the request named no password. It cannot be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<LinkView>,
}

fn attendant() -> Role {
    Role::Attendant
}

/// Creates a user in the caller's tenant. Administrators create any role of their tenant; only
/// super admins create super admins.
#[utoipa::path(
    tag = "users",
    request_body = CreateUser,
    responses(
        (status = 201, description = "Created", body = CreatedUser),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The address is taken, or `quota_exceeded`", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[post("/users")]
pub(crate) async fn create_user(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateUser>,
) -> Result<HttpResponse, ApiError> {
    create(&app, &user, &source, body.value).await
}

pub(in crate::http) async fn create(
    app: &AppState,
    user: &CurrentUser,
    source: &Source,
    new: CreateUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyUserManage)?;
    // Super admins live on the platform and nobody else does.
    let platform = user.acting == TenantId::PLATFORM;
    match (platform, new.role == Role::SuperAdmin) {
        (false, true) => return Err(ApiError::Forbidden),
        (true, false) => return Err(ApiError::TenantRequired),
        _ => {}
    }
    let id = UserId(Uuid::now_v7());
    let invited = new.password.is_none();
    let password = new.password.unwrap_or_else(random_password);
    let row = NewUser {
        id,
        email: new.email.trim().to_lowercase(),
        full_name: new.full_name.trim().to_owned(),
        role: new.role,
        password_hash: app.passwords.hash(password).await?,
        must_change_password: true,
        departments: new.departments.into_iter().map(DepartmentId).collect(),
    };
    let tenant = user.acting;
    let entry = source.tells(user, Action::UserCreated).about("user", id);
    let bound = app.bound(tenant, Counted::Users).await?;
    let database = app.database.within(bound).noting(entry.after(json!({
        "role": row.role,
        "departments": row.departments,
        "invited": invited,
    })));
    let (created, invitation) = if invited {
        let link = Link::mint(app, tenant, id, LinkKind::Invitation);
        let (created, expires_at) = database.invite_user(tenant, &row, &link.row).await?;
        (created, Some(link.shown(app, expires_at)))
    } else {
        (database.create_user(tenant, &row).await?, None)
    };
    if !platform {
        // One more who may be asked to serve.
        app.tenant_changed(tenant).await;
    }
    tracing::info!(tenant.id = %tenant, user.id = %id, by = %user.id, "user created");
    Ok(HttpResponse::Created().json(CreatedUser {
        user: created.into(),
        invitation,
    }))
}

/// A password that nobody knows, or that is shown once.
pub(in crate::http) fn random_password() -> SecretString {
    let mut bytes = [0; 18];
    rand::rng().fill_bytes(&mut bytes);
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}
