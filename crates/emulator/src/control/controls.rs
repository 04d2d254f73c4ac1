//! Everything that can be asked of a running emulator. Cheap to clone; each call takes the
//! world's lock for a moment.

use crate::config::{Receipts, Rules};
use crate::faults::Faults;
use crate::shared::Shared;
use crate::webhook::{Verification, shake_hands};
use crate::world::{
    ChatView, Customer, Delivery, Entry, FileView, GraphCall, Inbound, Number, NumberView,
    Numbered, Posted, Refusal, Stats, Template, TokenState,
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::Handle;

/// What was waited for did not happen in time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotYet {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("nothing happened for {0:?}")]
    TimedOut(Duration),
}

/// A hand on a running emulator.
#[derive(Clone)]
pub struct Controls {
    shared: Arc<Shared>,
    /// Waiting happens on the emulator's own threads, so that a test may stop its clock.
    runtime: Handle,
}

impl Controls {
    pub(crate) fn new(shared: Arc<Shared>, runtime: Handle) -> Self {
        Self { shared, runtime }
    }

    /// Registers a number, or replaces it and makes its token valid again.
    pub fn add_number(&self, number: Number) -> Result<NumberView, Refusal> {
        self.shared.with(|world| world.add_number(number))
    }

    #[must_use]
    pub fn numbers(&self) -> Vec<NumberView> {
        self.shared.quietly(|world| world.numbers())
    }

    /// Sends this number's webhooks elsewhere from now on, those that wait included.
    pub fn set_callback(&self, number: &str, url: Option<String>) -> Result<(), Refusal> {
        self.shared.with(|world| world.set_callback(number, url))
    }

    /// Revokes the number's token (190) or makes it valid again.
    pub fn set_token(&self, number: &str, state: TokenState) -> Result<(), Refusal> {
        self.shared.with(|world| world.set_token(number, state))
    }

    /// Registers a customer, or replaces one; returns it with its user id.
    pub fn add_customer(&self, customer: Customer) -> Result<Customer, Refusal> {
        self.shared.with(|world| world.add_customer(customer))
    }

    /// Up to `most` customers whose name, username or id holds `part`.
    #[must_use]
    pub fn find_customers(&self, part: &str, most: usize) -> Vec<Customer> {
        self.shared
            .quietly(|world| world.find_customers(part, most))
    }

    /// Makes a template known, or replaces it.
    pub fn add_template(&self, template: Template) -> Result<(), Refusal> {
        self.shared.with(|world| world.add_template(template))
    }

    /// Forgets a template, as if it had been deleted.
    pub fn remove_template(&self, waba_id: &str, name: &str, language: &str) {
        self.shared
            .with(|world| world.remove_template(waba_id, name, language));
    }

    /// A customer's phone hands in a file, to be named in a message by its id.
    pub fn add_file(&self, bytes: impl Into<Bytes>, mime_type: &str) -> FileView {
        let bytes = bytes.into();
        self.shared.with(|world| world.add_file(bytes, mime_type))
    }

    /// Type and bytes of a file that a phone or the product handed in.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<(String, Bytes)> {
        let file = self.shared.quietly(|world| world.file_bytes(id))?;
        Some((file.view.mime_type, file.bytes))
    }

    /// Forgets a file, as Meta does after a while.
    pub fn forget_file(&self, id: &str) {
        self.shared.with(|world| world.delete_file(id));
    }

    /// A customer sends something.
    pub fn send(&self, number: &str, customer: &str, what: Inbound) -> Result<Posted, Refusal> {
        self.send_copies(number, customer, what, 1)
    }

    /// A customer sends something once, and the product is told of it `copies` times at once.
    pub fn send_copies(
        &self,
        number: &str,
        customer: &str,
        what: Inbound,
        copies: u16,
    ) -> Result<Posted, Refusal> {
        if !(1..=1_000).contains(&copies) {
            return Err(Refusal::Invalid("copies must be 1 to 1000".to_owned()));
        }
        self.shared
            .with(|world| world.receive(number, customer, what, copies))
    }

    /// Customers send up to 1,000 messages that reach the product in one POST. Each is number,
    /// customer and message. If one is refused, none is posted.
    pub fn send_together(
        &self,
        messages: Vec<(String, String, Inbound)>,
    ) -> Result<Vec<Posted>, Refusal> {
        self.shared.with(|world| world.receive_together(messages))
    }

    /// The business owner writes `text` to a customer on the phone app.
    pub fn echo(&self, number: &str, customer: &str, text: &str) -> Result<Posted, Refusal> {
        let message = json!({"type": "text", "text": {"body": text}});
        self.echo_message(number, customer, message)
    }

    /// The same with any message object.
    pub fn echo_message(
        &self,
        number: &str,
        customer: &str,
        message: Value,
    ) -> Result<Posted, Refusal> {
        self.shared
            .with(|world| world.echo(number, customer, message))
    }

    /// Posts a change of any webhook field, such as `message_template_status_update`.
    pub fn change(&self, number: &str, field: &str, value: Value) -> Result<(), Refusal> {
        self.shared
            .with(|world| world.change(number, field.to_owned(), value))
    }

    /// The customer opens the chat, which reads it if [`crate::ReadBy::Opening`] is set.
    pub fn open_chat(&self, number: &str, customer: &str) -> Result<(), Refusal> {
        self.shared.with(|world| world.open_chat(number, customer))
    }

    /// The chat as the customer's phone shows it.
    pub fn chat(&self, number: &str, customer: &str) -> Result<ChatView, Refusal> {
        self.shared.quietly(|world| world.chat(number, customer))
    }

    /// The same, once it is newer than `revision`; as it is when `patience` is over.
    pub async fn chat_after(
        &self,
        number: &str,
        customer: &str,
        revision: u64,
        patience: Duration,
    ) -> Result<ChatView, Refusal> {
        let (of, whom) = (number.to_owned(), customer.to_owned());
        let newer = self
            .wait(patience, move |world| match world.chat(&of, &whom) {
                // A revision that went down belongs to a chat of before a reset.
                Ok(chat) if chat.revision == revision => None,
                other => Some(other),
            })
            .await;
        newer.unwrap_or_else(|| self.chat(number, customer))
    }

    /// The business's first message to this customer after `index` (0: the first of all).
    pub async fn next_outbound(
        &self,
        number: &str,
        customer: &str,
        index: u64,
        patience: Duration,
    ) -> Result<Entry, NotYet> {
        let key = self
            .shared
            .quietly(|world| world.chat_key(number, customer))?;
        self.wait(patience, move |world| world.next_from_business(&key, index))
            .await
            .ok_or(NotYet::TimedOut(patience))
    }

    /// The first message of this chat, of whomever, that `fits`; such as one with a tick.
    pub async fn find_entry(
        &self,
        number: &str,
        customer: &str,
        patience: Duration,
        mut fits: impl FnMut(&Entry) -> bool + Send + 'static,
    ) -> Result<Entry, NotYet> {
        let (number, customer) = (number.to_owned(), customer.to_owned());
        let found = self.wait(patience, move |world| {
            match world.chat(&number, &customer) {
                Err(refusal) => Some(Err(refusal)),
                Ok(chat) => chat.entries.into_iter().find(&mut fits).map(Ok),
            }
        });
        Ok(found.await.ok_or(NotYet::TimedOut(patience))??)
    }

    /// Returns when no update waits and no webhook call is under way.
    pub async fn idle(&self, patience: Duration) -> Result<(), NotYet> {
        self.wait(patience, |world| world.is_idle().then_some(()))
            .await
            .ok_or(NotYet::TimedOut(patience))
    }

    /// Up to `most` Graph calls after `index`, oldest first.
    #[must_use]
    pub fn calls(&self, index: u64, most: usize) -> Vec<Numbered<GraphCall>> {
        self.shared.quietly(|world| world.calls(index, most))
    }

    /// Up to `most` webhook calls after `index`, oldest first.
    #[must_use]
    pub fn deliveries(&self, index: u64, most: usize) -> Vec<Numbered<Delivery>> {
        self.shared.quietly(|world| world.deliveries(index, most))
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.quietly(|world| world.stats())
    }

    #[must_use]
    pub fn faults(&self) -> Faults {
        self.shared.quietly(|world| world.faults.clone())
    }

    /// Switches faults; holds for what happens from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.with(|world| world.faults = faults);
    }

    #[must_use]
    pub fn rules(&self) -> Rules {
        self.shared.quietly(|world| world.rules.clone())
    }

    pub fn set_rules(&self, rules: Rules) {
        self.shared.with(|world| world.rules = rules);
    }

    #[must_use]
    pub fn receipts(&self) -> Receipts {
        self.shared.quietly(|world| world.receipts.clone())
    }

    pub fn set_receipts(&self, receipts: Receipts) {
        self.shared.with(|world| world.receipts = receipts);
    }

    /// How far the emulator's clock is ahead of the machine's, in seconds.
    #[must_use]
    pub fn clock_offset_seconds(&self) -> i64 {
        self.shared
            .quietly(|world| world.clock.offset_ms().div_euclid(1_000))
    }

    /// Sets the emulator's clock ahead of the machine's (or behind): 86,400 closes every window
    /// that is open now.
    pub fn set_clock_offset_seconds(&self, seconds: i64) {
        self.shared
            .with(|world| world.clock.set_offset_ms(seconds.saturating_mul(1_000)));
    }

    /// Asks the number's callback URL as Meta does when it is set up.
    pub async fn verify_webhook(&self, number: &str) -> Result<Verification, Refusal> {
        let handshake = self.shared.quietly(|world| world.handshake(number))?;
        let shared = Arc::clone(&self.shared);
        let asked = self
            .runtime
            .spawn(async move { shake_hands(shared.http(), handshake).await });
        Ok(asked.await.unwrap_or_else(|stopped| Verification {
            verified: false,
            status: None,
            reason: Some(stopped.to_string()),
        }))
    }

    /// Forgets chats, logs, counts and what waits; switches faults off, sets the clock right and
    /// makes tokens valid. With `registrations` also numbers, customers and templates.
    pub fn reset(&self, registrations: bool) {
        self.shared.with(|world| world.reset(registrations));
    }

    async fn wait<T: Send + 'static>(
        &self,
        patience: Duration,
        look: impl FnMut(&mut crate::world::World) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let shared = Arc::clone(&self.shared);
        let waiting = self
            .runtime
            .spawn(async move { shared.until(patience, look).await });
        waiting.await.ok().flatten()
    }
}
