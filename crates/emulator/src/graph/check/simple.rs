//! Types without choices: text, media, place, contact cards, reaction.

use super::{Fields, array, link, object, object_of, optional_text, text as required_text};
use crate::graph::error::GraphError;
use serde_json::Value;

const TEXT_MAX: usize = 4_096;
const CAPTION_MAX: usize = 1_024;
const CONTACTS_MAX: usize = 257;

pub(super) fn text(fields: &Fields) -> Result<(), GraphError> {
    let body = fields
        .get("body")
        .ok_or_else(|| GraphError::missing("text.body"))?
        .as_str()
        .ok_or_else(|| GraphError::value("text.body must be a string"))?;
    // The body's length is refused as a bad parameter, unlike every other length.
    match body.chars().count() {
        0 => Err(GraphError::parameter("text.body must not be empty")),
        1..=TEXT_MAX => Ok(()),
        length => Err(GraphError::parameter(format!(
            "text.body must be at most {TEXT_MAX} characters, has {length}"
        ))),
    }
}

/// Exactly one of an uploaded id and a link; a caption where the type can show one.
pub(super) fn media(kind: &str, fields: &Fields) -> Result<(), GraphError> {
    match (fields.get("id"), fields.get("link")) {
        (Some(_), Some(_)) => {
            return Err(GraphError::value(format!("{kind} has both id and link")));
        }
        (Some(_), None) => {
            required_text(fields, kind, "id", 200)?;
        }
        (None, Some(_)) => link(fields, kind, "link")?,
        (None, None) => return Err(GraphError::missing(&format!("{kind}.id or {kind}.link"))),
    }
    let caption = optional_text(fields, kind, "caption", CAPTION_MAX)?;
    if caption.is_some() && !matches!(kind, "image" | "video" | "document") {
        return Err(GraphError::value(format!("{kind} has no caption")));
    }
    let filename = optional_text(fields, kind, "filename", 240)?;
    if filename.is_some() && kind != "document" {
        return Err(GraphError::value(format!("{kind} has no filename")));
    }
    Ok(())
}

pub(super) fn location(fields: &Fields) -> Result<(), GraphError> {
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let value = fields
            .get(key)
            .ok_or_else(|| GraphError::missing(&format!("location.{key}")))?;
        // Meta takes numbers and numbers in quotes.
        let degrees = value
            .as_f64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        if !degrees.is_some_and(|degrees: f64| degrees.abs() <= most) {
            return Err(GraphError::value(format!(
                "location.{key} must be a number between -{most} and {most}"
            )));
        }
    }
    optional_text(fields, "location", "name", 1_000)?;
    optional_text(fields, "location", "address", 1_000)?;
    Ok(())
}

pub(super) fn contacts(fields: &Fields) -> Result<&Value, GraphError> {
    let cards = array(fields, "", "contacts", 1, CONTACTS_MAX)?;
    for card in cards {
        let name = object(object_of(card, "contacts[]")?, "contacts[]", "name")?;
        required_text(name, "contacts[].name", "formatted_name", 1_000)?;
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        if !parts.iter().any(|part| name.contains_key(*part)) {
            return Err(GraphError::missing("contacts[].name.first_name"));
        }
    }
    fields
        .get("contacts")
        .ok_or_else(|| GraphError::missing("contacts"))
}

pub(super) fn reaction(fields: &Fields) -> Result<(), GraphError> {
    required_text(fields, "reaction", "message_id", 1_000)?;
    // An empty emoji takes the reaction back, so only its absence is wrong.
    match fields.get("emoji") {
        None => Err(GraphError::missing("reaction.emoji")),
        Some(Value::String(_)) => Ok(()),
        Some(_) => Err(GraphError::value("reaction.emoji must be a string")),
    }
}
