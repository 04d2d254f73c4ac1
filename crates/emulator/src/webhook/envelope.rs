//! The body of a webhook call (docs/META.md, "Envelope"): updates in `entry` by business account, in
//! `changes` by number and field. Written as Meta writes it, with `\/` and `\u00e9`, so that a
//! receiver that verifies a re-serialised body fails here and not first in production.

use super::update::Update;
use crate::world::Line;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Map, Value, json};
use std::io;

/// The most elements in one change, so that big batches come in several.
const PER_CHANGE: usize = 10;

/// The signed body for these updates; `line` finds a number. Updates of unknown numbers are
/// left out.
pub(crate) fn wrap<'a>(updates: &[Update], line: impl Fn(&str) -> Option<&'a Line>) -> Vec<u8> {
    let mut accounts: Vec<Account> = Vec::new();
    for update in updates {
        let Some(line) = line(&update.number) else {
            continue;
        };
        let waba = &line.number.waba_id;
        let account = match accounts.iter().position(|account| account.waba == *waba) {
            Some(at) => accounts.get_mut(at),
            None => {
                accounts.push(Account::new(waba));
                accounts.last_mut()
            }
        };
        if let Some(account) = account {
            account.add(update, line);
        }
    }
    let entries: Vec<Value> = accounts.into_iter().map(Account::finish).collect();
    escaped(&json!({"object": "whatsapp_business_account", "entry": entries}))
}

struct Account<'a> {
    waba: &'a str,
    changes: Vec<Value>,
    open: Option<Change>,
}

/// A change that may still take elements.
struct Change {
    number: String,
    list: &'static str,
    field: String,
    metadata: Value,
    contacts: Vec<Value>,
    elements: Vec<Value>,
}

impl<'a> Account<'a> {
    fn new(waba: &'a str) -> Self {
        Self {
            waba,
            changes: Vec::new(),
            open: None,
        }
    }

    fn add(&mut self, update: &Update, line: &Line) {
        let Some(list) = update.kind.list() else {
            self.close();
            self.changes
                .push(json!({"value": update.body, "field": update.kind.field()}));
            return;
        };
        let fits = self.open.as_ref().is_some_and(|open| {
            open.number == line.number.phone_number_id
                && open.list == list
                && open.elements.len() < PER_CHANGE
        });
        if !fits {
            self.close();
        }
        let open = self.open.get_or_insert_with(|| Change {
            number: line.number.phone_number_id.clone(),
            list,
            field: update.kind.field().to_owned(),
            metadata: json!({
                "display_phone_number": line.number.display_phone_number,
                "phone_number_id": line.number.phone_number_id,
            }),
            contacts: Vec::new(),
            elements: Vec::new(),
        });
        if let Some(contact) = &update.contact
            && !open.contacts.contains(contact)
        {
            open.contacts.push(contact.clone());
        }
        open.elements.push(update.body.clone());
    }

    fn close(&mut self) {
        if let Some(change) = self.open.take() {
            let mut value = Map::new();
            value.insert("messaging_product".into(), "whatsapp".into());
            value.insert("metadata".into(), change.metadata);
            if !change.contacts.is_empty() {
                value.insert("contacts".into(), change.contacts.into());
            }
            value.insert(change.list.into(), change.elements.into());
            self.changes
                .push(json!({"value": value, "field": change.field}));
        }
    }

    fn finish(mut self) -> Value {
        self.close();
        json!({"id": self.waba, "changes": self.changes})
    }
}

/// JSON bytes with slashes and everything beyond ASCII escaped.
pub(crate) fn escaped(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A Value always serialises, and writing to a Vec cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, AsciiOnly));
    bytes
}

struct AsciiOnly;

impl Formatter for AsciiOnly {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for letter in fragment.chars() {
            match letter {
                '/' => writer.write_all(br"\/")?,
                ascii if ascii.is_ascii() => write!(writer, "{ascii}")?,
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;
    use serde_json::{Value, json};

    #[test]
    fn beyond_ascii_and_slashes_are_escaped_and_come_back() {
        let value = json!({"á/b": "Olá 👋 \"x\"\n"});
        let bytes = escaped(&value);
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"\u00e1\/b":"Ol\u00e1 \ud83d\udc4b \"x\"\n"}"#
        );
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
    }
}
