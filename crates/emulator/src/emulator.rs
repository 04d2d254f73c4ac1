//! A running emulator: a thread of its own with its own runtime, so that it neither shares nor
//! disturbs the clock and the threads of whoever starts it.

use crate::config::EmulatorConfig;
use crate::control::Controls;
use crate::keeping;
use crate::server::server;
use crate::shared::Shared;
use crate::webhook;
use crate::world::{NotRestored, World};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Why an emulator did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("cannot read the chats of an earlier run in {path}")]
    State {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot make an HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    #[error("the emulator ended before it was ready")]
    Ended,
}

/// A running emulator; everything it can be asked is in [`Controls`]. Stops when it is dropped.
pub struct Emulator {
    controls: Controls,
    address: SocketAddr,
    base_url: String,
    /// Dropped or used, it stops the thread.
    stop: Option<oneshot::Sender<()>>,
    stopped: oneshot::Receiver<()>,
}

impl Deref for Emulator {
    type Target = Controls;

    fn deref(&self) -> &Controls {
        &self.controls
    }
}

impl Emulator {
    /// Starts an emulator; it serves when this returns.
    pub async fn start(config: EmulatorConfig) -> Result<Self, StartError> {
        // The product's callback may be https. Fails if the program has chosen before us.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listen = |source| StartError::Listen {
            address: config.bind,
            source,
        };
        let listener = TcpListener::bind(config.bind).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(config.post_timeout)
            .build()
            .map_err(StartError::Client)?;
        let mut world = World::new(&config);
        if let Some(path) = &config.state {
            restore(&mut world, path)?;
        }
        let shared = Arc::new(Shared::new(world, http));

        let (stop, stopping) = oneshot::channel();
        let (ready, started) = oneshot::channel();
        let (ended, stopped) = oneshot::channel();
        let (workers, state) = (config.workers, config.state);
        thread::Builder::new()
            .name("papo-emulator".to_owned())
            .spawn(move || {
                actix_web::rt::System::new()
                    .block_on(serve(listener, workers, state, shared, ready, stopping));
                // Nobody listens if the emulator was dropped.
                let _ = ended.send(());
            })
            .map_err(StartError::Thread)?;
        let controls = started
            .await
            .map_err(|_closed| StartError::Ended)?
            .map_err(|source| StartError::Listen { address, source })?;
        Ok(Self {
            controls,
            address,
            base_url: format!("http://{address}"),
            stop: Some(stop),
            stopped,
        })
    }

    /// Where the Graph API is, such as `http://127.0.0.1:8090`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A hand on this emulator that can be given away; it keeps nothing running.
    #[must_use]
    pub fn controls(&self) -> Controls {
        self.controls.clone()
    }

    /// Lets requests under way finish, closes the port and returns when all has ended.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take()
            && stop.send(()).is_ok()
        {
            // An error means that it has ended already.
            let _ = (&mut self.stopped).await;
        }
    }
}

fn restore(world: &mut World, path: &Path) -> Result<(), StartError> {
    let failed = |source| StartError::State {
        path: path.to_owned(),
        source,
    };
    let Some(saved) = keeping::read(path).map_err(failed)? else {
        return Ok(());
    };
    let restored = world.restore(saved);
    restored.map_err(|why: NotRestored| failed(io::Error::new(io::ErrorKind::InvalidData, why)))
}

async fn serve(
    listener: TcpListener,
    workers: usize,
    state: Option<PathBuf>,
    shared: Arc<Shared>,
    ready: oneshot::Sender<io::Result<Controls>>,
    stopping: oneshot::Receiver<()>,
) {
    let controls = Controls::new(Arc::clone(&shared), Handle::current());
    let server = match server(listener, workers, &shared, &controls) {
        Ok(server) => server,
        Err(error) => {
            // Nobody waits if the start was given up.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let dispatching = actix_web::rt::spawn(webhook::run(Arc::clone(&shared)));
    let (end, ending) = oneshot::channel();
    let keeping = state.map(|path| actix_web::rt::spawn(keeping::keep(shared, path, ending)));
    let _ = ready.send(Ok(controls));

    let graceful = stopping.await.is_ok();
    handle.stop(graceful).await;
    // It ended because we stopped it; how is of no interest.
    let _ = serving.await;
    dispatching.abort();
    drop(end);
    if let Some(keeping) = keeping {
        // What it could not write it has said.
        let _ = keeping.await;
    }
}
