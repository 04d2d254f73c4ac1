//! Ticks and statuses: how a phone acknowledges what the business sent, and what the business
//! says of what the customer sent.

use super::chat::{Author, ChatKey, Entry, Tick};
use super::customer::Customer;
use super::plan::Plan;
use super::{Refusal, World};
use crate::config::ReadBy;
use crate::graph::{Draft, GraphError};
use crate::webhook::{Kind, Update};
use serde_json::{Map, Value, json};

/// How long a typing indicator is shown at most (docs/META.md, "Sending").
const TYPING_MS: i64 = 25_000;
const LATE_FAILURE: &str = "The message could not be delivered";

/// The message that a status is about.
pub(super) struct Subject {
    message_id: String,
    tracking: Option<String>,
    /// What it is billed as.
    category: &'static str,
}

impl Subject {
    pub(super) fn of(message_id: &str, draft: &Draft) -> Self {
        let category = match draft.template {
            Some(_) => "utility",
            None => "service",
        };
        Self {
            message_id: message_id.to_owned(),
            tracking: draft.tracking.clone(),
            category,
        }
    }
}

impl World {
    /// Plans the statuses of a message that was accepted.
    pub(super) fn acknowledge(
        &mut self,
        key: &ChatKey,
        customer: &Customer,
        subject: &Subject,
        plan: Plan,
    ) {
        let receipts = self.receipts.clone();
        self.report(key, customer, subject, Tick::Sent, None, receipts.sent_ms);
        if plan.late_failure {
            let error = GraphError::new(131_000, LATE_FAILURE);
            let after = receipts.delivered_ms;
            self.report(key, customer, subject, Tick::Failed, Some(&error), after);
            return;
        }
        let reads = receipts.read == ReadBy::Itself && !customer.hides_reading;
        if !(plan.skipped_delivered && reads) {
            let after = receipts.delivered_ms;
            self.report(key, customer, subject, Tick::Delivered, None, after);
        }
        if reads {
            self.report(key, customer, subject, Tick::Read, None, receipts.read_ms);
        }
        if let Some(entry) = self.chats.message(&subject.message_id) {
            entry.read_planned = reads;
        }
    }

    /// Plans the statuses of a message of an earlier run that the product has not taken.
    pub(super) fn acknowledge_again(&mut self, key: &ChatKey, customer: &Customer, entry: &Entry) {
        let reads = entry.tick == Tick::Read
            || (self.receipts.read == ReadBy::Itself && !customer.hides_reading);
        let subject = Subject {
            message_id: entry.id.clone(),
            tracking: entry.tracking.clone(),
            category: "service",
        };
        if entry.tick == Tick::Failed {
            let error = GraphError::new(131_000, LATE_FAILURE);
            self.report(key, customer, &subject, Tick::Failed, Some(&error), 0);
            return;
        }
        for tick in [Tick::Sent, Tick::Delivered, Tick::Read] {
            if entry.told < Some(tick) && (reads || tick != Tick::Read) {
                self.report(key, customer, &subject, tick, None, 0);
            }
        }
        if let Some(entry) = self.chats.message(&subject.message_id) {
            entry.read_planned = reads;
        }
    }

    /// Plans one status, `after_ms` from now.
    pub(super) fn report(
        &mut self,
        key: &ChatKey,
        customer: &Customer,
        subject: &Subject,
        tick: Tick,
        error: Option<&GraphError>,
        after_ms: u32,
    ) {
        let kind = Kind::Status(tick);
        let at = (self.clock.now_ms() + i64::from(after_ms)) / 1_000;
        let mut body = Map::new();
        body.insert("id".into(), subject.message_id.clone().into());
        body.insert("status".into(), kind.name().into());
        body.insert("timestamp".into(), at.to_string().into());
        let optional = [
            ("recipient_id", &customer.wa_id),
            ("recipient_user_id", &customer.user_id),
            ("biz_opaque_callback_data", &subject.tracking),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                body.insert(name.into(), value.clone().into());
            }
        }
        if matches!(tick, Tick::Sent | Tick::Delivered) {
            let pricing = json!({
                "billable": true,
                "pricing_model": "PMP",
                "type": "regular",
                "category": subject.category,
            });
            body.insert("pricing".into(), pricing);
        }
        if let Some(error) = error {
            body.insert("errors".into(), json!([error.in_status()]));
        }
        let update = Update {
            number: key.number.clone(),
            lane: Some(key.clone()),
            kind,
            message_id: subject.message_id.clone(),
            // `failed` comes without the contact (docs/META.md, "Envelope").
            contact: error.is_none().then(|| customer.contact()),
            body: Value::Object(body),
        };
        self.post(update, after_ms);
    }

    /// The product has read this message and all before it, and may be typing.
    pub(crate) fn mark_read(
        &mut self,
        phone_number_id: &str,
        message_id: &str,
        typing: bool,
    ) -> Result<(), GraphError> {
        let unknown = || GraphError::value("message_id is not a message to this number");
        let until = self.clock.now_ms() + TYPING_MS;
        let (key, index) = self.chats.locate(message_id).cloned().ok_or_else(unknown)?;
        let chat = self
            .chats
            .get_mut(&key)
            .filter(|_| &*key.number == phone_number_id)
            .ok_or_else(unknown)?;
        if chat
            .entry(index)
            .is_none_or(|entry| entry.author != Author::Customer)
        {
            return Err(unknown());
        }
        for entry in &mut chat.entries {
            if entry.index <= index && entry.author == Author::Customer {
                entry.tick = entry.tick.max(Tick::Read);
            }
        }
        if typing {
            chat.typing_until_ms = Some(until);
        }
        chat.revision += 1;
        Ok(())
    }

    /// The customer opens the chat: what arrived is read, if reading waits for that.
    pub(crate) fn open_chat(&mut self, number: &str, customer: &str) -> Result<(), Refusal> {
        let key = self.key(number, customer)?;
        let Some(customer) = self.customers.get(customer).cloned() else {
            return Ok(());
        };
        if self.receipts.read != ReadBy::Opening || customer.hides_reading {
            return Ok(());
        }
        let mut unread = Vec::new();
        for entry in self
            .chats
            .get_mut(&key)
            .into_iter()
            .flat_map(|chat| &mut chat.entries)
        {
            let failed = entry.tick == Tick::Failed;
            if entry.author == Author::Business && !entry.read_planned && !failed {
                entry.read_planned = true;
                unread.push(Subject {
                    message_id: entry.id.clone(),
                    tracking: entry.tracking.clone(),
                    category: "service",
                });
            }
        }
        // Not before `delivered`, which may still be planned.
        let after = self.receipts.delivered_ms;
        for subject in unread {
            self.report(&key, &customer, &subject, Tick::Read, None, after);
        }
        Ok(())
    }
}
