//! What both sides receive, in the order in which it comes, and waiting for what must come. An
//! event that came before it was waited for counts; one that does not come in time is a failure.

use crate::phone;
use crate::screen::Screen;
use anyhow::{Context, Error, Result, ensure};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// How a customer who is not the next is told their place in the queue.
const PLACE: &str = "Sua posição na fila";

/// What a side received.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A message of the business on the phone, as the emulator shows it.
    Phone(Value),
    /// A frame of the WebSocket.
    Desk(Value),
    /// A side fell out.
    Trouble(Error),
}

/// Where sides tell what they receive.
pub(crate) type Told = mpsc::Sender<Seen>;

/// Both screens.
#[derive(Debug)]
pub(crate) struct Stage {
    told: mpsc::Receiver<Seen>,
    patience: Duration,
    screen: Screen,
    step: &'static str,
    /// The conversation; what the attendant sees of others is passed over.
    conversation: Option<String>,
    /// Received and not yet waited for.
    phone: VecDeque<Value>,
    desk: Vec<Value>,
    /// `seq` of each message the attendant's screen was told.
    pub(crate) messages: Vec<u64>,
}

/// An empty stage, and where to tell it things.
pub(crate) fn open(patience: Duration) -> (Told, Stage) {
    let (told, receiver) = mpsc::channel(256);
    let stage = Stage {
        told: receiver,
        patience,
        screen: Screen::open(),
        step: "opening",
        conversation: None,
        phone: VecDeque::new(),
        desk: Vec::new(),
        messages: Vec::new(),
    };
    (told, stage)
}

impl Stage {
    /// Another conversation begins; what is left of the one before is passed over.
    pub(crate) fn turn_to_another(&mut self) {
        self.conversation = None;
        self.phone.clear();
        self.desk.clear();
        self.messages.clear();
        while self.told.try_recv().is_ok() {}
    }

    /// The next part begins.
    pub(crate) fn step(&mut self, name: &'static str) {
        self.step = name;
        self.screen.heading(name);
    }

    /// The customer does something.
    pub(crate) fn customer(&self, what: &str) {
        self.screen.left(&format!("▸ {what}"));
    }

    /// The attendant does something.
    pub(crate) fn attendant(&self, what: &str) {
        self.screen.right(&format!("▸ {what}"));
    }

    /// The next message on the phone. Whatever comes instead is a failure: a customer must not
    /// be told things that nobody meant to say.
    pub(crate) async fn phone_gets(
        &mut self,
        what: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(entry) = self.phone.pop_front() {
                // Whether somebody is told their place depends on who else waits here.
                if !fits(&entry) && phone::words(&entry).starts_with(PLACE) {
                    continue;
                }
                ensure!(
                    fits(&entry),
                    "step '{}': the phone got {:?} instead of {what}",
                    self.step,
                    phone::words(&entry)
                );
                return Ok(entry);
            }
            self.take(deadline, "phone", what).await?;
        }
    }

    /// The first frame of this conversation that fits and was not waited for yet.
    pub(crate) async fn desk_gets(
        &mut self,
        what: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let found = self.desk_has(what, fits).await?;
        Ok(self.desk.remove(found))
    }

    /// The conversation that the customer's message with this id opened.
    pub(crate) async fn conversation_of(&mut self, message: &str) -> Result<String> {
        let is_it = |frame: &Value| at(frame, "/payload/external_id") == Some(message);
        let found = self.desk_has("the customer's message", is_it).await?;
        let frame = self.desk.get(found);
        let id = frame.and_then(|frame| at(frame, "/payload/conversation_id"));
        let id = id.context("a message of no conversation")?.to_owned();
        self.conversation = Some(id.clone());
        for frame in std::mem::take(&mut self.desk) {
            if self.is_about_it(&frame) {
                self.show(&frame);
                self.desk.push(frame);
            }
        }
        self.desk.retain(|frame| !is_it(frame));
        Ok(id)
    }

    /// Nothing may be left on the phone that was not waited for.
    pub(crate) fn phone_is_quiet(&self) -> Result<()> {
        let left: Vec<_> = self.phone.iter().map(phone::words).collect();
        ensure!(left.is_empty(), "the phone also got {left:?}");
        Ok(())
    }

    /// All of it went well; `stored` messages are in the database.
    pub(crate) fn end(&self, stored: usize) {
        self.screen.heading("done");
        println!(
            "\n Everything that was expected was received: {stored} messages, in order, in {}.",
            self.screen.time()
        );
    }

    async fn desk_has(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<usize> {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(found) = self.desk.iter().position(&fits) {
                return Ok(found);
            }
            self.take(deadline, "attendant's screen", what).await?;
        }
    }

    async fn take(&mut self, deadline: Instant, whose: &str, what: &str) -> Result<()> {
        let seen = timeout_at(deadline, self.told.recv())
            .await
            .ok()
            .with_context(|| {
                let (step, seconds) = (self.step, self.patience.as_secs());
                format!("step '{step}': {what} did not come to the {whose} within {seconds} s")
            })?;
        match seen.context("both sides are gone")? {
            Seen::Phone(entry) => {
                self.screen.left(&phone_line(&entry));
                self.phone.push_back(entry);
            }
            Seen::Desk(frame) => {
                if self.conversation.is_none() {
                    self.desk.push(frame);
                } else if self.is_about_it(&frame) {
                    self.show(&frame);
                    self.desk.push(frame);
                }
            }
            Seen::Trouble(error) => return Err(error),
        }
        Ok(())
    }

    fn is_about_it(&self, frame: &Value) -> bool {
        let id = at(frame, "/payload/conversation_id").or_else(|| at(frame, "/payload/id"));
        id.is_some() && id == self.conversation.as_deref()
    }

    fn show(&mut self, frame: &Value) {
        if at(frame, "/event") == Some("message:new") {
            let seq = frame.pointer("/payload/seq").and_then(Value::as_u64);
            self.messages.extend(seq);
        }
        self.screen.right(&desk_line(frame));
    }
}

/// A string within a frame.
pub(crate) fn at<'a>(frame: &'a Value, pointer: &str) -> Option<&'a str> {
    frame.pointer(pointer)?.as_str()
}

fn phone_line(entry: &Value) -> String {
    let choices = phone::choices(entry);
    let choices = choices.iter().map(|choice| format!("\n[{}]", choice.title));
    format!("{}{}", phone::words(entry), choices.collect::<String>())
}

fn desk_line(frame: &Value) -> String {
    let event = at(frame, "/event").unwrap_or("?");
    let payload = frame.get("payload").unwrap_or(&Value::Null);
    let field = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or("?");
    let rest = match event {
        "message:new" => format!("{}: {}", field("sender_type"), field("text")),
        "message:status" => format!(
            "#{} {}",
            payload.get("seq").unwrap_or(&Value::Null),
            field("status")
        ),
        "conversation:updated" => {
            // Ids and moments tell a person nothing.
            let set = payload.get("set").and_then(Value::as_object);
            let set = set.into_iter().flatten();
            let words = set.filter_map(|(name, value)| Some((name, value.as_str()?)));
            let words = words.filter(|(_, value)| value.len() < 20);
            let set = words.map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", field("change"), set.collect::<String>())
        }
        "handoff:offer_ended" => field("how").to_owned(),
        _ => String::new(),
    };
    format!("{event}  {rest}").trim_end().to_owned()
}
