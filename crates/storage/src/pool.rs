//! The HTTP side's connections: role `papo_app`, bounded, every wait with an end. Nothing
//! outside of this crate can take a connection from here; [`crate::tenant_scope`] is the door.

use crate::app::{AuditEntry, Bound};
use crate::error::DbError;
use crate::session::{self, SessionLimits};
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Size and patience of the pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolSettings {
    /// Most connections at a time.
    pub size: usize,
    /// Longest wait for one of them.
    pub wait: Duration,
    pub limits: SessionLimits,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            size: 10,
            wait: Duration::from_secs(2),
            limits: SessionLimits::default(),
        }
    }
}

/// The database as the HTTP side sees it. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<AsyncPgConnection>,
    /// What the next transaction adds to the audit trail.
    pub(crate) note: Option<Arc<AuditEntry>>,
    /// What the next transaction may not go beyond.
    pub(crate) bound: Option<Bound>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("status", &self.pool.status())
            .finish_non_exhaustive()
    }
}

impl Database {
    /// A pool for the `papo_app` address `url`. Connections are opened when first needed, and
    /// their driver runs on `runtime`, whoever asks.
    ///
    /// # Errors
    /// The address is none, or the settings are unusable.
    pub fn new(
        url: &SecretString,
        settings: PoolSettings,
        runtime: Handle,
    ) -> Result<Self, DbError> {
        let config = session::config(url, "papo-app", settings.limits, "")
            .map_err(|e| DbError::Unavailable(Box::new(e)))?;
        let mut manager = ManagerConfig::default();
        // An open transaction is found by the recycling check, a dead socket by the first query.
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = Box::new(move |_| {
            let (config, runtime) = (config.clone(), runtime.clone());
            Box::pin(async move {
                runtime
                    .spawn(establish(config))
                    .await
                    .map_err(|e| ConnectionError::BadConnection(e.to_string()))?
            })
        });
        // The address travels in `config`; the manager's own copy would show in nothing but
        // would be one more place that holds it.
        let pool = Pool::builder(AsyncDieselConnectionManager::new_with_config("", manager))
            .max_size(settings.size)
            .wait_timeout(Some(settings.wait))
            .create_timeout(Some(settings.limits.connect))
            .recycle_timeout(Some(settings.wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| DbError::Unavailable(Box::new(e)))?;
        Ok(Self {
            pool,
            note: None,
            bound: None,
        })
    }

    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>, DbError> {
        Ok(self.pool.get().await?)
    }
}

async fn establish(config: tokio_postgres::Config) -> Result<AsyncPgConnection, ConnectionError> {
    let (client, connection) = config
        .connect(tokio_postgres::NoTls)
        .await
        .map_err(|e| ConnectionError::BadConnection(e.to_string()))?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}
