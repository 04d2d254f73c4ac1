//! Customers who write without pause, and what came of each message. A delivery that is not
//! acknowledged is repeated as WhatsApp does, until it is, and only then does the customer write
//! the next one. Every message asks the bot for its menu, which it answers at once, so that each
//! has an answer of its own, and a turn that was lost or taken twice can be seen.

use crate::stage::{Stage, Tenant};
use anyhow::{Context, Result, bail};
use papo_test_support::api::Api;
use papo_test_support::wait::PATIENCE;
use papo_test_support::webhook::{Line, deliver_signed};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Between two tries of one delivery.
const PAUSE: Duration = Duration::from_millis(10);

/// Provider ids of what was answered 200, by load and customer, in the order they were written.
pub(crate) type Book = BTreeMap<(String, String), Vec<String>>;

/// Deliveries under way. Ends when it is dropped.
pub(crate) struct Load {
    book: Arc<Mutex<Book>>,
    count: watch::Receiver<Count>,
    stopping: watch::Sender<bool>,
    writers: Vec<JoinHandle<Result<()>>>,
}

/// Answers so far.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    acknowledged: usize,
    /// 503.
    refused: usize,
}

/// Customers to write, known to the emulator. It sees nothing of what they write, since that goes
/// straight to the webhook: its window rule is switched off.
pub(crate) fn phones(stage: &Stage, tenant: &Tenant, count: u32) -> Result<Vec<String>> {
    stage.emulator.set_rules(papo_emulator::Rules {
        window_seconds: None,
        ..stage.emulator.rules()
    });
    (0..count).map(|n| Ok(tenant.customer(n)?.wa_id)).collect()
}

/// The time as WhatsApp tells it.
pub(crate) fn seconds_now() -> Result<i64> {
    Ok(i64::try_from(UNIX_EPOCH.elapsed()?.as_secs())?)
}

struct Writer {
    api: Api,
    line: Line,
    /// Written from in turn, and by nobody else.
    phones: Vec<String>,
    load: String,
    name: String,
    book: Arc<Mutex<Book>>,
    count: Arc<watch::Sender<Count>>,
    stopping: watch::Receiver<bool>,
}

fn open(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Load {
    /// Begins: `writers` deliveries at once, each from customers of its own, so there must be as
    /// many of these. Loads of one test have different names.
    pub(crate) fn begin(
        name: &str,
        api: &Api,
        line: &Line,
        phones: &[String],
        writers: usize,
    ) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let (counter, count) = watch::channel(Count::default());
        let (stopping, stop) = watch::channel(false);
        let counter = Arc::new(counter);
        let writers = (0..writers).map(|n| {
            let own = phones.iter().skip(n).step_by(writers);
            let writer = Writer {
                api: api.clone(),
                line: line.clone(),
                phones: own.cloned().collect(),
                load: name.to_owned(),
                name: format!("wamid.{name}.{n}"),
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
        let enough = self.count.borrow().acknowledged + more;
        let reached = self.count.wait_for(|count| count.acknowledged >= enough);
        let reached = tokio::time::timeout(2 * PATIENCE, reached).await;
        reached.with_context(|| format!("no {more} acknowledgements"))??;
        Ok(())
    }

    /// Returns when `more` further deliveries were answered 503.
    pub(crate) async fn refused(&mut self, more: usize) -> Result<()> {
        let enough = self.count.borrow().refused + more;
        let reached = self.count.wait_for(|count| count.refused >= enough);
        let reached = tokio::time::timeout(2 * PATIENCE, reached).await;
        reached.with_context(|| format!("no {more} refusals"))??;
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
        for (n, from) in (1_u32..).zip(self.phones.iter().cycle()) {
            if *self.stopping.borrow() {
                break;
            }
            let wamid = format!("{}.{n}", self.name);
            let body = self.line.text(from, &wamid, seconds_now()?, "menu");
            self.delivers(from, &wamid, &body).await?;
        }
        Ok(())
    }

    async fn delivers(&self, from: &str, wamid: &str, body: &serde_json::Value) -> Result<()> {
        let deadline = Instant::now() + 3 * PATIENCE;
        let mut tries = tokio::time::interval(PAUSE);
        loop {
            tries.tick().await;
            match deliver_signed(&self.api, &self.line.app_secret, body).await {
                Ok(receipt) if receipt.status == 200 => {
                    let of = (self.load.clone(), from.to_owned());
                    let mut book = open(&self.book);
                    book.entry(of).or_default().push(wamid.to_owned());
                    drop(book);
                    self.count.send_modify(|count| count.acknowledged += 1);
                    return Ok(());
                }
                Ok(receipt) if receipt.status != 503 => {
                    bail!("{wamid} was answered {}: {}", receipt.status, receipt.text);
                }
                // Nothing was promised: once more.
                Ok(_) => self.count.send_modify(|count| count.refused += 1),
                Err(_) => {}
            }
            if Instant::now() > deadline {
                bail!("{wamid} was never acknowledged");
            }
        }
    }
}
