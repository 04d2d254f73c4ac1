//! The process's metrics recorder. There can be only one per process, whoever starts first.

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Seconds; fine where requests are, coarse where they should not be.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts recording, or returns the recorder that was started before.
///
/// # Errors
/// Another recorder than ours is installed.
pub fn start() -> anyhow::Result<PrometheusHandle> {
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .context("metric buckets")?
        .build_recorder();
    let handle = recorder.handle();
    match metrics::set_global_recorder(recorder) {
        Ok(()) => Ok(RECORDER.get_or_init(|| handle).clone()),
        // Two threads at once: the other one won, and has stored or will store its handle.
        Err(_) => {
            let winner = RECORDER.wait();
            Ok(winner.clone())
        }
    }
}
