//! A customer with a phone: types, taps, and receives what the business sends.

use super::fields::text;
use anyhow::{Context, Result};
use papo_emulator::{Author, Controls, Entry, Inbound};
use papo_test_support::wait::PATIENCE;
use serde_json::Value;

/// A customer's phone.
#[derive(Clone)]
pub(crate) struct Phone {
    emulator: Controls,
    number: String,
    pub(crate) wa_id: String,
    /// Entries up to this one were told by [`Phone::receives`].
    seen: u64,
}

impl Phone {
    /// The phone of `wa_id`, which writes to the business's `number`.
    pub(crate) fn new(emulator: Controls, number: String, wa_id: String) -> Self {
        Self {
            emulator,
            number,
            wa_id,
            seen: 0,
        }
    }

    /// Types and sends; the message's id.
    pub(crate) fn writes(&self, text: &str) -> Result<String> {
        self.sends(Inbound::text(text))
    }

    pub(crate) fn sends(&self, what: Inbound) -> Result<String> {
        Ok(self
            .emulator
            .send(&self.number, &self.wa_id, what)?
            .message_id)
    }

    /// The next message of the business.
    pub(crate) async fn receives(&mut self) -> Result<Entry> {
        let entry = self
            .emulator
            .next_outbound(&self.number, &self.wa_id, self.seen, PATIENCE)
            .await
            .with_context(|| format!("{} waits for a message", self.wa_id))?;
        self.seen = entry.index;
        Ok(entry)
    }

    /// The next message of the business whose words hold `part`; others before it are passed.
    pub(crate) async fn receives_words(&mut self, part: &str) -> Result<Entry> {
        loop {
            let entry = self
                .receives()
                .await
                .with_context(|| format!("waiting for {part:?}"))?;
            if words(&entry).contains(part) {
                return Ok(entry);
            }
        }
    }

    /// Taps a button or chooses a row by its title.
    pub(crate) fn taps(&self, entry: &Entry, title: &str) -> Result<String> {
        let message_id = entry.id.clone();
        let buttons = entry.message.pointer("/interactive/action/buttons");
        for button in buttons.and_then(Value::as_array).into_iter().flatten() {
            if button.pointer("/reply/title").and_then(Value::as_str) == Some(title) {
                let id = button
                    .pointer("/reply/id")
                    .and_then(Value::as_str)
                    .context("no id")?;
                return self.sends(Inbound::Tap {
                    message_id,
                    button_id: id.to_owned(),
                });
            }
        }
        let sections = entry.message.pointer("/interactive/action/sections");
        let sections = sections.and_then(Value::as_array).into_iter().flatten();
        for row in sections.filter_map(|s| s.get("rows")?.as_array()).flatten() {
            if row.get("title").and_then(Value::as_str) == Some(title) {
                return self.sends(Inbound::Choose {
                    message_id,
                    row_id: text(row, "id")?,
                });
            }
        }
        let titles = entry.message.get("buttons").and_then(Value::as_array);
        let mut titles = titles.into_iter().flatten();
        if let Some(index) = titles.position(|button| button.as_str() == Some(title)) {
            let components = entry.message.pointer("/template/components");
            let mut components = components.and_then(Value::as_array).into_iter().flatten();
            let index = Value::from(index.to_string());
            let component = components.find(|component| component.get("index") == Some(&index));
            let payload =
                component.and_then(|component| component.pointer("/parameters/0/payload"));
            let payload = payload.and_then(Value::as_str).context("no payload")?;
            return self.sends(Inbound::Tap {
                message_id,
                button_id: payload.to_owned(),
            });
        }
        anyhow::bail!("no {title} to tap in {}", entry.message)
    }

    /// The business's messages on this phone.
    pub(crate) fn received(&self) -> Result<Vec<Entry>> {
        let chat = self.emulator.chat(&self.number, &self.wa_id)?;
        Ok(chat
            .entries
            .into_iter()
            .filter(|e| e.author == Author::Business)
            .collect())
    }
}

/// The words of a message on a phone.
pub(crate) fn words(entry: &Entry) -> &str {
    let text = entry.message.pointer("/text/body");
    let text = text.or_else(|| entry.message.pointer("/interactive/body/text"));
    // A template, with its gaps filled.
    let text = text.or_else(|| entry.message.pointer("/rendered"));
    text.and_then(Value::as_str).unwrap_or_default()
}
