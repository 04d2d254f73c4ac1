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

/// Seconds since 1970 of the first message; what its clock says is of no matter here.
const PAUSE: Duration = Duration::from_millis(10);

/// What came of all messages.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// Provider ids of what was answered 200.
    pub(crate) acknowledged: BTreeSet<String>,
    /// When each request began that was sent and never answered.
    pub(crate) unanswered: Vec<Instant>,
}

/// Deliveries under way. Ends when it is dropped.
pub(crate) struct Load {
    book: Arc<Mutex<Book>>,
    /// Counts entries of the book.
    news: watch::Receiver<u64>,
    stopping: watch::Sender<bool>,
    writers: Vec<JoinHandle<Result<()>>>,
}

struct Writer {
    api: Api,
    line: Line,
    from: String,
    name: String,
    book: Arc<Mutex<Book>>,
    news: Arc<watch::Sender<u64>>,
    stopping: watch::Receiver<bool>,
}

fn open(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    /// Begins: `writers` deliveries at once, from as many phones.
    pub(crate) fn begin(api: &Api, line: &Line, phones: &[String], writers: usize) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let (said, news) = watch::channel(0);
        let (stopping, stop) = watch::channel(false);
        let said = Arc::new(said);
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
                    news: Arc::clone(&said),
                    stopping: stop.clone(),
                };
                tokio::spawn(writer.write())
            });
        Self {
            writers: writers.collect(),
            book,
            news,
            stopping,
        }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        open(&self.book)
    }

    /// Returns when the book shows it.
    pub(crate) async fn until(&mut self, what: &str, shows: impl Fn(&Book) -> bool) -> Result<()> {
        let book = Arc::clone(&self.book);
        let shown = self.news.wait_for(|_| shows(&open(&book)));
        let shown = tokio::time::timeout(PATIENCE, shown).await;
        shown.with_context(|| format!("{what}: not within {PATIENCE:?}"))??;
        Ok(())
    }

    /// Returns when `more` further messages were acknowledged.
    pub(crate) async fn acknowledged(&mut self, more: usize) -> Result<()> {
        let enough = self.book().acknowledged.len() + more;
        self.until("acknowledgements", |book| book.acknowledged.len() >= enough)
            .await
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
            let began = Instant::now();
            match deliver_signed(&self.api, &self.line.app_secret, body).await {
                Ok(receipt) if receipt.status == 200 => {
                    self.note(|book| drop(book.acknowledged.insert(wamid.to_owned())));
                    return Ok(());
                }
                Ok(receipt) if receipt.status == 503 => {}
                Ok(receipt) => bail!("{wamid} was answered {}: {}", receipt.status, receipt.text),
                Err(error) => {
                    let error = error.downcast_ref::<reqwest::Error>();
                    // Refused before it was sent: nobody was asked anything.
                    if error.is_some_and(|error| !error.is_connect()) {
                        self.note(|book| book.unanswered.push(began));
                    }
                }
            }
            if Instant::now() > deadline {
                bail!("{wamid} was never acknowledged");
            }
        }
    }

    fn note(&self, write: impl FnOnce(&mut Book)) {
        write(&mut open(&self.book));
        self.news.send_modify(|count| *count += 1);
    }
}
