//! `papo search rebuild`: the index of words in messages, from the messages themselves.

use super::engine_database;
use crate::cli;
use crate::config::Config;
use anyhow::Context as _;
use papo_domain::TenantId;
use std::process::ExitCode;

pub(super) async fn rebuild(
    config: &Config,
    options: cli::RebuildSearch,
) -> anyhow::Result<ExitCode> {
    let found = super::database(config)?
        .find_tenant(&options.tenant)
        .await?
        .with_context(|| format!("no tenant has the slug {}", options.tenant))?;
    let count = engine_database(config)?
        .rebuild_search(TenantId(found.tenant_id))
        .await
        .context("the index cannot be built")?;
    println!("{count} messages can be found");
    Ok(ExitCode::SUCCESS)
}
