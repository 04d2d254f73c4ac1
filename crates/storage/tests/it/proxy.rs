//! A wire to the database that can be cut at the worst moment: after the server has committed
//! and before the client has heard of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The wire. Ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    armed: Arc<AtomicBool>,
}

impl Proxy {
    /// A wire to `server` (host:port).
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let cut = armed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(wire(client, server, cut.clone()));
            }
        });
        Self { port, armed }
    }

    /// The next COMMIT reaches the server; its answer reaches nobody.
    pub(crate) fn swallow_next_commit(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_swallowed(&self) -> bool {
        !self.armed.load(Ordering::SeqCst)
    }
}

async fn wire(mut client: TcpStream, mut server: TcpStream, armed: Arc<AtomicBool>) {
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let sent = &up[..length];
                let commits = sent.windows(7).any(|bytes| bytes == b"COMMIT\0");
                if server.write_all(sent).await.is_err() {
                    return;
                }
                if commits && armed.swap(false, Ordering::SeqCst) {
                    // The server says COMMIT when it has; then the wire breaks.
                    let mut heard = Vec::new();
                    while !heard.windows(7).any(|bytes| bytes == b"COMMIT\0") {
                        let length = server.read(&mut down).await.unwrap();
                        heard.extend_from_slice(&down[..length]);
                    }
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
