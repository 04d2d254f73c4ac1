//! A verified delivery, taken apart: every entry, change, message, status and echo becomes one
//! [`Item`]; what is of another kind or shape becomes a notice that holds it whole. Nothing is
//! dropped, and one damaged element does not touch the others.

use crate::parse;
use crate::text;
use papo_domain::ports::InboxItem;
use serde_json::Value;
use thiserror::Error;

/// One thing that Meta told us.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The WhatsApp Business account, `entry[].id`; empty if the entry names none.
    pub account: String,
    /// The phone number id, where the change has metadata. Account news have none.
    pub number: Option<String>,
    /// The same for every copy of this item and for no other item of the channel: the wamid,
    /// `wamid:status[:participant]`, or a digest.
    pub external_id: String,
    pub item: InboxItem,
}

impl Item {
    /// The provider's id of the number, or else of the account, that this belongs to.
    #[must_use]
    pub fn route(&self) -> &str {
        self.number.as_deref().unwrap_or(&self.account)
    }
}

/// Why a body is no delivery. Each of them is answered with 400.
#[derive(Debug, Error)]
pub enum EnvelopeError {
    #[error("the body is not UTF-8")]
    NotUtf8(#[source] std::str::Utf8Error),
    /// Not JSON, cut off, or nested deeper than 127 levels.
    #[error("the body is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// JSON without a list of entries.
    #[error("the body has no entries")]
    NoEntries,
}

/// Takes a delivery apart. Only for bodies whose signature was verified.
///
/// # Errors
/// The body as a whole is no delivery. A damaged part of it is no error.
pub fn read_items(body: &[u8]) -> Result<Vec<Item>, EnvelopeError> {
    let document = decode(body)?;
    let Some(entries) = document.get("entry").and_then(Value::as_array) else {
        return Err(EnvelopeError::NoEntries);
    };
    let mut items = Vec::new();
    for entry in entries {
        let account = entry.get("id").and_then(parse::name).unwrap_or_default();
        let time = entry.get("time");
        match entry.get("changes").and_then(Value::as_array) {
            Some(changes) => {
                for change in changes {
                    read_change(&account, time, change, &mut items);
                }
            }
            None => {
                let (external_id, item) = parse::notice("entry", time, entry.clone());
                items.push(Item {
                    account,
                    number: None,
                    external_id,
                    item,
                });
            }
        }
    }
    Ok(items)
}

fn read_change(account: &str, time: Option<&Value>, change: &Value, items: &mut Vec<Item>) {
    let field = change.get("field").and_then(Value::as_str);
    let value = change.get("value");
    let number = value
        .and_then(|value| value.get("metadata"))
        .and_then(|metadata| metadata.get("phone_number_id"))
        .and_then(parse::name);
    let found = match (field, value) {
        (Some(field), Some(value)) => parse::change(field, time, value),
        _ => vec![parse::notice("change", time, change.clone())],
    };
    items.extend(found.into_iter().map(|(external_id, item)| Item {
        account: account.to_owned(),
        number: number.clone(),
        external_id,
        item,
    }));
}

fn decode(body: &[u8]) -> Result<Value, EnvelopeError> {
    let json = std::str::from_utf8(body).map_err(EnvelopeError::NotUtf8)?;
    let document = serde_json::from_str(json).or_else(|error| match text::mend_surrogates(json) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    });
    let mut document = document.map_err(EnvelopeError::NotJson)?;
    if text::may_hold_nul(json) {
        text::clean_value(&mut document);
    }
    Ok(document)
}
