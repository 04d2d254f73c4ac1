//! A wire between two programs that can be cut and mended, or held up. It knows nothing of what
//! goes through.

use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;

/// The far end.
#[derive(Clone, Debug)]
enum Upstream {
    Tcp(String, u16),
    Unix(PathBuf),
}

/// A listening wire. Cut when it is dropped.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl ChaosProxy {
    /// A wire to the server of a `postgres://` address.
    ///
    /// # Errors
    /// The address names no server.
    pub async fn to_postgres(url: &str) -> Result<Self> {
        let config: tokio_postgres::Config = url.parse()?;
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let upstream = match config.get_hosts().first().context("no host")? {
            Host::Tcp(host) => Upstream::Tcp(host.clone(), port),
            Host::Unix(folder) => Upstream::Unix(folder.join(format!(".s.PGSQL.{port}"))),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (whole, state) = watch::channel(true);
        let serving = tokio::spawn(serve(listener, upstream, state));
        Ok(Self {
            address,
            whole,
            serving,
        })
    }

    /// The address `url` by way of this wire.
    #[must_use]
    pub fn instead_of(&self, url: &str) -> String {
        let database = url.rsplit('/').next().unwrap_or_default();
        let user = url
            .trim_start_matches("postgres://")
            .split('@')
            .next()
            .unwrap_or_default();
        format!("postgres://{user}@{}/{database}", self.address)
    }

    /// Every connection breaks, and new ones break at once.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// New connections get through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.cut();
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, upstream: Upstream, state: watch::Receiver<bool>) {
    while let Ok((near, _)) = listener.accept().await {
        if *state.borrow() {
            tokio::spawn(connect(near, upstream.clone(), state.clone()));
        }
    }
}

async fn connect(near: TcpStream, upstream: Upstream, state: watch::Receiver<bool>) {
    // A far end that is away shows as a broken connection, as it should.
    match upstream {
        Upstream::Tcp(host, port) => {
            if let Ok(far) = TcpStream::connect((host.as_str(), port)).await {
                // Small packets must not wait for each other: it is a database's wire.
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                carry(near, far, state).await;
            }
        }
        Upstream::Unix(path) => {
            if let Ok(far) = UnixStream::connect(path).await {
                carry(near, far, state).await;
            }
        }
    }
}

async fn carry(
    mut near: TcpStream,
    mut far: impl AsyncRead + AsyncWrite + Unpin,
    mut state: watch::Receiver<bool>,
) {
    tokio::select! {
        // How it ended is for the two ends to see.
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = state.wait_for(|whole| !whole) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::ChaosProxy;
    use crate::database::TestDatabase;
    use tokio_postgres::NoTls;

    #[tokio::test]
    async fn a_cut_wire_breaks_and_a_mended_one_works() {
        let database = TestDatabase::create().await.unwrap();
        let proxy = ChaosProxy::to_postgres(&database.app_url()).await.unwrap();
        let url = proxy.instead_of(&database.app_url());
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        assert!(client.simple_query("SELECT 1").await.is_ok());
        proxy.cut();
        assert!(client.simple_query("SELECT 1").await.is_err());
        assert!(tokio_postgres::connect(&url, NoTls).await.is_err());
        proxy.mend();
        assert!(tokio_postgres::connect(&url, NoTls).await.is_ok());
    }
}
