//! Changing a user.

use super::{UserView, optional_role};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use actix_web::{HttpResponse, patch, web};
use garde::Validate;
use papo_domain::{DepartmentId, Permission, Role, TenantId, UserId};
use papo_storage::app::{Counted, User, UserChange};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateUser {
    #[garde(inner(custom(rules::name)))]
    #[serde(alias = "name")]
    full_name: Option<String>,
    /// An https address, for whatever client shows such pictures: the dashboard shows those alone
    /// that were uploaded (`PUT /me/avatar`). `null` takes the picture away.
    #[garde(skip)]
    #[serde(default, deserialize_with = "crate::http::present")]
    #[schema(value_type = Option<String>)]
    avatar_url: Option<Option<String>>,
    /// Administrators only, and never one's own.
    #[garde(skip)]
    #[serde(default, deserialize_with = "optional_role")]
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    /// Administrators only, and never one's own. An inactive user is logged out.
    #[garde(skip)]
    is_active: Option<bool>,
    /// Administrators only.
    #[garde(length(max = 100))]
    departments: Option<Vec<Uuid>>,
}

impl UpdateUser {
    /// What the audit trail is told of it: not how somebody is called.
    fn told(&self) -> Value {
        let mut told = Map::new();
        let mut tell = |name: &str, value: Option<Value>| {
            told.extend(value.map(|value| (name.to_owned(), value)));
        };
        tell("role", self.role.map(|role| json!(role)));
        tell("is_active", self.is_active.map(|active| json!(active)));
        let departments = self.departments.as_ref();
        tell("departments", departments.map(|ids| json!(ids)));
        Value::Object(told)
    }
}

/// The same of a user.
fn rights_of(user: &User) -> Value {
    json!({
        "role": user.role,
        "is_active": user.is_active,
        "departments": user.departments,
    })
}

/// Changes a user: one's own name and picture, or, as an administrator, anybody of the tenant.
#[utoipa::path(
    tag = "users",
    params(("id" = Uuid, Path)),
    request_body = UpdateUser,
    responses(
        (status = 200, description = "The user as it is now", body = UserView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
        (status = 409, description = "`last_admin`, or `quota_exceeded`", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/users/{id}")]
pub(crate) async fn update_user(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<UserId>,
    body: Body<UpdateUser>,
) -> Result<HttpResponse, ApiError> {
    let own = id == user.id;
    let change = body.value;
    let rights = change.role.is_some() || change.is_active.is_some();
    if !own || rights || change.departments.is_some() {
        user.must(Permission::CompanyUserManage)?;
    }
    if own && rights {
        // The last administrator must not lock the door from outside.
        return Err(ApiError::invalid(
            "id",
            "is your own: ask another administrator",
        ));
    }
    // Super admins live on the platform and nobody else does: nobody becomes one, or ceases to be.
    let platform = user.acting == TenantId::PLATFORM;
    if change.role == Some(Role::SuperAdmin) || (platform && change.role.is_some()) {
        return Err(ApiError::Forbidden);
    }
    if let Some(Some(url)) = &change.avatar_url
        && !(url.starts_with("https://") && url.len() <= 2048)
    {
        return Err(ApiError::invalid("avatar_url", "must be an https address"));
    }
    let tenant = if own { user.home } else { user.acting };
    let departments_changed = change.departments.is_some();
    let before = app.database.find_user(tenant, id).await?;
    let entry = source.tells(&user, Action::UserUpdated).about("user", id);
    let bound = match change.is_active {
        Some(true) => app.bound(tenant, Counted::Users).await?,
        _ => None,
    };
    let changed = app
        .database
        .within(bound)
        .noting(entry.change(&rights_of(&before), &change.told()))
        .update_user(
            tenant,
            id,
            &UserChange {
                full_name: change.full_name.map(|name| name.trim().to_owned()),
                role: change.role,
                avatar_url: change.avatar_url,
                is_active: change.is_active,
                departments: change
                    .departments
                    .map(|ids| ids.into_iter().map(DepartmentId).collect()),
            },
        )
        .await?;
    if change.is_active == Some(false) {
        let ended = app.database.revoke_sessions_of(tenant, id, None).await?;
        app.sessions_ended(tenant, id, &ended).await;
    } else if rights || departments_changed {
        app.user_changed(tenant, id).await;
    } else {
        app.sessions.refresh(id);
    }
    if tenant != TenantId::PLATFORM {
        // Who may be asked to serve, and where.
        app.tenant_changed(tenant).await;
    }
    Ok(HttpResponse::Ok().json(UserView::from(changed)))
}
