//! The server in this process, on a free port. For everything that does not need a process to be
//! killed: it starts faster, and tests may look inside.

use crate::stage::{Stage, Tenant};
use anyhow::Result;
use papo::boot::{self, Running};
use papo::config::Config;
use papo_domain::ports::EventSink;
use papo_test_support::api::{Api, User};
use std::ops::Deref;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// A stage with a server on it.
pub(crate) struct TestApp {
    pub(crate) api: Api,
    running: Option<Running>,
    io: Option<Runtime>,
    stage: Stage,
}

impl Deref for TestApp {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl TestApp {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// With other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Result<Self> {
        let stage = Stage::set().await?;
        let mut config = stage.config();
        change(&mut config);
        Self::start_on(stage, config).await
    }

    /// On a stage that was set, with settings that belong to it.
    pub(crate) async fn start_on(stage: Stage, config: Config) -> Result<Self> {
        Self::start_between(stage, config, |events| events).await
    }

    /// With something between the lanes and those to whom they hand over.
    pub(crate) async fn start_between(
        stage: Stage,
        config: Config,
        between: impl FnOnce(Arc<dyn EventSink>) -> Arc<dyn EventSink>,
    ) -> Result<Self> {
        stage.make_root().await?;
        let io = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("io")
            .enable_all()
            .build()?;
        let running = boot::start_with(config, io.handle().clone(), between).await?;
        Ok(Self {
            api: Api::at(format!("http://{}", running.address()))?,
            running: Some(running),
            io: Some(io),
            stage,
        })
    }

    pub(crate) async fn tenant(&self) -> Result<Tenant> {
        self.stage.tenant(&self.api).await
    }

    /// The super admin.
    pub(crate) async fn root(&self) -> Result<User> {
        self.stage.root(&self.api).await
    }

    /// Ends the server in order, and then the rest.
    pub(crate) async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(io) = self.io.take() {
            io.shutdown_background();
        }
    }
}
