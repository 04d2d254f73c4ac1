//! `papo server`.

use super::io_runtime;
use crate::boot;
use crate::config::Config;
use anyhow::Context as _;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long threads of the I/O runtime may finish what is left at the very end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT, then stops in order.
///
/// # Errors
/// What kept the server from starting, or from going on.
pub fn serve(config: Config) -> anyhow::Result<ExitCode> {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("a TLS provider is installed already");
    }
    let io = io_runtime(&config)?;
    let handle = io.handle().clone();
    let served = actix_web::rt::System::new().block_on(async move {
        let mut terminated = signal(SignalKind::terminate()).context("SIGTERM")?;
        let mut interrupted = signal(SignalKind::interrupt()).context("SIGINT")?;
        let mut running = boot::start(config, handle).await?;
        let failure = tokio::select! {
            _ = terminated.recv() => None,
            _ = interrupted.recv() => None,
            failure = running.ended() => Some(failure),
        };
        tracing::info!("stopping");
        running.stop().await;
        tracing::info!("stopped");
        failure.map_or(Ok(ExitCode::SUCCESS), Err)
    });
    io.shutdown_timeout(LAST_WORK);
    served
}
