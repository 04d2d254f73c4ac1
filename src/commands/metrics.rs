//! `papo metrics rebuild`: makes the facts of reports anew from the events that are kept. The
//! server may go on meanwhile.

use super::database;
use crate::boot;
use crate::cli;
use crate::config::Config;
use anyhow::Context as _;
use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, EventSink};
use papo_storage::{EngineSettings, Follower, PgEngineStore};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Nothing is committed to any stream here.
struct Nobody;

impl EventSink for Nobody {
    fn offer(&self, _: EventBatch) {}

    fn inbox_ready(&self, _: TenantId) {}
}

pub(super) async fn rebuild(
    config: &Config,
    options: cli::RebuildMetrics,
) -> anyhow::Result<ExitCode> {
    let found = database(config)?.find_tenant(&options.tenant).await?;
    let found = found.with_context(|| format!("no tenant is called {}", options.tenant))?;
    let tenant = TenantId(found.tenant_id);
    let sink: Arc<dyn EventSink> = Arc::new(Nobody);
    let settings = EngineSettings {
        limits: boot::session_limits(config),
        ..EngineSettings::new(config.engine.node.as_str())
    };
    let url = &config.database.engine_url;
    let store = PgEngineStore::new(url, &settings, Handle::current(), &sink)
        .context("database.engine_url")?;
    let done = async {
        store.forget(Follower::Metrics, tenant).await?;
        while store.follow(Follower::Metrics, tenant).await? {}
        Ok::<_, papo_domain::ports::StoreError>(())
    };
    done.await.context("the events cannot be read")?;
    println!("the reports of {} are made anew", options.tenant);
    Ok(ExitCode::SUCCESS)
}
