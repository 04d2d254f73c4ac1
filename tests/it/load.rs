//! Customers who write without pause, and what came of each message. A delivery that is not
//! acknowledged is repeated as WhatsApp does, until it is.

use anyhow::{Context, Result, bail};
use papo_test_support::api::Api;
use papo_test_support::wait::PATIENCE;
use papo_test_support::webhook::{Line, deliver_signed};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Between two tries of one delivery.
const PAUSE: Duration = Duration::from_millis(10);

/// Provider ids of what was answered 200.
type Book = BTreeSet<String>;

/// Deliveries under way. Ends when it is dropped.
pub(crate) struct Load {
    book: Arc<Mutex<Book>>,
    /// How many there are.
    count: watch::Receiver<usize>,
    stopping: watch::Sender<bool>,
    writers: Vec<JoinHandle<Result<()>>>,
}

struct Writer {
    api: Api,
    line: Line,
    from: String,
    name: String,
    book: Arc<Mutex<Book>>,
    count: Arc<watch::Sender<usize>>,
    stopping: watch::Receiver<bool>,
}

fn open(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    /// Begins: `writers` deliveries at once, from as many phones.
    pub(crate) fn begin(api: &Api, line: &Line, phones: &[String], writers: usize) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let (counter, count) = watch::channel(0);
        let (stopping, stop) = watch::channel(false);
        let counter = Arc::new(counter);
        let writers = phones
            .iter()
            .cycle()
            .take(writers)
            .enumerate()
            .map(|(n, from)| {
                let writer = Writer {
                    api: api.clone(),
                    line: line.clone(),
                    from: from.clone(),
                    name: format!("wamid.w{n}"),
                    book: Arc::clone(&book),
                    count: Arc::clone(&counter),
                    stopping: stop.clone(),
                };
                tokio::spawn(writer.write())
            });
        Self {
            writers: writers.collect(),
            book,
            count,
            stopping,
        }
    }

    /// Returns when `more` further messages were acknowledged.
    pub(crate) async fn acknowledged(&mut self, more: usize) -> Result<()> {
        let enough = *self.count.borrow() + more;
        let reached = self.count.wait_for(|count| *count >= enough);
        let reached = tokio::time::timeout(2 * PATIENCE, reached).await;
        reached.with_context(|| format!("no {more} acknowledgements"))??;
        Ok(())
    }

    /// Every writer finishes what it has in hand; all that was written was then acknowledged.
    pub(crate) async fn end(mut self) -> Result<Book> {
        self.stopping.send_replace(true);
        for writer in std::mem::take(&mut self.writers) {
            writer.await??;
        }
        let book = Arc::clone(&self.book);
        drop(self);
        let book = std::mem::take(&mut *open(&book));
        Ok(book)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for writer in &self.writers {
            writer.abort();
        }
    }
}

impl Writer {
    async fn write(self) -> Result<()> {
        let mut n = 0;
        while !*self.stopping.borrow() {
            n += 1;
            let wamid = format!("{}.{n}", self.name);
            let at = 1_767_225_600 + n;
            let body = self
                .line
                .text(&self.from, &wamid, at, &format!("menu {wamid}"));
            self.delivers(&wamid, &body).await?;
        }
        Ok(())
    }

    async fn delivers(&self, wamid: &str, body: &serde_json::Value) -> Result<()> {
        let deadline = Instant::now() + 3 * PATIENCE;
        let mut tries = tokio::time::interval(PAUSE);
        loop {
            tries.tick().await;
            match deliver_signed(&self.api, &self.line.app_secret, body).await {
                Ok(receipt) if receipt.status == 200 => {
                    open(&self.book).insert(wamid.to_owned());
                    self.count.send_modify(|count| *count += 1);
                    return Ok(());
                }
                Ok(receipt) if receipt.status != 503 => {
                    bail!("{wamid} was answered {}: {}", receipt.status, receipt.text);
                }
                // Nothing was promised: once more.
                Ok(_) | Err(_) => {}
            }
            if Instant::now() > deadline {
                bail!("{wamid} was never acknowledged");
            }
        }
    }
}
