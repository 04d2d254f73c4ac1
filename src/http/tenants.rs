//! Customer organisations.

mod create;
mod list;
mod policy;
mod show;
mod update;
mod usage;

pub(crate) use create::TRIAL_DAYS;
pub(crate) use create::create_tenant;
pub(crate) use list::list_tenants;
pub(crate) use policy::{change_policy, replace_policy, show_policy};
pub(crate) use show::show_tenant;
pub(crate) use update::update_tenant;
pub(crate) use usage::show_usage;

use crate::auth::CurrentUser;
use crate::error::ApiError;
use chrono::{DateTime, Utc};
use papo_domain::{Permission, Role, TenantId};
use papo_storage::app::Tenant;
use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantView {
    id: Uuid,
    #[schema(example = "demo")]
    slug: String,
    name: String,
    email: Option<String>,
    /// `trial`, `active` or `suspended`.
    status: String,
    trial_ends_at: Option<DateTime<Utc>>,
    /// `free`, `pro` or `enterprise`.
    #[schema(example = "pro")]
    plan: String,
    created_at: DateTime<Utc>,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.0,
            slug: tenant.slug,
            name: tenant.name,
            email: tenant.email,
            status: tenant.status,
            trial_ends_at: tenant.trial_ends_at,
            plan: tenant.plan,
            created_at: tenant.created_at,
        }
    }
}

/// A tenant in a path: its id, or `current` for the caller's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantInPath(Option<TenantId>);

impl FromStr for TenantInPath {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, uuid::Error> {
        match s {
            "current" => Ok(Self(None)),
            id => id.parse().map(|id| Self(Some(id))),
        }
    }
}

impl TenantInPath {
    /// The tenant that `user` may administer: administrators their own, super admins any.
    /// Another one's does not exist for whoever asks.
    fn administered_by(self, user: &CurrentUser) -> Result<TenantId, ApiError> {
        user.must(Permission::CompanyManage)?;
        match self.0 {
            None => user.tenant(),
            Some(TenantId::PLATFORM) => Err(ApiError::NotFound),
            Some(id) if user.role == Role::SuperAdmin || id == user.home => Ok(id),
            Some(_) => Err(ApiError::NotFound),
        }
    }
}
