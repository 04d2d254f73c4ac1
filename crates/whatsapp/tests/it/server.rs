//! A server that answers HTTP with prepared bytes, or does not.

use papo_domain::MessageId;
use papo_domain::outbound::Outbound;
use papo_domain::ports::{Alias, AliasKind, OutboundMessage};
use papo_whatsapp::{Credentials, GraphApi, GraphConfig};
use secrecy::SecretString;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use uuid::Uuid;

pub(crate) const TOKEN: &str = "EAAG-example-token";

/// What becomes of one connection.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Reads the request and answers these bytes.
    Raw(Vec<u8>),
    /// Closes without reading.
    Refuse,
    /// Reads the request and closes.
    Swallow,
    /// Reads the request, answers these bytes, and then waits until the client goes away.
    Stall(Vec<u8>),
}

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    /// What is not JSON is a string.
    pub(crate) body: Value,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Request>,
}

impl Server {
    /// Serves one connection for each reply, in order.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for reply in replies {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream, reply, &seen).await;
            }
        });
        Self { address, requests }
    }

    /// Answers one request with this status and body.
    pub(crate) async fn answering(status: u16, body: &str) -> Self {
        Self::start(vec![Reply::Raw(answer(status, "", body))]).await
    }

    pub(crate) fn api(&self) -> GraphApi {
        self.api_within(Duration::from_secs(10))
    }

    pub(crate) fn api_within(&self, total_timeout: Duration) -> GraphApi {
        api(&GraphConfig {
            total_timeout,
            ..GraphConfig::new(format!("http://{}", self.address), "v26.0")
        })
    }

    /// The next request that was read.
    pub(crate) async fn request(&mut self) -> Request {
        let next = self.requests.recv();
        tokio::time::timeout(Duration::from_secs(10), next)
            .await
            .unwrap()
            .unwrap()
    }

    /// Whether no (further) request was read.
    pub(crate) fn is_untouched(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

pub(crate) fn api(config: &GraphConfig) -> GraphApi {
    // Another test may have been faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    GraphApi::new(config).unwrap()
}

pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

pub(crate) fn credentials() -> Credentials {
    Credentials {
        phone_number_id: "100200300400500".to_owned(),
        access_token: SecretString::from(TOKEN),
    }
}

pub(crate) fn message(outbound: Outbound) -> OutboundMessage {
    OutboundMessage {
        tracking: MessageId(Uuid::from_u128(7)),
        to: Alias {
            kind: AliasKind::WaId,
            value: "5511900000001".to_owned(),
        },
        outbound,
        quote: None,
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, seen: &mpsc::UnboundedSender<Request>) {
    if matches!(reply, Reply::Refuse) {
        return;
    }
    let request = read(&mut stream).await;
    let _ = seen.send(request);
    match reply {
        // The client may have gone, having read enough.
        Reply::Raw(bytes) => drop(stream.write_all(&bytes).await),
        Reply::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0]).await;
        }
        Reply::Refuse | Reply::Swallow => {}
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.unwrap();
        assert_ne!(n, 0, "the client went away in the middle of its request");
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")
                .map(|length| length.parse::<usize>().unwrap())
        });
        if body.len() == length.unwrap_or(0) {
            let text = || Value::String(body.to_owned());
            return Request {
                head: head.to_owned(),
                body: serde_json::from_str(body).unwrap_or_else(|_| text()),
            };
        }
    }
}
