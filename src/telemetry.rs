//! Logging. Lines carry ids and numbers, never message texts, names, numbers of customers or
//! secrets; whoever logs is responsible for that.

use crate::config::{LogFormat, Telemetry};
use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. Once per process.
///
/// # Errors
/// The filter is unreadable, or logging was started before.
pub fn start(settings: &Telemetry) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level).context("telemetry.level")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Pretty => lines.with_target(false).try_init(),
    }
    .map_err(|error| anyhow::anyhow!("logging cannot be started: {error}"))
}
