//! Domain values as column values, and back. What enters the database passes here: `\u0000`,
//! which no text of PostgreSQL can hold, becomes U+FFFD.

use crate::engine::fault::Fault;
use papo_domain::Timestamp;
use papo_domain::conversation::{Originator, Owner, SendClass, Sender};
use papo_domain::ids::UserId;
use papo_domain::ports::ClaimId;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// Text without U+0000.
pub(crate) fn text(value: &str) -> Cow<'_, str> {
    if value.contains('\0') {
        Cow::Owned(value.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(value)
    }
}

/// JSON without escaped U+0000, at any depth, keys included.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Fault> {
    let written = serde_json::to_string(value).map_err(|e| Fault::Data(e.to_string()))?;
    if !written.contains("\\u0000") {
        return Ok(written);
    }
    let mut out = String::with_capacity(written.len());
    let mut rest = written.as_str();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        // An escape is two characters, or six after `\u`; only a real one may be replaced,
        // not the tail of `\\u0000`.
        let length = if escape.starts_with("\\u") { 6 } else { 2 };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(if escape == "\\u0000" {
            "\\ufffd"
        } else {
            escape
        });
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// JSON as it was stored.
pub(crate) fn from_json<'a, T: Deserialize<'a>>(
    place: &'static str,
    stored: &'a str,
) -> Result<T, Fault> {
    serde_json::from_str(stored).map_err(|_error| Fault::Corrupt(place.to_owned()))
}

/// The stored word of an enum without data.
pub(crate) fn word(value: &impl Serialize) -> Result<String, Fault> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Fault::Data("not a word".to_owned())),
    }
}

/// The enum of a stored word.
pub(crate) fn from_word<'a, T: Deserialize<'a>>(
    place: &'static str,
    stored: &'a str,
) -> Result<T, Fault> {
    let words: StrDeserializer<'a, serde::de::value::Error> = stored.into_deserializer();
    T::deserialize(words).map_err(|_error| Fault::Corrupt(place.to_owned()))
}

/// A claim's name is its moment. No message is claimed twice in one transaction, and a shard's
/// transactions follow one another.
pub(crate) fn claim_id(claimed_at: Timestamp) -> ClaimId {
    ClaimId(claimed_at.timestamp_micros())
}

/// As it stands in `outbox.claimed_at`, to the microsecond.
pub(crate) fn claimed_at(claim: ClaimId) -> Timestamp {
    Timestamp::from_timestamp_micros(claim.0).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A count or number as `bigint`.
pub(crate) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A stored `bigint` that is never negative.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

/// Word and user of a sender.
pub(crate) fn sender(value: Sender) -> (&'static str, Option<Uuid>) {
    (value.name(), value.user().map(|user| user.0))
}

/// The sender of word and user.
pub(crate) fn from_sender(word: &str, user: Option<Uuid>) -> Result<Sender, Fault> {
    match (word, user) {
        ("customer", _) => Ok(Sender::Customer),
        ("bot", _) => Ok(Sender::Bot),
        ("attendant", Some(user)) => Ok(Sender::Attendant(UserId(user))),
        ("phone", _) => Ok(Sender::Phone),
        ("system", _) => Ok(Sender::System),
        _ => Err(Fault::Corrupt("messages.sender".to_owned())),
    }
}

/// Word and user of a person who leads.
pub(crate) fn owner(value: Option<Owner>) -> (Option<&'static str>, Option<Uuid>) {
    match value {
        None => (None, None),
        Some(Owner::User(user)) => (Some("user"), Some(user.0)),
        Some(Owner::Phone) => (Some("phone"), None),
    }
}

/// Word and user of whoever caused something.
pub(crate) fn originator(value: Originator) -> (&'static str, Option<Uuid>) {
    match value {
        Originator::Customer => ("customer", None),
        Originator::Bot => ("bot", None),
        Originator::User(user) => ("user", Some(user.0)),
        Originator::Phone => ("phone", None),
        Originator::System => ("system", None),
    }
}

/// The stored number of a send class: the order in which tokens are spent.
pub(crate) fn class(value: SendClass) -> i16 {
    match value {
        SendClass::Human => 0,
        SendClass::Bot => 1,
        SendClass::Campaign => 2,
    }
}

/// The send class of a stored number.
pub(crate) fn from_class(value: i16) -> SendClass {
    match value {
        0 => SendClass::Human,
        1 => SendClass::Bot,
        _ => SendClass::Campaign,
    }
}

#[cfg(test)]
mod tests {
    use super::{from_word, json, text, word};
    use papo_domain::MessageKind;
    use serde_json::{Value, json as value};

    #[test]
    fn nul_becomes_the_replacement_character() {
        assert_eq!(text("a\0b"), "a\u{FFFD}b");
        assert_eq!(text("ab"), "ab");
        let nasty = value!({
            "k\0": "x\0y",
            "kept": "literal \\u0000 and \\\0",
            "deep": [{ "a": "\0" }],
            "other": "\u{1}é\n"
        });
        let stored = json(&nasty).unwrap();
        let back: Value = serde_json::from_str(&stored).unwrap();
        assert_eq!(
            back,
            value!({
                "k\u{FFFD}": "x\u{FFFD}y",
                "kept": "literal \\u0000 and \\\u{FFFD}",
                "deep": [{ "a": "\u{FFFD}" }],
                "other": "\u{1}é\n"
            })
        );
    }

    #[test]
    fn words_come_back() {
        for kind in [MessageKind::Text, MessageKind::RequestWelcome] {
            let stored = word(&kind).unwrap();
            assert_eq!(from_word::<MessageKind>("kind", &stored), Ok(kind));
        }
        assert!(from_word::<MessageKind>("kind", "nonsense").is_err());
    }
}
