//! A connection that is kept: opened when it is first needed, opened anew once it is gone, with a
//! pause after each attempt that failed. And how often a transaction that met contention is tried
//! again. What the transactions do is their lane's affair.

use crate::engine::fault::Fault;
use crate::engine::link::{Link, Opener};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often a transaction is tried again after a deadlock or a lock that was not given.
const TRIES: u32 = 5;
/// Pause before the second try; each further try waits for so much longer.
const BACK_OFF: Duration = Duration::from_millis(5);

/// One connection's place.
pub(crate) struct Connection {
    opener: Opener,
    link: Option<Arc<Link>>,
    not_before: Option<Instant>,
    pause: Duration,
}

impl Connection {
    /// Not yet open. `pause` is how long the database is left alone after it could not be
    /// reached.
    pub(crate) fn new(opener: Opener, pause: Duration) -> Self {
        Self {
            opener,
            link: None,
            not_before: None,
            pause,
        }
    }

    /// The open link, after connecting if there is none. Fails at once during the pause.
    pub(crate) async fn link(&mut self) -> Result<&Arc<Link>, Fault> {
        let link = match self.link.take().filter(|link| !link.is_closed()) {
            Some(link) => link,
            None => Arc::new(self.open().await?),
        };
        Ok(self.link.insert(link))
    }

    async fn open(&mut self) -> Result<Link, Fault> {
        if self.not_before.is_some_and(|until| Instant::now() < until) {
            return Err(Fault::Lost("the database is away".to_owned()));
        }
        let opened = self.opener.open().await;
        if opened.is_err() {
            self.not_before = Some(Instant::now() + self.pause);
        }
        opened
    }

    /// Leaves a link without an open transaction, or none. For a writer, which shares its link
    /// with nobody.
    pub(crate) async fn roll_back(&mut self, fault: &Fault) {
        let lost = matches!(fault, Fault::Lost(_) | Fault::Unheard(_));
        let usable = match &self.link {
            Some(link) if !lost => link.control("ROLLBACK").await.is_ok(),
            _ => false,
        };
        if !usable {
            self.link = None;
        }
    }
}

/// The tries that a transaction has had.
#[derive(Default)]
pub(crate) struct Tries {
    repeated: u32,
}

impl Tries {
    /// Whether a transaction that ended in `fault` should be tried again. If so, returns when it
    /// is time to.
    pub(crate) async fn again(&mut self, fault: &Fault) -> bool {
        if !matches!(fault, Fault::Contention(_)) || self.repeated >= TRIES {
            return false;
        }
        self.repeated += 1;
        tokio::time::sleep(BACK_OFF * self.repeated).await;
        true
    }
}
