//! One connection of role `papo_engine`: diesel-async's, with the lanes' own statements. A lane's
//! batch is a handful of array statements that travel as one pipeline.

use crate::engine::fault::Fault;
use crate::engine::statement::{Call, Params, Row};
use crate::engine::wire::{self, Refusals};
use crate::session::{self, BadAddress, SessionLimits};
use diesel::QueryResult;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use futures_util::TryStreamExt;
use secrecy::SecretString;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::{Config, NoTls};

/// Every statement of the engine finds its rows by an index, whatever the statistics of a fresh
/// table say; one plan, made for any array, is kept for all calls.
pub(crate) const PLANNER: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
                       -c enable_hashjoin=off -c enable_mergejoin=off";

/// How links are opened.
#[derive(Clone)]
pub(crate) struct Opener {
    config: Config,
    runtime: Handle,
    patience: Duration,
}

/// An open connection.
pub(crate) struct Link {
    connection: AsyncPgConnection,
    /// Moves the bytes, as long as there is a connection.
    driver: JoinHandle<Result<(), tokio_postgres::Error>>,
    refusals: Refusals,
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

    /// Connects.
    pub(crate) async fn open(&self) -> Result<Link, Fault> {
        match tokio::time::timeout(self.patience, Box::pin(self.connect())).await {
            Ok(opened) => opened,
            Err(_elapsed) => Err(Fault::Lost("connecting took too long".to_owned())),
        }
    }

    async fn connect(&self) -> Result<Link, Fault> {
        let refusals = Refusals::default();
        let socket = wire::dial(&self.config, &refusals)
            .await
            .map_err(|error| Fault::Lost(error.to_string()))?;
        // diesel-async takes a connection that tokio-postgres opened; by itself it would neither
        // take the settings nor the socket, nor drive it on this runtime.
        let (client, connection) = self
            .config
            .connect_raw(socket, NoTls)
            .await
            .map_err(|error| Fault::unopened(&error))?;
        // Its errors reach every caller through the closed client.
        let driver = self.runtime.spawn(connection);
        let connection = AsyncPgConnection::try_from(client)
            .await
            .map_err(|error| Fault::Lost(error.to_string()))?;
        Ok(Link {
            connection,
            driver,
            refusals,
            patience: self.patience,
        })
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

/// Calls of one link that are polled together travel as one pipeline, in the order of their first
/// poll: each takes its prepared statement under the connection's one lock, whose queue is fair,
/// and is sent in the same poll. So no COMMIT overtakes what it commits, not even where a
/// statement is prepared first. That happens once for each statement and connection.
impl Link {
    pub(crate) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }

    /// Runs a statement and returns its rows.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Fault> {
        let answer = (&mut &self.connection).load(Call { sql, params });
        self.bounded(async move { answer.await?.map_ok(Row::new).try_collect().await })
            .await
    }

    /// As [`Link::query`], for the number of rows.
    pub(crate) async fn execute(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<usize, Fault> {
        let call = Call { sql, params };
        self.bounded((&mut &self.connection).execute_returning_count(call))
            .await
    }

    /// Runs a statement without parameters or answer: `BEGIN`, `COMMIT`, `ROLLBACK`.
    pub(crate) async fn control(&self, sql: &'static str) -> Result<(), Fault> {
        self.execute(sql, &[]).await?;
        Ok(())
    }

    async fn bounded<T>(&self, call: impl Future<Output = QueryResult<T>>) -> Result<T, Fault> {
        match tokio::time::timeout(self.patience, call).await {
            Ok(done) => done.map_err(|error| Fault::of(&error, &self.refusals)),
            Err(_elapsed) => Err(Fault::Lost("the server did not answer".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests;
