//! What every handler shares. Built once, in [`crate::boot`]; cheap to hand to each worker.

use crate::auth::{OpaqueTokens, Passwords, Sessions, Tokens};
use crate::config::Config;
use crate::engine::{EngineHandle, Listed};
use crate::error::ApiError;
use crate::gateway::GraphGateway;
use crate::http::extract::Bodies;
use crate::http::rules;
use crate::limiter::{Allowance, Limiter};
use crate::media::{Links, MediaStore, Uploads};
use crate::recent::Cache;
use crate::vault::Vault;
use crate::webhook::Directory;
use metrics_exporter_prometheus::PrometheusHandle;
use papo_domain::ports::{Clock, InboxWriter};
use papo_domain::{TenantId, UserId};
use papo_storage::Database;
use papo_storage::app::{Bound, Counted};
use std::sync::Arc;
use std::time::{Duration, Instant};
use utoipa::openapi::OpenApi;
use uuid::Uuid;

/// How long a slug's tenant is believed.
const SLUG_TTL: Duration = Duration::from_secs(30);

/// A tenant as far as a request needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRef {
    pub id: TenantId,
    pub name: String,
    pub suspended: bool,
}

/// How much each kind of caller may ask.
#[derive(Clone, Copy, Debug)]
pub struct Allowances {
    pub address: Allowance,
    pub user: Allowance,
    pub login: Allowance,
    pub account: Allowance,
}

impl Allowances {
    /// As configured.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let (limits, auth) = (&config.limits, &config.auth);
        let allowance = |most, window| Allowance { most, window };
        Self {
            address: allowance(limits.per_ip, limits.window),
            user: allowance(limits.per_user, limits.user_window),
            login: allowance(auth.login_attempts, auth.login_window),
            account: allowance(auth.account_attempts, auth.login_window),
        }
    }
}

/// The application.
pub struct AppState {
    pub config: Config,
    pub engine: EngineHandle,
    pub database: Database,
    pub inbox: Arc<dyn InboxWriter>,
    pub clock: Arc<dyn Clock>,
    pub vault: Arc<Vault>,
    pub gateway: Arc<GraphGateway>,
    pub channels: Directory,
    pub passwords: Passwords,
    pub tokens: Tokens,
    pub opaque_tokens: OpaqueTokens,
    pub media: MediaStore,
    /// Room for files that are being uploaded.
    pub uploads: Arc<Uploads>,
    pub links: Links,
    pub sessions: Sessions,
    pub limiter: Arc<dyn Limiter>,
    pub allowances: Allowances,
    pub bodies: Bodies,
    pub metrics: Option<PrometheusHandle>,
    pub openapi: Arc<OpenApi>,
    pub started: Instant,
    pub(crate) slugs: Cache<String, TenantRef>,
}

impl AppState {
    /// The tenant of a slug.
    ///
    /// # Errors
    /// [`ApiError::TenantNotFound`], or the database is away.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<TenantRef, ApiError> {
        // What can be no slug is nobody's; the database would not even take some of it.
        if rules::slug(slug, &()).is_err() {
            return Err(ApiError::TenantNotFound);
        }
        if let Some(tenant) = self.slugs.get(slug) {
            return Ok(tenant);
        }
        let found = self.database.find_tenant(slug).await?;
        let found = found.ok_or(ApiError::TenantNotFound)?;
        let tenant = TenantRef {
            id: TenantId(found.tenant_id),
            name: found.name,
            suspended: found.status == "suspended",
        };
        self.slugs.put(slug.to_owned(), tenant.clone(), SLUG_TTL);
        Ok(tenant)
    }

    /// The most that a tenant's plan gives of something. The platform has none.
    ///
    /// # Errors
    /// The database is away.
    pub async fn bound(&self, tenant: TenantId, of: Counted) -> Result<Option<Bound>, ApiError> {
        if tenant == TenantId::PLATFORM {
            return Ok(None);
        }
        let found = self.database.find_tenant_by_id(tenant).await?;
        let quotas = self.config.plans.of(&found.plan);
        let most = match of {
            Counted::Users => i64::from(quotas.users),
            Counted::Channels => i64::from(quotas.channels),
            Counted::Storage => i64::try_from(quotas.storage_bytes).unwrap_or(i64::MAX),
        };
        Ok((most > 0).then_some(Bound { of, most }))
    }

    /// Flow, policy, departments or channels of a tenant changed: its actor reads them again.
    /// The change itself stands; an owner that cannot be told now finds it within half a minute.
    pub async fn tenant_changed(&self, tenant: TenantId) {
        if let Err(error) = self.engine.reload_tenant(tenant).await {
            tracing::warn!(tenant.id = %tenant, %error, "tenant not reloaded");
        }
    }

    /// A list of the tenant changed: whoever is online loads it anew. Those who are not told now see
    /// it when they look next.
    pub fn list_changed(&self, tenant: TenantId, list: Listed) {
        self.engine.list_changed(tenant, list);
    }

    /// A channel changed: nobody may go on with what was remembered of it.
    pub async fn channel_changed(&self, tenant: TenantId, channel: papo_domain::ChannelId) {
        self.channels.forget();
        self.gateway.forget(tenant, channel);
        if let Err(error) = self.engine.reload_channel(tenant, channel).await {
            tracing::warn!(tenant.id = %tenant, channel.id = %channel, %error, "channel not reloaded");
        }
    }

    /// These logins of a user ended: their tokens are refused and their sockets cut.
    pub async fn sessions_ended(&self, tenant: TenantId, user: UserId, sessions: &[Uuid]) {
        self.sessions.end(sessions);
        self.user_changed(tenant, user).await;
    }

    /// What a user may do changed: it is looked up again, and the user's sockets are cut, so
    /// that they come back with what they may see now.
    pub async fn user_changed(&self, tenant: TenantId, user: UserId) {
        self.sessions.refresh(user);
        if let Err(error) = self.engine.user_changed(tenant, user).await {
            tracing::warn!(tenant.id = %tenant, user.id = %user, %error, "sockets not cut");
        }
    }

    /// What everybody of a tenant may do changed, as when it is suspended: logins are looked up
    /// again, and every socket is cut.
    pub async fn everybody_changed(&self, tenant: TenantId) {
        self.sessions.refresh_tenant(tenant);
        if let Err(error) = self.engine.everybody_changed(tenant).await {
            tracing::warn!(tenant.id = %tenant, %error, "sockets not cut");
        }
    }
}
