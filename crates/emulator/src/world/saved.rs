//! What outlives a restart: customers, chats and their service windows. Whoever starts an
//! emulator registers numbers and templates anew (secrets belong into no file); switches, rates,
//! logs and webhooks on their way belong to one run. Once its number is registered again, what
//! the product may not have been told of a chat is told again, as Meta does for days.

use super::World;
use super::chat::{Author, Chat, ChatKey, Entry, Tick};
use super::customer::Customer;
use super::rates::PairRate;
use crate::webhook::{Kind, Update};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use thiserror::Error;

const VERSION: u32 = 1;

/// The world as it is kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    version: u32,
    customers: Vec<Customer>,
    /// In the order in which they began.
    chats: Vec<SavedChat>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedChat {
    number: String,
    customer: String,
    last_index: u64,
    revision: u64,
    last_inbound_ms: Option<i64>,
    entries: Vec<SavedEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedEntry {
    index: u64,
    id: String,
    author: Author,
    at_ms: i64,
    message: Value,
    tick: Tick,
    told: Option<Tick>,
    tracking: Option<String>,
}

/// Why it cannot be taken up.
#[derive(Debug, Error)]
pub(crate) enum NotRestored {
    #[error("it is of version {0}, this emulator's is {VERSION}")]
    Version(u32),
    #[error("a customer is refused: {0}")]
    Customer(&'static str),
}

impl World {
    pub(crate) fn saved(&self) -> Saved {
        let chats = self.chats.in_order().map(|(key, chat)| SavedChat {
            number: key.number.to_string(),
            customer: key.customer.to_string(),
            last_index: chat.last_index,
            revision: chat.revision,
            last_inbound_ms: chat.last_inbound_ms,
            entries: chat.entries.iter().map(SavedEntry::of).collect(),
        });
        Saved {
            version: VERSION,
            customers: self.customers.iter().cloned().collect(),
            chats: chats.collect(),
        }
    }

    /// Takes up what an earlier run left, in a world that has just begun.
    pub(crate) fn restore(&mut self, saved: Saved) -> Result<(), NotRestored> {
        if saved.version != VERSION {
            return Err(NotRestored::Version(saved.version));
        }
        for customer in saved.customers {
            self.customers
                .add(customer)
                .map_err(NotRestored::Customer)?;
        }
        for chat in saved.chats {
            let key = ChatKey::new(&chat.number, &chat.customer);
            for entry in chat.entries.iter().filter(|entry| entry.is_open()) {
                let open = self.untold.entry(chat.number.clone()).or_default();
                open.push((key.clone(), entry.id.clone()));
            }
            let entries: VecDeque<Entry> = chat.entries.into_iter().map(Entry::from).collect();
            let chat = Chat {
                entries,
                last_index: chat.last_index,
                revision: chat.revision,
                last_inbound_ms: chat.last_inbound_ms,
                typing_until_ms: None,
                pair: PairRate::default(),
                sends: 0,
                updates: 0,
            };
            self.chats.put_back(key, chat);
        }
        self.chats.settle();
        Ok(())
    }

    /// Tells the product of what an earlier run may have left untold of this number's chats.
    pub(super) fn tell_again(&mut self, number: &str) {
        for (key, id) in self.untold.remove(number).unwrap_or_default() {
            let customer = self.customers.get(&key.customer).cloned();
            let entry = self.chats.message(&id).cloned();
            let (Some(customer), Some(entry)) = (customer, entry) else {
                continue;
            };
            if !self.room_for(3) {
                return;
            }
            let (kind, contact) = match entry.author {
                Author::Business => {
                    self.acknowledge_again(&key, &customer, &entry);
                    continue;
                }
                Author::Customer => (Kind::Message, Some(customer.contact())),
                Author::Owner => (Kind::Echo, None),
            };
            let update = Update {
                number: key.number.clone(),
                lane: Some(key),
                kind,
                message_id: entry.id,
                contact,
                body: entry.message,
            };
            self.post(update, 0);
        }
    }
}

impl SavedEntry {
    fn of(entry: &Entry) -> Self {
        Self {
            index: entry.index,
            id: entry.id.clone(),
            author: entry.author,
            at_ms: entry.at_ms,
            message: entry.message.clone(),
            tick: entry.tick,
            told: entry.told,
            tracking: entry.tracking.clone(),
        }
    }

    /// Whether the product may not know all of it.
    fn is_open(&self) -> bool {
        match self.author {
            Author::Business => self.told < Some(Tick::Read),
            Author::Customer | Author::Owner => self.tick < Tick::Delivered,
        }
    }
}

impl From<SavedEntry> for Entry {
    fn from(saved: SavedEntry) -> Self {
        Self {
            index: saved.index,
            id: saved.id,
            author: saved.author,
            at_ms: saved.at_ms,
            message: saved.message,
            tick: saved.tick,
            sent_reported: saved.told.is_some(),
            told: saved.told,
            read_planned: saved.told >= Some(Tick::Read),
            tracking: saved.tracking,
        }
    }
}
