//! Connections for the engine's reads, shared by everybody: a link answers any number of callers
//! in a pipeline, so a few of them are enough and none is ever waited for.

use crate::engine::fault::Fault;
use crate::engine::link::{Link, Opener};
use crate::engine::statement::{Params, Row};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The links.
#[derive(Clone)]
pub(crate) struct Readers {
    inner: Arc<Inner>,
}

struct Inner {
    opener: Opener,
    slots: Vec<Mutex<Slot>>,
    next: AtomicUsize,
    reconnect: Duration,
}

#[derive(Default)]
struct Slot {
    link: Option<Arc<Link>>,
    not_before: Option<Instant>,
}

impl Readers {
    /// `count` links, opened when first needed.
    pub(crate) fn new(opener: Opener, count: usize, reconnect: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                opener,
                slots: (0..count.max(1)).map(|_| Mutex::default()).collect(),
                next: AtomicUsize::new(0),
                reconnect,
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
        let turn = inner.next.fetch_add(1, Ordering::Relaxed) % inner.slots.len();
        let Some(slot) = inner.slots.get(turn) else {
            return Err(Fault::Lost("no readers".to_owned()));
        };
        // Held only while connecting, which has an end.
        let mut slot = slot.lock().await;
        if let Some(link) = slot.link.as_ref().filter(|link| !link.is_closed()) {
            return Ok(link.clone());
        }
        if slot.not_before.is_some_and(|until| Instant::now() < until) {
            return Err(Fault::Lost("the database is away".to_owned()));
        }
        match inner.opener.open().await {
            Ok(link) => {
                let link = Arc::new(link);
                slot.link = Some(link.clone());
                Ok(link)
            }
            Err(fault) => {
                slot.link = None;
                slot.not_before = Some(Instant::now() + inner.reconnect);
                Err(fault)
            }
        }
    }
}
