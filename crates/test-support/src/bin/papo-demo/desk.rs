//! The attendant's screen: the product's API, and its WebSocket as `docs/REALTIME.md` has it.

use crate::service::Service;
use crate::stage::{Seen, Told};
use anyhow::{Context, Result, anyhow, ensure};
use futures_util::{SinkExt, StreamExt};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

/// Opening the live stream takes no longer.
const GREETING: Duration = Duration::from_secs(15);

/// An attendant who is logged in and looks at the screen.
#[derive(Debug)]
pub(crate) struct Desk {
    api: Service,
    pub(crate) name: String,
    pub(crate) user: String,
    watching: JoinHandle<()>,
}

/// Where the product is, and in which tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) http: &'a Client,
    pub(crate) server: &'a str,
    pub(crate) tenant: &'a str,
    /// Of everybody in the demo.
    pub(crate) password: &'a str,
}

impl Desk {
    /// Logs in and opens the live stream. What comes is told, unless nobody wants to know.
    pub(crate) async fn log_in(place: Place<'_>, email: &str, told: Option<Told>) -> Result<Self> {
        let Place {
            http,
            server,
            tenant,
            password,
        } = place;
        let api = Service::at(http.clone(), format!("http://{server}/api/v1"));
        let login = api
            .clone()
            .with("x-tenant-slug", tenant.to_owned())
            .post(
                "/auth/login",
                Some(json!({ "email": email, "password": password })),
            )
            .await?;
        let text = |at: &str| {
            let found = login.pointer(at).and_then(Value::as_str);
            found.with_context(|| format!("the login has no {at}"))
        };
        let token = text("/access_token")?;
        let socket = timeout(GREETING, open_socket(server, token))
            .await
            .ok()
            .context("the WebSocket was not greeted in time")??;
        Ok(Self {
            api: api.with("authorization", format!("Bearer {token}")),
            name: text("/user/full_name")?.to_owned(),
            user: text("/user/id")?.to_owned(),
            watching: tokio::spawn(watch(socket, told)),
        })
    }

    /// Does something to a conversation that needs no words.
    pub(crate) async fn act(&self, conversation: &str, what: &str) -> Result<Value> {
        let path = format!("/conversations/{conversation}/{what}");
        self.api.post(&path, None).await
    }

    /// Answers the customer; the message's id.
    pub(crate) async fn reply(&self, conversation: &str, text: &str) -> Result<String> {
        let sent = self
            .api
            .clone()
            .with("idempotency-key", Uuid::new_v4().to_string())
            .post(
                &format!("/conversations/{conversation}/messages"),
                Some(json!({ "type": "text", "body": text })),
            )
            .await?;
        let id = sent.get("id").and_then(Value::as_str);
        Ok(id.context("a message without an id")?.to_owned())
    }

    /// Is there for whoever is handed out.
    pub(crate) async fn is_available(&self) -> Result<()> {
        let available = json!({ "availability": "available" });
        self.api.put("/me/availability", available).await.map(drop)
    }

    /// Takes the request that was offered.
    pub(crate) async fn accept(&self, handoff: &str) -> Result<()> {
        let path = format!("/handoffs/{handoff}/accept");
        self.api.post(&path, None).await.map(drop)
    }

    /// Hands the conversation to a colleague.
    pub(crate) async fn hand_on(&self, conversation: &str, to: &Self, note: &str) -> Result<()> {
        let path = format!("/conversations/{conversation}/transfer");
        let what = json!({ "to_user_id": to.user, "note": note });
        self.api.post(&path, Some(what)).await.map(drop)
    }

    /// The department of this name.
    pub(crate) async fn department(&self, name: &str) -> Result<Value> {
        let page = self.api.get("/departments").await?;
        let departments = page.get("data").and_then(Value::as_array);
        let named = |department: &&Value| department.get("name") == Some(&json!(name));
        let found = departments.into_iter().flatten().find(named);
        found
            .cloned()
            .with_context(|| format!("no department {name}"))
    }

    /// Changes a department.
    pub(crate) async fn arrange(&self, department: &Value, how: Value) -> Result<()> {
        let id = department.get("id").and_then(Value::as_str);
        let path = format!("/departments/{}", id.context("a department without an id")?);
        self.api.patch(&path, how).await.map(drop)
    }

    /// The conversation as the API shows it.
    pub(crate) async fn look(&self, conversation: &str) -> Result<Value> {
        self.api
            .get(&format!("/conversations/{conversation}"))
            .await
    }

    /// `seq` of every message that the API shows, oldest first.
    pub(crate) async fn history(&self, conversation: &str) -> Result<Vec<u64>> {
        let path = format!("/conversations/{conversation}/messages?after=0&limit=100");
        let page = self.api.get(&path).await?;
        let messages = page.get("data").and_then(Value::as_array);
        let messages = messages.context("a page without data")?;
        Ok(messages
            .iter()
            .filter_map(|message| message.get("seq")?.as_u64())
            .collect())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

type Socket = WebSocketStream<TcpStream>;

async fn open_socket(server: &str, token: &str) -> Result<Socket> {
    let stream = TcpStream::connect(server).await?;
    let (mut socket, _) = client_async(format!("ws://{server}/ws"), stream).await?;
    let hello = json!({ "op": "hello", "ref": "hello", "token": token });
    socket.send(Message::text(hello.to_string())).await?;
    let greeting = next_frame(&mut socket).await?;
    ensure!(
        greeting.get("status").and_then(Value::as_str) == Some("ok"),
        "hello was refused: {greeting}"
    );
    Ok(socket)
}

async fn next_frame(socket: &mut Socket) -> Result<Value> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text)?),
            Some(Ok(Message::Close(reason))) => {
                return Err(anyhow!("the server closed the socket: {reason:?}"));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => return Err(anyhow!("the socket ended")),
        }
    }
}

/// Tells each frame when it arrives, until the desk is dropped.
async fn watch(mut socket: Socket, told: Option<Told>) {
    let Some(told) = told else {
        while next_frame(&mut socket).await.is_ok() {}
        return;
    };
    loop {
        let seen = match next_frame(&mut socket).await {
            Ok(frame) => Seen::Desk(frame),
            Err(error) => Seen::Trouble(error.context("the screen lost its connection")),
        };
        let over = matches!(seen, Seen::Trouble(_));
        if told.send(seen).await.is_err() || over {
            return;
        }
    }
}
