//! One number's chat with one customer, as the customer's phone shows it, and all chats together.

use super::rates::PairRate;
use crate::config::Bounds;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Names a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ChatKey {
    pub(crate) number: Arc<str>,
    /// [`super::Customer::id`].
    pub(crate) customer: Arc<str>,
}

impl ChatKey {
    pub(crate) fn new(number: &str, customer: &str) -> Self {
        Self {
            number: number.into(),
            customer: customer.into(),
        }
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Customer,
    /// The business through the API.
    Business,
    /// The business owner on the phone app of a coexistence number.
    Owner,
}

/// How far a message got. For the customer's own: `sent` when Meta has it, `delivered` when the
/// product answered its webhook with 200, `read` by the product's read receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    Accepted,
    Sent,
    Delivered,
    Read,
    Failed,
}

/// A message of a chat.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Place in the chat, from 1.
    pub index: u64,
    pub id: String,
    pub author: Author,
    /// Milliseconds since the epoch by the emulator's clock.
    pub at_ms: i64,
    /// `type`, the object of that type, and `context` if any: as sent through the API, or as it
    /// went into the webhook.
    pub message: Value,
    pub tick: Tick,
    /// Whether the product has been told `sent`.
    #[serde(skip)]
    pub(crate) sent_reported: bool,
    /// The furthest status that the product has taken.
    #[serde(skip)]
    pub(crate) told: Option<Tick>,
    /// Whether a `read` status is already on its way.
    #[serde(skip)]
    pub(crate) read_planned: bool,
    /// The business's `biz_opaque_callback_data`.
    #[serde(skip)]
    pub(crate) tracking: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Chat {
    pub(crate) entries: VecDeque<Entry>,
    pub(crate) last_index: u64,
    /// Raised by every visible change; what a waiting phone compares.
    pub(crate) revision: u64,
    pub(crate) last_inbound_ms: Option<i64>,
    pub(crate) typing_until_ms: Option<i64>,
    pub(crate) pair: PairRate,
    /// Occasions for the dice.
    pub(crate) sends: u64,
    pub(crate) updates: u64,
}

impl Chat {
    pub(crate) fn entry(&mut self, index: u64) -> Option<&mut Entry> {
        let at = self.entries.partition_point(|entry| entry.index < index);
        self.entries
            .get_mut(at)
            .filter(|entry| entry.index == index)
    }

    /// Moves a tick forward, never back.
    pub(crate) fn advance(&mut self, index: u64, tick: Tick) {
        if let Some(entry) = self.entry(index)
            && entry.tick < tick
        {
            entry.tick = tick;
            self.revision += 1;
        }
    }
}

/// All chats, and where each message lies.
#[derive(Debug)]
pub(crate) struct Chats {
    by_key: HashMap<ChatKey, Chat>,
    order: VecDeque<ChatKey>,
    by_message: HashMap<String, (ChatKey, u64)>,
    /// Every message in the order of arrival; may name some that are gone already.
    recent: VecDeque<(ChatKey, u64)>,
    bounds: Bounds,
}

impl Chats {
    pub(crate) fn new(bounds: &Bounds) -> Self {
        Self {
            by_key: HashMap::new(),
            order: VecDeque::new(),
            by_message: HashMap::new(),
            recent: VecDeque::new(),
            bounds: bounds.clone(),
        }
    }

    pub(crate) fn get(&self, key: &ChatKey) -> Option<&Chat> {
        self.by_key.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &ChatKey) -> Option<&mut Chat> {
        self.by_key.get_mut(key)
    }

    /// The chat, begun if it is new; then the oldest one may be forgotten.
    pub(crate) fn open(&mut self, key: &ChatKey) -> &mut Chat {
        if !self.by_key.contains_key(key) {
            self.order.push_back(key.clone());
            if self.order.len() > self.bounds.chats.max(1)
                && let Some(oldest) = self.order.pop_front()
                && let Some(chat) = self.by_key.remove(&oldest)
            {
                for entry in chat.entries {
                    self.by_message.remove(&entry.id);
                }
            }
        }
        self.by_key.entry(key.clone()).or_default()
    }

    /// Adds a message; its index is given here.
    pub(crate) fn push(&mut self, key: &ChatKey, mut entry: Entry) -> u64 {
        let most = self.bounds.transcript.max(1);
        let id = entry.id.clone();
        let chat = self.open(key);
        chat.last_index += 1;
        chat.revision += 1;
        let index = chat.last_index;
        entry.index = index;
        chat.entries.push_back(entry);
        let pushed_out = if chat.entries.len() > most {
            chat.entries.pop_front()
        } else {
            None
        };
        if let Some(old) = pushed_out {
            self.by_message.remove(&old.id);
        }
        self.by_message.insert(id, (key.clone(), index));
        self.recent.push_back((key.clone(), index));
        if self.recent.len() > self.bounds.messages.max(1) {
            self.forget_oldest_message();
        }
        index
    }

    fn forget_oldest_message(&mut self) {
        if let Some((key, index)) = self.recent.pop_front()
            && let Some(chat) = self.by_key.get_mut(&key)
            && chat
                .entries
                .front()
                .is_some_and(|entry| entry.index == index)
            && let Some(old) = chat.entries.pop_front()
        {
            self.by_message.remove(&old.id);
        }
    }

    pub(crate) fn locate(&self, message_id: &str) -> Option<&(ChatKey, u64)> {
        self.by_message.get(message_id)
    }

    pub(crate) fn message(&mut self, message_id: &str) -> Option<&mut Entry> {
        let (key, index) = self.by_message.get(message_id)?;
        self.by_key.get_mut(key)?.entry(*index)
    }

    /// Moves a message's tick forward, never back.
    pub(crate) fn advance(&mut self, message_id: &str, tick: Tick) {
        if let Some((key, index)) = self.by_message.get(message_id)
            && let Some(chat) = self.by_key.get_mut(key)
        {
            chat.advance(*index, tick);
        }
    }

    /// All of them, the oldest first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&ChatKey, &Chat)> {
        let chat = |key| Some((key, self.by_key.get(key)?));
        self.order.iter().filter_map(chat)
    }

    /// Puts back a chat as it was; [`Chats::settle`] follows the last one.
    pub(super) fn put_back(&mut self, key: ChatKey, mut chat: Chat) {
        while chat.entries.len() > self.bounds.transcript.max(1) {
            chat.entries.pop_front();
        }
        self.open(&key);
        for entry in &chat.entries {
            let at = (key.clone(), entry.index);
            self.by_message.insert(entry.id.clone(), at.clone());
            self.recent.push_back(at);
        }
        self.by_key.insert(key, chat);
    }

    /// Brings the messages of all chats into the order of their arrival, within the bound.
    pub(super) fn settle(&mut self) {
        let mut recent: Vec<_> = std::mem::take(&mut self.recent).into();
        recent.sort_by_cached_key(|(key, index)| {
            let chat = self.by_key.get_mut(key);
            chat.and_then(|chat| Some((chat.entry(*index)?.at_ms, *index)))
        });
        self.recent = recent.into();
        while self.recent.len() > self.bounds.messages.max(1) {
            self.forget_oldest_message();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.by_key.clear();
        self.order.clear();
        self.by_message.clear();
        self.recent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Author, ChatKey, Chats, Entry, Tick};
    use crate::config::Bounds;
    use serde_json::Value;

    fn chats(chats: usize, transcript: usize, messages: usize) -> Chats {
        Chats::new(&Bounds {
            chats,
            transcript,
            messages,
            ..Bounds::default()
        })
    }

    fn entry(id: &str) -> Entry {
        Entry {
            index: 0,
            id: id.into(),
            author: Author::Customer,
            at_ms: 0,
            message: Value::Null,
            tick: Tick::Sent,
            sent_reported: false,
            told: None,
            read_planned: false,
            tracking: None,
        }
    }

    #[test]
    fn ticks_only_move_forward() {
        let (mut chats, key) = (chats(1, 10, 10), ChatKey::new("1", "2"));
        chats.push(&key, entry("a"));
        chats.advance("a", Tick::Read);
        chats.advance("a", Tick::Delivered);
        assert_eq!(chats.message("a").unwrap().tick, Tick::Read);
    }

    #[test]
    fn what_is_pushed_out_cannot_be_found() {
        let (mut chats, key) = (chats(1, 2, 10), ChatKey::new("1", "2"));
        for id in ["a", "b", "c"] {
            chats.push(&key, entry(id));
        }
        assert!(chats.message("a").is_none());
        assert_eq!(chats.message("b").unwrap().index, 2);

        chats.push(&ChatKey::new("1", "3"), entry("d"));
        assert!(chats.get(&key).is_none(), "the older chat is forgotten");
        assert!(chats.message("c").is_none());
        assert!(chats.message("d").is_some());
    }

    #[test]
    fn the_oldest_of_all_messages_goes_first() {
        let mut chats = chats(9, 9, 3);
        let (ana, rui) = (ChatKey::new("1", "ana"), ChatKey::new("1", "rui"));
        for (key, id) in [
            (&ana, "a"),
            (&rui, "b"),
            (&ana, "c"),
            (&ana, "d"),
            (&rui, "e"),
        ] {
            chats.push(key, entry(id));
        }
        let gone: Vec<_> = ["a", "b", "c", "d", "e"]
            .into_iter()
            .filter(|id| chats.message(id).is_none())
            .collect();
        assert_eq!(gone, ["a", "b"]);
        assert_eq!(chats.get(&ana).unwrap().entries.len(), 2);
    }
}
