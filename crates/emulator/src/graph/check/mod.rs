//! The form of every message type and its limits (docs/META.md, "Sending"). A missing field is
//! 131008, a value that is not allowed 131009, a type that does not exist 100.

mod interactive;
mod simple;
mod template;

pub(super) use template::template_use;

use super::error::GraphError;
use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// The object of this type, its form checked.
pub(super) fn message<'a>(kind: &str, fields: &'a Fields) -> Result<&'a Value, GraphError> {
    let known: fn(&Fields) -> Result<(), GraphError> = match kind {
        "text" => simple::text,
        "image" => |media| simple::media("image", media),
        "video" => |media| simple::media("video", media),
        "audio" => |media| simple::media("audio", media),
        "document" => |media| simple::media("document", media),
        "sticker" => |media| simple::media("sticker", media),
        "location" => simple::location,
        "reaction" => simple::reaction,
        "interactive" => interactive::check,
        "template" => template::check,
        "contacts" => return simple::contacts(fields),
        // Types that exist, but only from the customer's side.
        "order" | "system" | "button" | "unsupported" => {
            return Err(GraphError::new(
                131_051,
                format!("Messages of type {kind} cannot be sent"),
            ));
        }
        _ => return Err(GraphError::parameter(format!("type {kind} does not exist"))),
    };
    let content = fields.get(kind).ok_or_else(|| GraphError::missing(kind))?;
    known(object_of(content, kind)?)?;
    Ok(content)
}

fn object_of<'a>(value: &'a Value, path: &str) -> Result<&'a Fields, GraphError> {
    value
        .as_object()
        .ok_or_else(|| GraphError::value(format!("{path} must be an object")))
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The object under `key`; it must be there.
fn object<'a>(fields: &'a Fields, path: &str, key: &str) -> Result<&'a Fields, GraphError> {
    let path = join(path, key);
    let value = fields.get(key).ok_or_else(|| GraphError::missing(&path))?;
    object_of(value, &path)
}

/// The array under `key`, with `least` to `most` elements; it must be there.
fn array<'a>(
    fields: &'a Fields,
    path: &str,
    key: &str,
    least: usize,
    most: usize,
) -> Result<&'a Vec<Value>, GraphError> {
    let path = join(path, key);
    let value = fields.get(key).ok_or_else(|| GraphError::missing(&path))?;
    let value = value
        .as_array()
        .ok_or_else(|| GraphError::value(format!("{path} must be an array")))?;
    if value.len() < least || value.len() > most {
        let told = value.len();
        return Err(GraphError::value(format!(
            "{path} must have {least} to {most} elements, has {told}"
        )));
    }
    Ok(value)
}

/// The string under `key`, of 1 to `most` characters; it must be there.
pub(super) fn text<'a>(
    fields: &'a Fields,
    path: &str,
    key: &str,
    most: usize,
) -> Result<&'a str, GraphError> {
    let value = fields
        .get(key)
        .ok_or_else(|| GraphError::missing(&join(path, key)))?;
    let path = join(path, key);
    let value = value
        .as_str()
        .ok_or_else(|| GraphError::value(format!("{path} must be a string")))?;
    if value.is_empty() {
        return Err(GraphError::value(format!("{path} must not be empty")));
    }
    let length = value.chars().count();
    if length > most {
        return Err(GraphError::value(format!(
            "{path} must be at most {most} characters, has {length}"
        )));
    }
    Ok(value)
}

/// The string under `key` if there is one, with the same limits.
fn optional_text(
    fields: &Fields,
    path: &str,
    key: &str,
    most: usize,
) -> Result<Option<String>, GraphError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => text(fields, path, key, most).map(|value| Some(value.to_owned())),
    }
}

/// A link that a phone could open.
fn link(fields: &Fields, path: &str, key: &str) -> Result<(), GraphError> {
    let value = text(fields, path, key, 2_000)?;
    if value.starts_with("https://") || value.starts_with("http://") {
        Ok(())
    } else {
        let path = join(path, key);
        Err(GraphError::value(format!(
            "{path} must be an http(s) address"
        )))
    }
}
