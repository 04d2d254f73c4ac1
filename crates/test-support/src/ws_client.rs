//! A client of `/ws` as `docs/REALTIME.md` describes one: it keeps every frame in order, knows
//! its cursor, and can stop reading without closing. It notes what a server must never do
//! (numbers that go back, events told twice), for tests to look at. What the frames mean is
//! [`Mirror`]'s.

mod inbox;
mod mirror;

pub use mirror::Mirror;

use anyhow::{Context, Result, anyhow, bail, ensure};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use inbox::{Got, Shared, read};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longest wait for anything that must come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Half as often as a server lets a client speak.
const ASK_EVERY: Duration = Duration::from_millis(100);

type Stream = WebSocketStream<TcpStream>;

/// How to connect.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// Such as `ws://127.0.0.1:8080/ws`.
    pub url: String,
    pub origin: Option<String>,
    /// Value of `Sec-WebSocket-Protocol`.
    pub protocols: Option<String>,
    /// Bytes the kernel keeps for a client that does not read; small ones stall soon.
    pub receive_buffer: Option<u32>,
}

impl Handshake {
    /// A plain one.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }
}

/// An open socket. Dropping it closes the connection without farewell.
#[derive(Debug)]
pub struct WsClient {
    shared: Arc<Shared>,
    sink: SplitSink<Stream, Message>,
    reading: watch::Sender<bool>,
    reader: JoinHandle<()>,
    /// Frames before this one were given out by [`WsClient::next_event`].
    at: usize,
    next_ref: u64,
    /// Subprotocol that the server chose.
    pub protocol: Option<String>,
}

impl WsClient {
    /// Connects, says hello with `token` and `cursor`, and waits for the greeting.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn connect(url: &str, token: &str, cursor: Option<u64>) -> Result<Self> {
        let mut client = Self::open(&Handshake::to(url)).await?;
        client.hello(Some(token), cursor).await?;
        Ok(client)
    }

    /// Connects without saying anything.
    ///
    /// # Errors
    /// The server refuses the handshake.
    pub async fn open(handshake: &Handshake) -> Result<Self> {
        let mut request = handshake.url.as_str().into_client_request()?;
        let headers = [
            ("origin", &handshake.origin),
            ("sec-websocket-protocol", &handshake.protocols),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request
                    .headers_mut()
                    .insert(name, HeaderValue::from_str(value)?);
            }
        }
        let authority = request
            .uri()
            .authority()
            .context("an address without a host")?;
        let address = tokio::net::lookup_host(authority.as_str()).await?.next();
        let address = address.context("no such host")?;
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        if let Some(bytes) = handshake.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let opening = tokio::time::timeout(PATIENCE, client_async(request, stream));
        let (stream, response) = opening.await.context("no answer to the handshake")??;
        let protocol = response.headers().get("sec-websocket-protocol");
        let protocol = protocol.and_then(|p| p.to_str().ok()).map(str::to_owned);
        let (sink, stream) = stream.split();
        let (reading, may_read) = watch::channel(true);
        let shared = Shared::new();
        let reader = tokio::spawn(read(stream, may_read, Arc::clone(&shared)));
        Ok(Self {
            shared,
            sink,
            reading,
            reader,
            at: 0,
            next_ref: 1,
            protocol,
        })
    }

    /// Says hello; the greeting's `response`.
    ///
    /// # Errors
    /// It is refused.
    pub async fn hello(&mut self, token: Option<&str>, cursor: Option<u64>) -> Result<Value> {
        let response = self
            .ask(json!({ "op": "hello", "token": token, "cursor": cursor }))
            .await?;
        let head = response
            .get("head")
            .and_then(Value::as_u64)
            .context("no head")?;
        let fresh = cursor.is_none() || response.get("resync") == Some(&Value::Bool(true));
        let mut got = self.shared.got();
        got.cursor = got.cursor.max(if fresh { Some(head) } else { cursor });
        drop(got);
        Ok(response)
    }

    /// Joins a conversation.
    ///
    /// # Errors
    /// It is refused.
    pub async fn join(&mut self, conversation: &str) -> Result<Value> {
        self.ask(json!({ "op": "join", "conversation": conversation }))
            .await
    }

    /// Says that its user is typing.
    ///
    /// # Errors
    /// It is refused.
    pub async fn typing(&mut self, conversation: &str) -> Result<Value> {
        self.ask(json!({ "op": "typing", "conversation": conversation }))
            .await
    }

    /// Asks how far it was told, and moves its cursor there.
    ///
    /// # Errors
    /// No answer.
    pub async fn ping(&mut self) -> Result<u64> {
        let response = self.ask(json!({ "op": "ping" })).await?;
        let head = response
            .get("head")
            .and_then(Value::as_u64)
            .context("no head")?;
        let mut got = self.shared.got();
        got.cursor = got.cursor.max(Some(head));
        Ok(head)
    }

    /// Asks how far it was told until that is up to `seq`.
    ///
    /// # Errors
    /// It is not within `deadline`, or the socket closes first.
    pub async fn caught_up(&mut self, seq: u64, deadline: Duration) -> Result<u64> {
        let asking = async {
            let mut turns = tokio::time::interval(ASK_EVERY);
            loop {
                turns.tick().await;
                let told = self.ping().await?;
                if told >= seq {
                    return Ok(told);
                }
            }
        };
        let asked = tokio::time::timeout(deadline, asking).await;
        asked.with_context(|| format!("not told up to {seq}"))?
    }

    /// Sends an operation and waits for its answer: the `response` of one that was carried out.
    ///
    /// # Errors
    /// The answer is an error, and its code and message; or there is none.
    pub async fn ask(&mut self, mut frame: Value) -> Result<Value> {
        let reference = self.next_ref.to_string();
        self.next_ref += 1;
        let object = frame.as_object_mut().context("a frame is an object")?;
        object.insert("ref".to_owned(), Value::from(reference.clone()));
        self.send(&frame.to_string()).await?;
        let answer = |got: &Got| {
            got.frames
                .iter()
                .find(|f| text(f, "event") == "reply" && text(f, "ref") == reference)
                .cloned()
        };
        let reply = self.wait(PATIENCE, "an answer", answer).await?;
        let response = reply.get("response").cloned().unwrap_or_default();
        ensure!(text(&reply, "status") == "ok", "refused: {response}");
        Ok(response)
    }

    /// Sends a text frame as it is.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send(&mut self, text: &str) -> Result<()> {
        self.send_message(Message::text(text)).await
    }

    /// Sends any frame.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send_message(&mut self, message: Message) -> Result<()> {
        Ok(self.sink.send(message).await?)
    }

    /// The next frame with this event name, after the last that was given out; what lies
    /// between is passed over.
    ///
    /// # Errors
    /// None comes within `deadline`, or the socket closes first.
    pub async fn next_event(&mut self, name: &str, deadline: Duration) -> Result<Value> {
        let at = self.at;
        let next = |got: &Got| {
            let mut later = got.frames.iter().enumerate().skip(at);
            later
                .find(|(_, f)| text(f, "event") == name)
                .map(|(i, f)| (i, f.clone()))
        };
        let (i, frame) = self.wait(deadline, name, next).await?;
        self.at = i + 1;
        Ok(frame)
    }

    /// Waits until the cursor has come to `seq`.
    ///
    /// # Errors
    /// It does not within `deadline`.
    pub async fn reach(&self, seq: u64, deadline: Duration) -> Result<()> {
        let there = |got: &Got| (got.cursor >= Some(seq)).then_some(());
        self.wait(deadline, "the cursor", there).await
    }

    /// Waits until so many events with this name have come since it connected.
    ///
    /// # Errors
    /// They do not within `deadline`, or the socket closes first.
    pub async fn told(&self, name: &str, count: usize, deadline: Duration) -> Result<()> {
        let enough = |got: &Got| (got.told(name) >= count).then_some(());
        let what = format!("{name}, {count} times,");
        self.wait(deadline, &what, enough).await
    }

    /// Everything that came, oldest first.
    #[must_use]
    pub fn frames(&self) -> Vec<Value> {
        self.frames_after(0)
    }

    /// What came after the first `count` frames, oldest first.
    #[must_use]
    pub fn frames_after(&self, count: usize) -> Vec<Value> {
        self.shared
            .got()
            .frames
            .iter()
            .skip(count)
            .cloned()
            .collect()
    }

    /// How many frames came.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shared.got().frames.len()
    }

    /// `seq` of the last event that came whole.
    #[must_use]
    pub fn cursor(&self) -> Option<u64> {
        self.shared.got().cursor
    }

    /// What the server did and must never do.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.shared.got().faults.clone()
    }

    /// Takes nothing more out of the connection, which stays open.
    pub fn stop_reading(&self) {
        self.reading.send_replace(false);
    }

    /// Reads again.
    pub fn read_again(&self) {
        self.reading.send_replace(true);
    }

    /// How the server closed: code and reason; 1006 if the connection just ended.
    ///
    /// # Errors
    /// It does not close within `deadline`.
    pub async fn closed(&self, deadline: Duration) -> Result<(u16, String)> {
        let mut came = self.shared.came.subscribe();
        let closed = came.wait_for(|_| self.shared.got().closed.is_some());
        tokio::time::timeout(deadline, closed)
            .await
            .context("it stays open")??;
        let closed = self.shared.got().closed.clone();
        closed.context("not closed")
    }

    /// Whether it is open, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.got().closed.is_none()
    }

    /// Closes politely.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn close(mut self) -> Result<()> {
        self.send_message(Message::Close(None)).await?;
        self.closed(PATIENCE).await?;
        Ok(())
    }

    async fn wait<T>(
        &self,
        deadline: Duration,
        what: &str,
        find: impl Fn(&Got) -> Option<T>,
    ) -> Result<T> {
        let mut came = self.shared.came.subscribe();
        let search = async {
            loop {
                came.mark_unchanged();
                {
                    let got = self.shared.got();
                    if let Some(found) = find(&got) {
                        return Ok(found);
                    }
                    if let Some((code, reason)) = &got.closed {
                        bail!("closed with {code} {reason:?} before {what}");
                    }
                }
                came.changed().await?;
            }
        };
        tokio::time::timeout(deadline, search)
            .await
            .map_err(|_late| anyhow!("{what} does not come; got {:?}", self.frames().last()))?
    }
}

impl Drop for WsClient {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn text<'a>(frame: &'a Value, field: &str) -> &'a str {
    frame.get(field).and_then(Value::as_str).unwrap_or_default()
}
