//! The real binary with settings from its environment, for tests that kill, stop and wake it.

use crate::stage::{Stage, Tenant};
use anyhow::{Context, Result};
use papo_test_support::api::Api;
use papo_test_support::process::{Plan, ServerProcess, free_port, root};
use std::ops::Deref;

/// A stage with a process on it.
pub(crate) struct ProcessApp {
    pub(crate) api: Api,
    pub(crate) server: ServerProcess,
    stage: Stage,
}

impl Deref for ProcessApp {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl ProcessApp {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// With other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Plan)) -> Result<Self> {
        let stage = Stage::set().await?;
        stage.make_root().await?;
        let mut plan = plan(&stage, "node-1")?;
        change(&mut plan);
        let api = Api::at(format!("http://127.0.0.1:{}", plan.port))?;
        let mut server = ServerProcess::new(plan);
        server.start().await?;
        Ok(Self { api, server, stage })
    }

    pub(crate) async fn tenant(&self) -> Result<Tenant> {
        self.stage.tenant(&self.api).await
    }
}

/// A server on this stage under a node's name, on a port of its own.
pub(crate) fn plan(stage: &Stage, node: &str) -> Result<Plan> {
    let port = free_port()?;
    let folder = root().join("config");
    let folder = folder
        .to_str()
        .context("the repository's path is not UTF-8")?;
    let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let variables = [
        ("APP_ENV", "test".to_owned()),
        ("PAPO_CONFIG_DIR", folder.to_owned()),
        ("PAPO__SERVER__PORT", port.to_string()),
        ("PAPO__SERVER__IO_THREADS", "2".to_owned()),
        ("PAPO__DATABASE__APP_URL", stage.database.app_url()),
        ("PAPO__DATABASE__ENGINE_URL", stage.database.engine_url()),
        ("PAPO__ENGINE__NODE", node.to_owned()),
        (
            "PAPO__WHATSAPP__GRAPH_URL",
            stage.emulator.base_url().to_owned(),
        ),
        ("PAPO__SENDING__THROUGHPUT", "1000".to_owned()),
        ("PAPO__SENDING__BACKOFF", "50ms".to_owned()),
        (
            "PAPO__AUTH__ACCESS_SECRET",
            "access-secret-of-tests-0123456789".to_owned(),
        ),
        (
            "PAPO__AUTH__REFRESH_SECRET",
            "refresh-secret-of-tests-0123456789".to_owned(),
        ),
        ("PAPO__SECURITY__ENCRYPTION_KEY", key.to_owned()),
        (
            "PAPO__MEDIA__FOLDER",
            std::env::temp_dir()
                .join("papo-test-media")
                .display()
                .to_string(),
        ),
    ];
    Ok(Plan {
        program: env!("CARGO_BIN_EXE_papo").into(),
        arguments: vec!["server".to_owned()],
        variables: variables
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        port,
    })
}
