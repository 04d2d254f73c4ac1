//! One connection of role `papo_engine` with its statements prepared once. Lanes and readers
//! speak tokio-postgres itself (diesel-async stands on it too): a lane's batch is a handful of
//! array statements that travel as one pipeline, and planning is the larger part of a small one.

use crate::engine::fault::Fault;
use crate::session::{self, BadAddress, SessionLimits};
use secrecy::SecretString;
use std::collections::HashMap;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};

/// Every statement of the engine finds its rows by an index, whatever the statistics of a fresh
/// table say; one plan, made for any array, is kept for all calls.
pub(crate) const PLANNER: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
                       -c enable_hashjoin=off -c enable_mergejoin=off";

/// Parameters of a statement.
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// How links are opened.
#[derive(Clone)]
pub(crate) struct Opener {
    config: Config,
    runtime: Handle,
    patience: Duration,
}

/// An open connection.
pub(crate) struct Link {
    client: Client,
    prepared: HashMap<&'static str, Statement>,
    /// Longest wait for an answer; past the server's own limits, so only a dead peer reaches it.
    patience: Duration,
}

impl Opener {
    pub(crate) fn new(
        url: &SecretString,
        limits: SessionLimits,
        runtime: Handle,
    ) -> Result<Self, BadAddress> {
        Ok(Self {
            config: session::config(url, "papo-engine", limits, PLANNER)?,
            runtime,
            patience: limits.statement + limits.lock + limits.connect,
        })
    }

    /// Connects and prepares `statements`.
    pub(crate) async fn open(&self, statements: &[&'static str]) -> Result<Link, Fault> {
        let opening = async {
            let (client, connection) = self.config.connect(NoTls).await?;
            // Its errors reach every caller through the closed client.
            self.runtime.spawn(connection);
            let mut prepared = HashMap::new();
            for text in statements {
                prepared.insert(*text, client.prepare(text).await?);
            }
            Ok::<_, tokio_postgres::Error>((client, prepared))
        };
        match tokio::time::timeout(self.patience, opening).await {
            Ok(Ok((client, prepared))) => Ok(Link {
                client,
                prepared,
                patience: self.patience,
            }),
            Ok(Err(error)) => Err(Fault::Lost(Fault::from(error).to_string())),
            Err(_elapsed) => Err(Fault::Lost("connecting took too long".to_owned())),
        }
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

impl Link {
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs a prepared statement. Futures of one link that are polled together travel as one
    /// pipeline, in the order of their first poll.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Fault> {
        let statement = self.statement(sql)?;
        self.bounded(self.client.query(statement, params)).await
    }

    /// As [`Link::query`], for the number of rows.
    pub(crate) async fn execute(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<u64, Fault> {
        let statement = self.statement(sql)?;
        self.bounded(self.client.execute(statement, params)).await
    }

    /// Runs a statement without parameters or answer: `BEGIN`, `COMMIT`, `ROLLBACK`.
    pub(crate) async fn control(&self, sql: &str) -> Result<(), Fault> {
        self.bounded(self.client.batch_execute(sql)).await
    }

    fn statement(&self, sql: &'static str) -> Result<&Statement, Fault> {
        self.prepared
            .get(sql)
            .ok_or_else(|| Fault::Lost("a statement was not prepared".to_owned()))
    }

    async fn bounded<T>(
        &self,
        call: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(self.patience, call).await {
            Ok(done) => Ok(done?),
            Err(_elapsed) => Err(Fault::Lost("the server did not answer".to_owned())),
        }
    }
}
