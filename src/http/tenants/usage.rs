//! What a tenant has, beside what its plan gives.

use super::TenantInPath;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// How much there is of something, and may be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Amount {
    used: i64,
    /// `null` is without a bound.
    limit: Option<u64>,
    /// Whether there is more than the plan gives.
    exceeded: bool,
}

impl Amount {
    fn new(used: i64, limit: u64) -> Self {
        let limit = (limit > 0).then_some(limit);
        let beyond = |limit: u64| u64::try_from(used).is_ok_and(|used| used > limit);
        Self {
            used,
            limit,
            exceeded: limit.is_some_and(beyond),
        }
    }
}

/// What a tenant has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    #[schema(example = "pro")]
    plan: String,
    #[schema(example = "trial")]
    status: String,
    trial_ends_at: Option<DateTime<Utc>>,
    /// Active ones.
    users: Amount,
    /// Active ones.
    channels: Amount,
    /// That began this month, in UTC. Customers are never turned away.
    conversations: Amount,
    /// Of sessions that began on days of this month; no plan bounds them. A moment behind.
    messages: Amount,
    /// Of files of messages and pictures of people.
    storage_bytes: Amount,
}

/// What the tenant has of that which its plan bounds.
#[utoipa::path(
    tag = "tenants",
    params(("id" = String, Path, description = "An id, or `current`")),
    responses(
        (status = 200, description = "Its usage, now", body = UsageView),
        (status = 404, description = "No such tenant", body = ErrorBody),
    )
)]
#[get("/tenants/{id}/usage")]
pub(crate) async fn show_usage(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<TenantInPath>,
) -> Result<HttpResponse, ApiError> {
    let tenant = id.administered_by(&user)?;
    let found = app.database.find_tenant_by_id(tenant).await?;
    let used = app.database.usage(tenant).await?;
    let quotas = app.config.plans.of(&found.plan);
    Ok(HttpResponse::Ok().json(UsageView {
        users: Amount::new(used.users, quotas.users.into()),
        channels: Amount::new(used.channels, quotas.channels.into()),
        conversations: Amount::new(used.conversations, quotas.conversations_per_month.into()),
        messages: Amount::new(used.messages, 0),
        storage_bytes: Amount::new(used.storage_bytes, quotas.storage_bytes),
        plan: found.plan,
        status: found.status,
        trial_ends_at: found.trial_ends_at,
    }))
}
