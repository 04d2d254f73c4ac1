//! Connections for the engine's reads, shared by everybody: a link answers any number of callers
//! in a pipeline, so a few of them are enough and none is ever waited for.

use crate::engine::connection::Connection;
use crate::engine::fault::Fault;
use crate::engine::link::{Link, Opener};
use crate::engine::statement::{Params, Row};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// The links.
#[derive(Clone)]
pub(crate) struct Readers {
    inner: Arc<Inner>,
}

struct Inner {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    /// `count` links, opened when first needed.
    pub(crate) fn new(opener: &Opener, count: usize, reconnect: Duration) -> Self {
        let connection = |_| Mutex::new(Connection::new(opener.clone(), reconnect));
        Self {
            inner: Arc::new(Inner {
                connections: (0..count.max(1)).map(connection).collect(),
                next: AtomicUsize::new(0),
            }),
        }
    }

    /// Runs a statement.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Fault> {
        self.link().await?.query(sql, params).await
    }

    /// A link for several statements of one caller.
    pub(crate) async fn link(&self) -> Result<Arc<Link>, Fault> {
        let inner = &self.inner;
        let turn = inner.next.fetch_add(1, Ordering::Relaxed) % inner.connections.len();
        let Some(connection) = inner.connections.get(turn) else {
            return Err(Fault::Lost("no readers".to_owned()));
        };
        // Held only while connecting, which has an end.
        let mut connection = connection.lock().await;
        connection.link().await.cloned()
    }
}
