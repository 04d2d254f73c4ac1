//! The customer's phone: the emulator's control API, as a new customer.

use crate::service::Service;
use crate::stage::{Seen, Told};
use anyhow::{Context, Result, anyhow};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Who writes.
pub(crate) const NAME: &str = "Lia Andrade";

/// A phone with one chat open.
#[derive(Debug)]
pub(crate) struct Phone {
    emulator: Service,
    chat: String,
    watching: JoinHandle<()>,
}

impl Phone {
    /// Registers a customer nobody knows yet and opens the chat with the first business number.
    pub(crate) async fn of_a_new_customer(
        http: &Client,
        emulator: &str,
        told: Told,
    ) -> Result<Self> {
        let emulator = Service::at(http.clone(), emulator.to_owned());
        let numbers = emulator.get("/numbers").await?;
        let number = numbers
            .pointer("/0/phone_number_id")
            .and_then(Value::as_str)
            .context("the emulator has no business number")?;
        // The last digits of a number that is not given out.
        let wa_id = format!("551190{:07}", Uuid::new_v4().as_u128() % 10_000_000);
        emulator
            .put("/customers", json!({ "wa_id": wa_id, "name": NAME }))
            .await?;
        let chat = format!("/chats/{number}/{wa_id}");
        let watching = tokio::spawn(watch(emulator.clone(), chat.clone(), told));
        Ok(Self {
            emulator,
            chat,
            watching,
        })
    }

    /// Types and sends; the message's id.
    pub(crate) async fn write(&self, text: &str) -> Result<String> {
        self.send(json!({ "text": text })).await
    }

    /// Picks `choice` in the message that offered it; the answer's id.
    pub(crate) async fn pick(&self, offer: &Value, choice: &Choice) -> Result<String> {
        let message = offer.get("id").context("a message without an id")?;
        let pick = if choice.in_list {
            json!({ "choose": { "message_id": message, "row_id": choice.id } })
        } else {
            json!({ "tap": { "message_id": message, "button_id": choice.id } })
        };
        self.send(pick).await
    }

    async fn send(&self, what: Value) -> Result<String> {
        let path = format!("{}/messages", self.chat);
        let posted = self.emulator.post(&path, Some(what)).await?;
        let id = posted.get("message_id").and_then(Value::as_str);
        Ok(id.context("a message without an id")?.to_owned())
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Tells each message of the business when it arrives, until the phone is dropped.
async fn watch(emulator: Service, chat: String, told: Told) {
    let mut after = 0;
    loop {
        let next = emulator
            .get(&format!("{chat}/next?after={after}&timeout_ms=5000"))
            .await;
        let seen = match next.map(|mut next| next.get_mut("entry").map(Value::take)) {
            Ok(Some(Value::Null)) => continue,
            Ok(Some(entry)) => {
                after = entry.get("index").and_then(Value::as_u64).unwrap_or(after);
                Seen::Phone(entry)
            }
            Ok(None) => Seen::Trouble(anyhow!("the emulator's answer has no entry")),
            Err(error) => Seen::Trouble(error.context("the phone lost its connection")),
        };
        let over = matches!(seen, Seen::Trouble(_));
        if told.send(seen).await.is_err() || over {
            return;
        }
    }
}

/// A button or a row of a list.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) title: String,
    id: String,
    in_list: bool,
}

/// What a message offers to pick.
pub(crate) fn choices(entry: &Value) -> Vec<Choice> {
    let action = entry.pointer("/message/interactive/action");
    let part = |name: &str| action.and_then(|action| action.get(name)?.as_array());
    let choice = |shown: &Value, in_list| {
        let text = |name: &str| Some(shown.get(name)?.as_str()?.to_owned());
        Some(Choice {
            title: text("title")?,
            id: text("id")?,
            in_list,
        })
    };
    let buttons = part("buttons").into_iter().flatten();
    let buttons = buttons.filter_map(|button| choice(button.get("reply")?, false));
    let sections = part("sections").into_iter().flatten();
    let rows = sections.filter_map(|section| section.get("rows")?.as_array());
    let rows = rows.flatten().filter_map(|row| choice(row, true));
    buttons.chain(rows).collect()
}

/// The words of a message.
pub(crate) fn words(entry: &Value) -> &str {
    ["/message/text/body", "/message/interactive/body/text"]
        .iter()
        .find_map(|at| entry.pointer(at)?.as_str())
        .unwrap_or_default()
}
