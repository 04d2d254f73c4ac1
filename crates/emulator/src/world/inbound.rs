//! What customers do on their phones, and the business owner on the phone app: messages of
//! every type of docs/META.md, "Messages", put on their way to the product.

use super::World;
use super::chat::{Author, ChatKey, Entry, Tick};
use super::compose::{default_to, object, opens_window};
use super::refusal::Refusal;
use crate::webhook::{Kind, Update};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a customer sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inbound {
    /// Types and sends.
    Text(String),
    /// Taps a reply button of a message in the chat.
    Tap {
        message_id: String,
        button_id: String,
    },
    /// Chooses a row of a list in the chat.
    Choose { message_id: String, row_id: String },
    /// Any message object: `type` and what belongs to it. `from`, `id`, `timestamp` and, for a
    /// file, its id and hash are filled in where they are missing and kept where they are given.
    Message(Value),
}

impl Inbound {
    /// Types and sends `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// A message that is on its way to the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Posted {
    pub message_id: String,
    /// Place in the chat; 0 if the message was there already.
    pub index: u64,
}

impl World {
    /// A customer sends a message; the product gets it `copies` times at once.
    pub(crate) fn receive(
        &mut self,
        number: &str,
        customer: &str,
        inbound: Inbound,
        copies: u16,
    ) -> Result<Posted, Refusal> {
        if !self.room_for(usize::from(copies)) {
            return Err(Refusal::Full("updates"));
        }
        let (posted, update) = self.compose(number, customer, inbound)?;
        if copies == 1 {
            self.post(update, 0);
        } else {
            self.post_copies(&update, copies);
        }
        Ok(posted)
    }

    /// Customers send messages that reach the product in one POST.
    pub(crate) fn receive_together(
        &mut self,
        messages: Vec<(String, String, Inbound)>,
    ) -> Result<Vec<Posted>, Refusal> {
        if !self.room_for(1) {
            return Err(Refusal::Full("updates"));
        }
        let mut updates = Vec::with_capacity(messages.len());
        let mut posted = Vec::with_capacity(messages.len());
        for (number, customer, inbound) in messages {
            let (one, update) = self.compose(&number, &customer, inbound)?;
            posted.push(one);
            updates.push(update);
        }
        self.post_together(updates)?;
        Ok(posted)
    }

    /// Any other change of a number's account, such as a template's new status.
    pub(crate) fn change(
        &mut self,
        number: &str,
        field: String,
        value: Value,
    ) -> Result<(), Refusal> {
        if self.line(number).is_none() {
            return Err(Refusal::UnknownNumber(number.to_owned()));
        }
        if !self.room_for(1) {
            return Err(Refusal::Full("updates"));
        }
        let update = Update {
            number: number.into(),
            lane: None,
            kind: Kind::Change(field),
            message_id: String::new(),
            contact: None,
            body: value,
        };
        self.post(update, 0);
        Ok(())
    }

    /// The business owner writes to a customer on the phone app.
    pub(crate) fn echo(
        &mut self,
        number: &str,
        customer: &str,
        message: Value,
    ) -> Result<Posted, Refusal> {
        let key = self.key(number, customer)?;
        if !self.room_for(1) {
            return Err(Refusal::Full("updates"));
        }
        let Some(customer) = self.customers.get(customer).cloned() else {
            return Err(Refusal::UnknownCustomer(customer.to_owned()));
        };
        let from = self.display_phone(number);
        let now = self.clock.now_ms();
        let mut message = object(message)?;
        default_to(&mut message, "from", || Some(from));
        default_to(&mut message, "to", || customer.wa_id.clone());
        default_to(&mut message, "to_user_id", || customer.user_id.clone());
        self.fill_file(&mut message);
        let id = self.stamp(&mut message, &customer, now);
        let index = self.keep(&key, Author::Owner, &id, &message, now);
        let update = Update {
            number: key.number.clone(),
            lane: Some(key),
            kind: Kind::Echo,
            message_id: id.clone(),
            contact: None,
            body: Value::Object(message),
        };
        self.post(update, 0);
        Ok(Posted {
            message_id: id,
            index,
        })
    }

    fn compose(
        &mut self,
        number: &str,
        customer: &str,
        inbound: Inbound,
    ) -> Result<(Posted, Update), Refusal> {
        let key = self.key(number, customer)?;
        let Some(customer) = self.customers.get(customer).cloned() else {
            return Err(Refusal::UnknownCustomer(customer.to_owned()));
        };
        let mut message = match inbound {
            Inbound::Text(body) => object(json!({"type": "text", "text": {"body": body}}))?,
            Inbound::Tap {
                message_id,
                button_id,
            } => self.tap(&key, &message_id, &button_id)?,
            Inbound::Choose { message_id, row_id } => self.choose(&key, &message_id, &row_id)?,
            Inbound::Message(message) => object(message)?,
        };
        let now = self.clock.now_ms();
        default_to(&mut message, "from", || customer.wa_id.clone());
        default_to(&mut message, "from_user_id", || customer.user_id.clone());
        self.fill_file(&mut message);
        let id = self.stamp(&mut message, &customer, now);
        let index = self.keep(&key, Author::Customer, &id, &message, now);
        if let Some(chat) = self.chats.get_mut(&key)
            && opens_window(&message)
        {
            chat.last_inbound_ms = Some(now);
        }
        let rule = self.rules.throughput_per_second;
        if let (Some(rule), Some(line)) = (rule, self.numbers.get_mut(number)) {
            let rule = line.number.throughput_per_second.unwrap_or(rule);
            line.throughput.count_inbound(now, rule);
        }
        let update = Update {
            number: key.number.clone(),
            lane: Some(key),
            kind: Kind::Message,
            message_id: id.clone(),
            contact: Some(customer.contact()),
            body: Value::Object(message),
        };
        let posted = Posted {
            message_id: id,
            index,
        };
        Ok((posted, update))
    }

    /// Shows it in the chat, unless a message with this id is there already.
    fn keep(
        &mut self,
        key: &ChatKey,
        author: Author,
        id: &str,
        message: &Map<String, Value>,
        now: i64,
    ) -> u64 {
        if self.chats.locate(id).is_some() {
            return 0;
        }
        let entry = Entry {
            index: 0,
            id: id.to_owned(),
            author,
            at_ms: now,
            message: Value::Object(message.clone()),
            tick: Tick::Sent,
            sent_reported: false,
            told: None,
            read_planned: false,
            tracking: None,
        };
        self.chats.push(key, entry)
    }
}
