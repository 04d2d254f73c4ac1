//! What the control API and the library ask for: registrations, switches, and looks at chats,
//! logs and counts.

use super::chat::{ChatKey, Entry};
use super::delivery::Delivery;
use super::number::{Line, Number, NumberView, TokenState};
use super::outbound::GraphCall;
use super::refusal::Refusal;
use super::ring::Numbered;
use super::template::Template;
use super::{Author, Customer, World};
use crate::faults::Faults;
use crate::webhook::Handshake;
use serde::Serialize;
use std::collections::BTreeMap;

/// A chat as the customer's phone shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ChatView {
    /// Raised by everything that changes the chat.
    pub revision: u64,
    /// Oldest first, at most `Bounds::transcript`.
    pub entries: Vec<Entry>,
    /// How much longer the business is shown as typing; `null` if it is not.
    pub typing_ms: Option<u64>,
    /// How much longer the service window is open; `null` if it is closed.
    pub window_ms: Option<u64>,
}

/// Counts since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Messages accepted by the Graph API.
    pub accepted: u64,
    /// Graph calls refused, by Meta's code.
    pub refused: BTreeMap<u32, u64>,
    /// Webhook calls answered with 200.
    pub delivered: u64,
    /// Webhook calls that failed and were or will be repeated.
    pub failed_attempts: u64,
    /// Webhook calls given up.
    pub abandoned: u64,
    /// Updates for numbers without a callback.
    pub lost: u64,
    /// Updates and repeats waiting.
    pub waiting: usize,
    /// Webhook calls without an answer yet.
    pub in_flight: usize,
}

impl World {
    pub(crate) fn add_number(&mut self, number: Number) -> Result<NumberView, Refusal> {
        let id = number.phone_number_id.clone();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(&id) || !digits(&number.display_phone_number) {
            return Err(Refusal::Invalid(
                "phone_number_id and display_phone_number must be digits".to_owned(),
            ));
        }
        callable(number.callback_url.as_deref())?;
        if self.numbers.len() >= self.bounds.numbers && !self.numbers.contains_key(&id) {
            return Err(Refusal::Full("numbers"));
        }
        let line = Line::new(number);
        let view = line.view();
        self.numbers.insert(id.clone(), line);
        self.tell_again(&id);
        Ok(view)
    }

    pub(crate) fn numbers(&self) -> Vec<NumberView> {
        self.numbers.values().map(Line::view).collect()
    }

    pub(crate) fn set_token(&mut self, number: &str, state: TokenState) -> Result<(), Refusal> {
        self.line_mut(number)?.token = state;
        Ok(())
    }

    pub(crate) fn set_callback(
        &mut self,
        number: &str,
        url: Option<String>,
    ) -> Result<(), Refusal> {
        callable(url.as_deref())?;
        self.line_mut(number)?.set_callback(url);
        Ok(())
    }

    fn line_mut(&mut self, number: &str) -> Result<&mut Line, Refusal> {
        self.numbers
            .get_mut(number)
            .ok_or_else(|| Refusal::UnknownNumber(number.to_owned()))
    }

    pub(crate) fn handshake(&self, number: &str) -> Result<Handshake, Refusal> {
        let line = self
            .line(number)
            .ok_or_else(|| Refusal::UnknownNumber(number.to_owned()))?;
        let url = line
            .number
            .callback_url
            .clone()
            .ok_or_else(|| Refusal::Invalid("the number has no callback_url".to_owned()))?;
        Ok(Handshake {
            url,
            verify_token: line.number.verify_token.clone(),
        })
    }

    pub(crate) fn add_customer(&mut self, customer: Customer) -> Result<Customer, Refusal> {
        let known = self.customers.get(customer.id()).is_some();
        if !known && self.customers.len() >= self.bounds.customers {
            return Err(Refusal::Full("customers"));
        }
        self.customers
            .add(customer)
            .map_err(|why| Refusal::Invalid(why.to_owned()))
    }

    /// Customers whose name, username or id holds `part`.
    pub(crate) fn find_customers(&self, part: &str, most: usize) -> Vec<Customer> {
        let part = part.to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&part);
        self.customers
            .iter()
            .filter(|customer| {
                holds(&customer.name)
                    || holds(customer.id())
                    || customer.username.as_deref().is_some_and(holds)
            })
            .take(most)
            .cloned()
            .collect()
    }

    pub(crate) fn add_template(&mut self, template: Template) -> Result<(), Refusal> {
        self.templates.add(template)
    }

    pub(crate) fn remove_template(&mut self, waba_id: &str, name: &str, language: &str) {
        self.templates.remove(waba_id, name, language);
    }

    pub(crate) fn chat(&self, number: &str, customer: &str) -> Result<ChatView, Refusal> {
        let key = self.key(number, customer)?;
        let now = self.clock.now_ms();
        let left = |until: i64| {
            u64::try_from(until.saturating_sub(now))
                .ok()
                .filter(|left| *left > 0)
        };
        let Some(chat) = self.chats.get(&key) else {
            return Ok(ChatView {
                revision: 0,
                entries: Vec::new(),
                typing_ms: None,
                window_ms: None,
            });
        };
        let window = self.rules.window_seconds.and_then(|seconds| {
            let last = chat.last_inbound_ms?;
            left(last.saturating_add_unsigned(seconds.saturating_mul(1_000)))
        });
        Ok(ChatView {
            revision: chat.revision,
            entries: chat.entries.iter().cloned().collect(),
            typing_ms: chat.typing_until_ms.and_then(left),
            window_ms: window,
        })
    }

    /// The first message of the business after `index`.
    pub(crate) fn next_from_business(&self, key: &ChatKey, index: u64) -> Option<Entry> {
        let chat = self.chats.get(key)?;
        chat.entries
            .iter()
            .find(|entry| entry.index > index && entry.author == Author::Business)
            .cloned()
    }

    /// The chat's name, if number and customer exist.
    pub(crate) fn chat_key(&self, number: &str, customer: &str) -> Result<ChatKey, Refusal> {
        self.key(number, customer)
    }

    pub(crate) fn calls(&self, after: u64, most: usize) -> Vec<Numbered<GraphCall>> {
        self.calls.after(after, most)
    }

    pub(crate) fn deliveries(&self, after: u64, most: usize) -> Vec<Numbered<Delivery>> {
        self.deliveries.after(after, most)
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            waiting: self.schedule.waiting(),
            in_flight: self.schedule.in_flight(),
            ..self.stats.clone()
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.schedule.waiting() + self.schedule.in_flight() == 0
    }

    /// Forgets chats, logs, counts and what waits; faults off, clock right, tokens valid. With
    /// `registrations` also numbers, customers and templates.
    pub(crate) fn reset(&mut self, registrations: bool) {
        self.chats.clear();
        self.untold.clear();
        self.calls.clear();
        self.deliveries.clear();
        self.schedule.clear();
        self.stats = Stats::default();
        self.faults = Faults::default();
        self.clock.set_offset_ms(0);
        if registrations {
            self.numbers.clear();
            self.customers.clear();
            self.templates.clear();
        }
        for line in self.numbers.values_mut() {
            *line = Line::new(line.number.clone());
        }
    }
}

fn callable(url: Option<&str>) -> Result<(), Refusal> {
    if url.is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(Refusal::Invalid("callback_url must be http(s)".to_owned()));
    }
    Ok(())
}
