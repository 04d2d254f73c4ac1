//! A TCP proxy that misbehaves on request. It refuses nothing on its own.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Stands before a server until it is dropped.
pub(crate) struct Proxy {
    address: String,
    state: watch::Sender<State>,
    accepting: JoinHandle<()>,
}

/// Each connection belongs to the epoch in which it was accepted.
#[derive(Clone, Copy, Default)]
struct State {
    epoch: u64,
    /// Connections of earlier epochs are closed.
    cut_before: u64,
    /// Connections of earlier epochs stay open, and nothing passes.
    silent_before: u64,
    /// New connections are closed at once.
    away: bool,
}

impl Proxy {
    pub(crate) async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (state, seen) = watch::channel(State::default());
        let accepting = tokio::spawn(accept(listener, server.to_owned(), seen));
        Self {
            address,
            state,
            accepting,
        }
    }

    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    /// The server goes away: what is connected is closed, what connects too.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| {
            state.epoch += 1;
            state.cut_before = state.epoch;
            state.away = true;
        });
    }

    /// The server is back.
    pub(crate) fn restore(&self) {
        self.state.send_modify(|state| state.away = false);
    }

    /// What is connected now hangs for ever, as behind a router that lost its memory. New
    /// connections work.
    pub(crate) fn silence(&self) {
        self.state.send_modify(|state| {
            state.epoch += 1;
            state.silent_before = state.epoch;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: String, seen: watch::Receiver<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let State { epoch, away, .. } = *seen.borrow();
        if !away {
            tokio::spawn(carry(client, server.clone(), epoch, seen.clone()));
        }
    }
}

async fn carry(
    mut client: TcpStream,
    server: String,
    epoch: u64,
    mut seen: watch::Receiver<State>,
) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let mut hung = seen.clone();
    let is_cut = |state: &State| epoch < state.cut_before;
    tokio::select! {
        biased;
        _ = seen.wait_for(is_cut) => return,
        _ = hung.wait_for(|state| epoch < state.silent_before) => {}
        _ = copy_bidirectional(&mut client, &mut server) => return,
    }
    // Both ends stay open until the proxy goes.
    drop(seen.wait_for(is_cut).await);
}
