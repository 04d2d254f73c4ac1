//! Real time: `GET /ws`. `upgrade` lets connections in, `carrier` carries them, `session` is one
//! socket, `protocol` and `encoder` are the words on the wire (`docs/REALTIME.md`), `guard` and
//! `pace` keep clients within bounds. What a socket is told comes from the engine; nothing here
//! decides about conversations or knows where they are stored.

mod carrier;
mod encoder;
mod gate;
mod guard;
mod pace;
mod protocol;
mod seats;
mod session;
mod upgrade;

pub use carrier::{LAST_WORDS, Upgrading, carrier};
pub use encoder::JsonFrames;
pub use gate::{Admission, Feed, Gatekeeper, Later, Proof};
pub use upgrade::{connect, on_connect};

use crate::app::AppState;
use crate::config::{Config, Realtime};
use papo_actors::SocketId;
use seats::Seats;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;

/// What all sockets of this process share. One for all workers.
pub struct Sockets {
    gate: Arc<dyn Gatekeeper>,
    feed: Arc<dyn Feed>,
    settings: Realtime,
    public_url: String,
    /// Web origins that may connect from a browser.
    origins: Vec<String>,
    seats: Arc<Seats>,
    /// Set when the server goes. Who follows the stream hears it from the engine.
    closing: CancellationToken,
    next: AtomicU64,
}

impl std::fmt::Debug for Sockets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sockets")
    }
}

impl Sockets {
    /// Sockets of the application.
    #[must_use]
    pub fn of(app: &Arc<AppState>) -> Self {
        let gate: Arc<AppState> = Arc::clone(app);
        Self::new(gate, Arc::new(app.engine.clone()), &app.config)
    }

    /// Sockets that are let in by `gate` and follow `feed`.
    #[must_use]
    pub fn new(gate: Arc<dyn Gatekeeper>, feed: Arc<dyn Feed>, config: &Config) -> Self {
        let mut origins = config.security.cors_origins.clone();
        let public_url = config.server.public_url.clone();
        origins.push(public_url.clone());
        Self {
            gate,
            feed,
            settings: config.realtime.clone(),
            public_url,
            origins,
            seats: Arc::default(),
            closing: CancellationToken::new(),
            next: AtomicU64::new(1),
        }
    }

    /// The server goes: whoever is not in yet is told so, and so is whoever still comes.
    pub fn close(&self) {
        self.closing.cancel();
    }

    fn next_id(&self) -> SocketId {
        SocketId(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests;
