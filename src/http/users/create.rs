//! Creating a user.

use super::{UserView, role};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Body;
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::{DepartmentId, Permission, Role, TenantId, UserId};
use papo_storage::app::NewUser;
use secrecy::SecretString;
use serde::Deserialize;
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
    /// 8 to 128 characters; the user is asked to change it.
    #[garde(custom(rules::password))]
    #[schema(value_type = String)]
    password: SecretString,
    #[garde(length(max = 100))]
    #[serde(default)]
    departments: Vec<Uuid>,
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
        (status = 201, description = "Created", body = UserView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The address is taken", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[post("/users")]
pub(crate) async fn create_user(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<CreateUser>,
) -> Result<HttpResponse, ApiError> {
    create(&app, &user, body.value).await
}

pub(in crate::http) async fn create(
    app: &AppState,
    user: &CurrentUser,
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
    let password_hash = app.passwords.hash(new.password).await?;
    let created = app
        .database
        .create_user(
            user.acting,
            &NewUser {
                id: UserId(Uuid::now_v7()),
                email: new.email.trim().to_lowercase(),
                full_name: new.full_name.trim().to_owned(),
                role: new.role,
                password_hash,
                must_change_password: true,
                departments: new.departments.into_iter().map(DepartmentId).collect(),
            },
        )
        .await?;
    tracing::info!(tenant.id = %user.acting, user.id = %created.id, by = %user.id, "user created");
    Ok(HttpResponse::Created().json(UserView::from(created)))
}
