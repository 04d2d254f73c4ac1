//! Everything the emulator knows: numbers, customers, chats, switches, logs and the schedule of
//! webhooks. One value behind one lock; it decides and remembers, and does no I/O.
//!
//! `inbound` is what customers do, `outbound` what the business does through the Graph API,
//! `receipts` who has read what, `delivery` what becomes of webhooks, `desk` what the control API
//! asks, `files` what phones and products have handed in, `saved` what outlives a restart.

mod chat;
mod compose;
mod customer;
mod delivery;
mod desk;
mod files;
mod inbound;
mod number;
mod outbound;
mod plan;
mod rates;
mod receipts;
mod refusal;
mod ring;
mod saved;
mod template;

pub(crate) use chat::ChatKey;
pub use chat::{Author, Entry, Tick};
pub use customer::Customer;
pub use delivery::Delivery;
pub(crate) use delivery::{Answered, Outgoing};
pub use desk::{ChatView, Stats};
pub use files::FileView;
pub use inbound::{Inbound, Posted};
pub(crate) use number::{Line, TokenDigest};
pub use number::{Number, NumberView, TokenState};
pub(crate) use outbound::Accepted;
pub use outbound::GraphCall;
pub(crate) use plan::{After, Before, Plan};
pub use refusal::Refusal;
pub use ring::Numbered;
pub(crate) use saved::{NotRestored, Saved};
pub use template::Template;

use crate::clock::Clock;
use crate::config::{EmulatorConfig, Receipts, Retry, Rules};
use crate::faults::Faults;
use crate::webhook::Schedule;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chat::Chats;
use customer::Customers;
use files::Files;
use ring::Ring;
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;
use template::Templates;

/// See the module.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) rules: Rules,
    pub(crate) receipts: Receipts,
    pub(crate) faults: Faults,
    seed: u64,
    started: Instant,
    retry: Retry,
    bounds: crate::config::Bounds,
    numbers: BTreeMap<String, Line>,
    customers: Customers,
    templates: Templates,
    chats: Chats,
    files: Files,
    /// Downloads so far, which tells their faults apart.
    downloads: u64,
    /// Messages of an earlier run that the product may not know all of, by number.
    untold: HashMap<String, Vec<(ChatKey, String)>>,
    schedule: Schedule,
    calls: Ring<GraphCall>,
    deliveries: Ring<Delivery>,
    stats: Stats,
}

impl World {
    pub(crate) fn new(config: &EmulatorConfig) -> Self {
        let bounds = config.bounds.clone();
        Self {
            clock: Clock::default(),
            rules: config.rules.clone(),
            receipts: config.receipts.clone(),
            faults: config.faults.clone(),
            seed: config.seed,
            started: Instant::now(),
            retry: config.retry.clone(),
            numbers: BTreeMap::new(),
            customers: Customers::default(),
            templates: Templates::default(),
            chats: Chats::new(&bounds),
            files: Files::default(),
            downloads: 0,
            untold: HashMap::new(),
            schedule: Schedule::default(),
            calls: Ring::new(bounds.calls),
            deliveries: Ring::new(bounds.deliveries),
            stats: Stats::default(),
            bounds,
        }
    }

    pub(crate) fn line(&self, phone_number_id: &str) -> Option<&Line> {
        self.numbers.get(phone_number_id)
    }

    /// All numbers of an account.
    pub(crate) fn lines_of<'a>(&'a self, waba_id: &'a str) -> impl Iterator<Item = &'a Line> {
        let lines = self.numbers.values();
        lines.filter(move |line| line.number.waba_id == waba_id)
    }

    /// Whether the token opens anything.
    pub(crate) fn is_good(&self, token: TokenDigest) -> bool {
        let mut lines = self.numbers.values();
        lines.any(|line| line.knows(token) && line.token == TokenState::Valid)
    }

    /// A number of a business account: the one whose token it is, if any is.
    pub(crate) fn number_of(&self, waba_id: &str, token: TokenDigest) -> Option<String> {
        let own = || {
            let numbers = self.numbers.iter();
            numbers.filter(|(_, line)| line.number.waba_id == waba_id)
        };
        let found = own().find(|(_, line)| line.knows(token));
        found.or_else(|| own().next()).map(|(id, _)| id.clone())
    }

    /// The templates of a business account, by name and language.
    pub(crate) fn templates_of(&self, waba_id: &str) -> Vec<Template> {
        self.templates.of(waba_id)
    }

    /// Whether any number has this token, revoked or not.
    pub(crate) fn knows_token(&self, token: TokenDigest) -> bool {
        self.numbers.values().any(|line| line.knows(token))
    }

    fn key(&self, number: &str, customer: &str) -> Result<ChatKey, Refusal> {
        if !self.numbers.contains_key(number) {
            return Err(Refusal::UnknownNumber(number.to_owned()));
        }
        if self.customers.get(customer).is_none() {
            return Err(Refusal::UnknownCustomer(customer.to_owned()));
        }
        Ok(ChatKey::new(number, customer))
    }

    fn room_for(&self, updates: usize) -> bool {
        self.schedule.waiting() + self.schedule.in_flight() + updates <= self.bounds.queue
    }
}

/// A new message id in Meta's form. Never the same twice, whatever the seed: a product that
/// keeps its data over a restart of the emulator would take a repeated one for a duplicate.
fn fresh_wamid(peer: &str) -> String {
    let mut bytes = peer.as_bytes().to_vec();
    bytes.extend_from_slice(uuid::Uuid::new_v4().as_bytes());
    format!("wamid.{}", STANDARD.encode(bytes))
}
