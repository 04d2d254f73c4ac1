//! What a business does through the Graph API, judged by the rules that need to know the world:
//! throughput, recipient, pair rate, window, templates. What becomes of an accepted message is
//! in `receipts`.

use super::chat::{Author, ChatKey, Entry, Tick};
use super::customer::Customer;
use super::plan::Plan;
use super::receipts::Subject;
use super::{World, fresh_wamid};
use crate::config::RefusedIn;
use crate::graph::{Draft, GraphError, Recipient};
use serde::Serialize;
use serde_json::Value;

/// A call to the Graph API as it was received, without its credentials.
#[derive(Clone, Debug, Serialize)]
pub struct GraphCall {
    pub at_ms: i64,
    pub path: String,
    /// The body; a bare string if it was not JSON, `null` if it was too long to be kept.
    pub body: Value,
    /// HTTP status of the answer; `None` if the connection was closed without one.
    pub status: Option<u16>,
    /// Meta's error code, if it was refused.
    pub code: Option<u32>,
    /// The message that it made, if it was accepted.
    pub message_id: Option<String>,
}

/// A message that Meta took.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) message_id: String,
    pub(crate) input: String,
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: Option<String>,
}

impl World {
    pub(crate) fn record_call(&mut self, call: GraphCall) {
        match call.code {
            Some(code) => *self.stats.refused.entry(code).or_default() += 1,
            None if call.message_id.is_some() => self.stats.accepted += 1,
            None => {}
        }
        self.calls.push(call);
    }

    pub(super) fn recipient(&self, draft: &Draft) -> Option<&Customer> {
        match &draft.to {
            Recipient::Phone(phone) => self.customers.by_phone(phone),
            Recipient::UserId(id) => self.customers.by_user_id(id),
        }
    }

    /// Accepts or refuses a message whose form is right.
    pub(crate) fn accept(
        &mut self,
        phone_number_id: &str,
        draft: Draft,
        plan: Plan,
    ) -> Result<Accepted, GraphError> {
        let now = self.clock.now_ms();
        self.within_throughput(phone_number_id, now)?;
        if !self.room_for(4) {
            return Err(GraphError::new(131_016, "The emulator's queue is full"));
        }
        let customer = match self.recipient(&draft).cloned() {
            Some(customer) => customer,
            None if self.rules.known_recipients => {
                let error = GraphError::new(131_026, "The recipient is not on WhatsApp");
                return self.refuse_early_or_late(phone_number_id, None, draft, error);
            }
            None => self.adopt(&draft)?,
        };
        let line = self
            .line(phone_number_id)
            .ok_or_else(|| GraphError::no_object(phone_number_id))?;
        if customer.wa_id.as_deref() == Some(&line.number.display_phone_number) {
            return Err(GraphError::new(
                131_021,
                "Sender and recipient are the same",
            ));
        }
        let shown = self.as_shown(phone_number_id, &draft)?;
        let key = ChatKey::new(phone_number_id, customer.id());
        self.within_pair_rate(&key, now)?;
        if draft.template.is_none() && !self.window_is_open(&key, now) {
            let error = GraphError::new(
                131_047,
                "More than 24 hours have passed since the customer last replied to this number",
            );
            return self.refuse_early_or_late(phone_number_id, Some(&customer), draft, error);
        }

        let message_id = fresh_wamid(customer.id());
        self.chats.push(
            &key,
            Entry {
                index: 0,
                id: message_id.clone(),
                author: Author::Business,
                at_ms: now,
                message: shown,
                tick: Tick::Accepted,
                sent_reported: false,
                told: None,
                read_planned: false,
                tracking: draft.tracking.clone(),
            },
        );
        if let Some(chat) = self.chats.get_mut(&key) {
            chat.typing_until_ms = None;
        }
        self.acknowledge(&key, &customer, &Subject::of(&message_id, &draft), plan);
        Ok(Accepted {
            message_id,
            input: draft.input,
            wa_id: customer.wa_id,
            user_id: customer.user_id,
        })
    }

    fn within_throughput(&mut self, number: &str, now: i64) -> Result<(), GraphError> {
        let rule = self.rules.throughput_per_second;
        let Some(line) = self.numbers.get_mut(number) else {
            return Ok(());
        };
        let Some(rule) = rule.map(|all| line.number.throughput_per_second.unwrap_or(all)) else {
            return Ok(());
        };
        if line.throughput.take(now, rule) {
            Ok(())
        } else {
            Err(GraphError::new(
                130_429,
                format!("More than {rule} messages a second from this number"),
            ))
        }
    }

    fn within_pair_rate(&mut self, key: &ChatKey, now: i64) -> Result<(), GraphError> {
        let Some(rule) = &self.rules.pair else {
            return Ok(());
        };
        if self.chats.open(key).pair.take(now, rule) {
            Ok(())
        } else {
            Err(GraphError::new(
                131_056,
                "Too many messages from this number to this recipient",
            ))
        }
    }

    fn window_is_open(&self, key: &ChatKey, now: i64) -> bool {
        let Some(seconds) = self.rules.window_seconds else {
            return true;
        };
        let window = i64::try_from(seconds)
            .unwrap_or(i64::MAX)
            .saturating_mul(1_000);
        let last = self.chats.get(key).and_then(|chat| chat.last_inbound_ms);
        last.is_some_and(|last| now.saturating_sub(last) < window)
    }

    /// With the rule for known recipients off, whoever is written to has WhatsApp.
    fn adopt(&mut self, draft: &Draft) -> Result<Customer, GraphError> {
        let unknown = match &draft.to {
            Recipient::Phone(phone) => {
                let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
                Customer::new(&digits, &digits)
            }
            Recipient::UserId(id) => Customer {
                name: id.clone(),
                user_id: Some(id.clone()),
                ..Customer::default()
            },
        };
        self.add_customer(unknown)
            .map_err(|refusal| GraphError::value(refusal.to_string()))
    }

    /// The message as the phone gets it. Also checks what it refers to.
    fn as_shown(&mut self, number: &str, draft: &Draft) -> Result<Value, GraphError> {
        let mut shown = draft.message.clone();
        if let Some(target) = shown
            .pointer("/reaction/message_id")
            .and_then(Value::as_str)
            && self.chats.locate(target).is_none()
        {
            return Err(GraphError::value("reaction.message_id is not known"));
        }
        self.check_file(number, &shown)?;
        let Some(used) = &draft.template else {
            return Ok(shown);
        };
        let waba = self.line(number).map(|line| line.number.waba_id.clone());
        let template = self
            .templates
            .get(
                waba.as_deref().unwrap_or_default(),
                &used.name,
                &used.language,
            )
            .ok_or_else(|| {
                GraphError::new(
                    132_001,
                    format!("Template {} does not exist in {}", used.name, used.language),
                )
            })?;
        if let Some(code) = template.refusal() {
            let details = format!("Template {} is {}", used.name, template.status);
            return Err(GraphError::new(code, details));
        }
        if template.parameters() != used.body_parameters.len() {
            return Err(GraphError::new(
                132_000,
                format!(
                    "The body has {} parameters, {} were given",
                    template.parameters(),
                    used.body_parameters.len()
                ),
            ));
        }
        if let Some(fields) = shown.as_object_mut() {
            fields.insert(
                "rendered".into(),
                template.filled(&used.body_parameters).into(),
            );
            let buttons = template.buttons();
            if !buttons.is_empty() {
                fields.insert("buttons".into(), buttons.into());
            }
        }
        Ok(shown)
    }

    /// A file that is sent by its id is one that was uploaded for this number; a voice message is
    /// Ogg with Opus.
    fn check_file(&self, number: &str, shown: &Value) -> Result<(), GraphError> {
        let kind = shown
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(part) = shown.get(kind) else {
            return Ok(());
        };
        let Some(id) = part.get("id").and_then(Value::as_str) else {
            return Ok(());
        };
        let mime_type = &self.sendable(number, id)?.view.mime_type;
        let family = mime_type.split('/').next().unwrap_or_default();
        let fits = match kind {
            "image" => matches!(mime_type.as_str(), "image/jpeg" | "image/png"),
            "sticker" => mime_type == "image/webp",
            "video" | "audio" => family == kind,
            _ => true,
        };
        let voice = part.get("voice").and_then(Value::as_bool) == Some(true);
        if !fits || voice && !mime_type.starts_with("audio/ogg") {
            let details = format!("A file of type {mime_type} cannot be sent as {kind}");
            return Err(GraphError::new(131_053, details));
        }
        Ok(())
    }

    /// Refuses in the answer, or accepts and lets a `failed` status say why.
    fn refuse_early_or_late(
        &mut self,
        number: &str,
        customer: Option<&Customer>,
        draft: Draft,
        error: GraphError,
    ) -> Result<Accepted, GraphError> {
        if self.rules.refusals == RefusedIn::Answer {
            return Err(error);
        }
        let message_id = fresh_wamid(&draft.input);
        let unknown;
        let customer = match customer {
            Some(customer) => customer,
            None => {
                unknown = Customer::new(&draft.input, "");
                &unknown
            }
        };
        let key = ChatKey::new(number, customer.id());
        let subject = Subject::of(&message_id, &draft);
        self.report(&key, customer, &subject, Tick::Failed, Some(&error), 0);
        Ok(Accepted {
            message_id,
            wa_id: customer.wa_id.clone(),
            user_id: customer.user_id.clone(),
            input: draft.input,
        })
    }
}
