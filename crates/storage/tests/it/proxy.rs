//! A wire to the database that can be cut at the worst moment: after the server has committed
//! and before the client has heard of it, or while the server is still at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_postgres::config::Host;

/// The server says it when it has committed.
const SAID: &[u8] = b"COMMIT\0";

/// The wire. Ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    armed: Arc<AtomicBool>,
    abandoned: watch::Sender<()>,
}

impl Proxy {
    /// A wire to `server` (host:port).
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let cut = armed.clone();
        let (abandoned, abandon) = watch::channel(());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let mut abandon = abandon.clone();
                abandon.mark_unchanged();
                tokio::spawn(wire(client, server, cut.clone(), abandon));
            }
        });
        Self {
            port,
            armed,
            abandoned,
        }
    }

    /// A wire to the server of `url`, and the address by way of it.
    pub(crate) async fn before(url: &str) -> (Self, String) {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let Host::Tcp(host) = &config.get_hosts()[0] else {
            panic!("the proxy needs a cluster that listens on TCP");
        };
        let proxy = Self::to(format!("{host}:{}", config.get_ports()[0])).await;
        let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
        let wired = format!("postgres://{user}@127.0.0.1:{}/{name}", proxy.port);
        (proxy, wired)
    }

    /// Every connection breaks for its client; the server notices nothing and goes on with what
    /// it was told.
    pub(crate) fn abandon(&self) {
        self.abandoned.send_replace(());
    }

    /// The next COMMIT is done by the server; its answer reaches nobody, and the wire breaks.
    pub(crate) fn swallow_next_commit(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_swallowed(&self) -> bool {
        !self.armed.load(Ordering::SeqCst)
    }
}

async fn wire(
    mut client: TcpStream,
    mut server: TcpStream,
    armed: Arc<AtomicBool>,
    mut abandon: watch::Receiver<()>,
) {
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut heard = Vec::new();
    loop {
        tokio::select! {
            _ = abandon.changed() => {
                drop(client);
                while let Ok(1..) = server.read(&mut down).await {}
                return;
            }
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                if server.write_all(&up[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                heard.extend_from_slice(&down[..length]);
                let commits = heard.windows(SAID.len()).any(|bytes| bytes == SAID);
                // What may be the beginning of it stays.
                heard.drain(..heard.len().saturating_sub(SAID.len() - 1));
                if commits && armed.swap(false, Ordering::SeqCst) {
                    return;
                }
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
