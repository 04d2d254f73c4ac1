//! Somebody who follows the stream as `docs/REALTIME.md` asks clients to, with nothing but the
//! API and a socket, and whose picture can be compared with what the API shows.

use crate::stage::number;
use anyhow::{Context, Result, ensure};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::{Handshake, Mirror, WsClient};
use serde_json::Value;

/// A right client.
pub(crate) struct Follower {
    pub(crate) user: User,
    client: Option<WsClient>,
    mirror: Mirror,
    /// `seq` of the last event that was applied whole.
    cursor: Option<u64>,
    /// Frames of this connection that were applied.
    taken: usize,
    /// Role and departments as of the last greeting.
    rights: Value,
    /// How often it came back and went on where it was.
    pub(crate) resumed: usize,
    /// How often it was told to load everything anew.
    pub(crate) resyncs: usize,
    /// The codes with which its connections ended; those that it lost itself had none.
    pub(crate) closed: Vec<u16>,
}

impl Follower {
    /// Comes in for the first time.
    pub(crate) async fn start(user: &User) -> Result<Self> {
        let mut follower = Self {
            user: user.clone(),
            client: None,
            mirror: Mirror::default(),
            cursor: None,
            taken: 0,
            rights: Value::Null,
            resumed: 0,
            resyncs: 0,
            closed: Vec::new(),
        };
        follower.connect().await?;
        Ok(follower)
    }

    /// Comes (back) with its cursor.
    pub(crate) async fn connect(&mut self) -> Result<()> {
        self.lose().await?;
        let mut client = open(&self.user).await?;
        let token = self.user.access_token.clone();
        let greeting = client.hello(Some(&token), self.cursor).await?;
        let resync = greeting.get("resync") == Some(&Value::Bool(true));
        let rights = Value::from_iter([
            greeting.get("role").cloned(),
            greeting.get("departments").cloned(),
        ]);
        if resync {
            self.resyncs += 1;
        } else if self.cursor.is_some() {
            self.resumed += 1;
        }
        if resync || self.cursor.is_none() {
            self.cursor = Some(number(&greeting, "head")?);
        }
        self.client = Some(client);
        self.taken = 0;
        if resync || rights != self.rights {
            self.rights = rights;
            self.mirror = Mirror::default();
            self.load_all().await?;
        }
        Ok(())
    }

    /// The connection goes, without a word. What had come is kept.
    pub(crate) async fn lose(&mut self) -> Result<()> {
        self.take()?;
        if let Some(client) = self.client.take().filter(|client| !client.is_open()) {
            self.closed.push(client.closed(PATIENCE).await?.0);
        }
        Ok(())
    }

    /// Its socket, as long as it has one.
    pub(crate) fn client(&mut self) -> Option<&mut WsClient> {
        self.client.as_mut()
    }

    /// Whether neither side has ended the connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.client.as_ref().is_some_and(WsClient::is_open)
    }

    /// Applies what has come.
    pub(crate) fn take(&mut self) -> Result<()> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        ensure!(client.faults().is_empty(), "{:?}", client.faults());
        for frame in client.frames_after(self.taken) {
            self.taken += 1;
            let Some(seq) = frame.get("seq").and_then(Value::as_u64) else {
                continue;
            };
            if Some(seq) <= self.cursor {
                continue;
            }
            self.mirror.take(&frame)?;
            if frame.get("more").is_none() {
                self.cursor = Some(seq);
            }
        }
        Ok(())
    }

    /// Connected, told everything up to `head`, and everything applied.
    pub(crate) async fn reach(&mut self, head: u64) -> Result<()> {
        eventually("the stream's end", PATIENCE, async || {
            if let Some(client) = &mut self.client
                && client.caught_up(head, PATIENCE).await.is_ok()
            {
                return Ok(Some(()));
            }
            if let Some(client) = &self.client {
                client.closed(PATIENCE).await?;
            }
            self.connect().await?;
            Ok(None)
        })
        .await?;
        self.take()?;
        loop {
            let missing = self.mirror.missing();
            if missing.is_empty() {
                return Ok(());
            }
            for id in missing {
                match shown(&self.user, &id).await? {
                    Some((conversation, messages)) => self.mirror.load(&conversation, &messages)?,
                    None => self.mirror.unseen(&id),
                }
            }
            self.take()?;
        }
    }

    /// Insists that what it knows is what the API shows to its user.
    pub(crate) async fn must_agree(&self) -> Result<()> {
        let mut truth = Mirror::default();
        for (conversation, messages) in everything(&self.user).await? {
            truth.load(&conversation, &messages)?;
        }
        let differences = self.mirror.differences(&truth);
        let name = &self.user.name;
        ensure!(
            differences.is_empty(),
            "{name}, known and true:\n{}",
            differences.join("\n")
        );
        Ok(())
    }

    async fn load_all(&mut self) -> Result<()> {
        for (conversation, messages) in everything(&self.user).await? {
            self.mirror.load(&conversation, &messages)?;
        }
        Ok(())
    }
}

async fn open(user: &User) -> Result<WsClient> {
    let mut handshake = Handshake::to(user.api.socket_url());
    // So that it is felt soon when it does not read.
    handshake.receive_buffer = Some(4 << 10);
    WsClient::open(&handshake).await
}

type Shown = (Value, Vec<Value>);

/// Every conversation that the API shows to a user, with its messages.
async fn everything(user: &User) -> Result<Vec<Shown>> {
    let list = user.get("/api/v1/conversations?limit=100").await?;
    let mut all = Vec::new();
    for line in list
        .get("data")
        .and_then(Value::as_array)
        .context("no list")?
    {
        let id = crate::stage::text(line, "id")?;
        // It may have gone out of sight since.
        all.extend(shown(user, &id).await?);
    }
    Ok(all)
}

/// One conversation with its messages, as the API shows it; `None` if it does not.
async fn shown(user: &User, id: &str) -> Result<Option<Shown>> {
    let get = async |path: String| {
        let answer = user.call(reqwest::Method::GET, &path, &[], None).await?;
        match answer.status {
            404 => Ok(None),
            _ => answer.expect(200).map(Some),
        }
    };
    // Messages after the conversation: what comes in between is then told again by a frame,
    // and one that is there already stays.
    let Some(conversation) = get(format!("/api/v1/conversations/{id}")).await? else {
        return Ok(None);
    };
    let mut messages: Vec<Value> = Vec::new();
    loop {
        let after = messages
            .last()
            .map_or(Ok(0), |message| number(message, "seq"))?;
        let path = format!("/api/v1/conversations/{id}/messages?after={after}&limit=100");
        let Some(page) = get(path).await? else {
            return Ok(None);
        };
        let data = page
            .get("data")
            .and_then(Value::as_array)
            .context("no page")?;
        messages.extend(data.iter().cloned());
        if data.len() < 100 {
            return Ok(Some((conversation, messages)));
        }
    }
}
