//! What a message says, type by type (docs/META.md, "Messages"). `None` where the type is unknown
//! or its object lacks what it must have; the caller then keeps the whole message. What a type's
//! object holds beyond the domain's content is left in `rest`.

use super::field::{self, Object, flag, integer, object, text};
use papo_domain::Content;
use papo_domain::content::Media;
use serde_json::Value;

/// A form's answer nested deeper than this stays a string, so that the item which holds it can
/// be read back: JSON readers stop at 128 levels.
const FORM_DEPTH: usize = 64;

pub(super) struct Parsed {
    pub(super) content: Content,
    pub(super) rest: Object,
}

impl From<Content> for Parsed {
    fn from(content: Content) -> Self {
        Self {
            content,
            rest: Object::new(),
        }
    }
}

pub(super) fn parse(kind: &str, message: &Object) -> Option<Parsed> {
    let own = || object(message, kind);
    match kind {
        "text" => words(own()?),
        "image" | "video" | "audio" | "document" | "sticker" => media(kind, own()?),
        "location" => location(own()?),
        "contacts" => {
            let cards = message.get(kind)?.as_array()?.clone();
            Some(Content::Contacts { cards }.into())
        }
        "interactive" => interactive(own()?),
        "button" => template_button(own()?),
        "reaction" => {
            let own = own()?;
            let content = Content::Reaction {
                message: field::id(own, "message_id")?,
                emoji: text(own, "emoji").filter(|emoji| !emoji.is_empty()),
            };
            Some(with_rest(content, own, &["message_id", "emoji"]))
        }
        "order" => {
            let own = own()?;
            let text = field::words(own, "text");
            let order = Value::Object(own.clone());
            Some(Content::Order { text, order }.into())
        }
        "system" => {
            let own = own()?;
            let content = Content::System {
                body: text(own, "body").unwrap_or_default(),
                event: text(own, "type"),
                detail: Value::Object(own.clone()),
            };
            Some(content.into())
        }
        "request_welcome" => {
            let rest = own().cloned().unwrap_or_default();
            let content = Content::RequestWelcome;
            Some(Parsed { content, rest })
        }
        "unsupported" => Some(unsupported(message, own())),
        "edit" => edit(own()?),
        "revoke" => {
            let own = own()?;
            let message = field::id(own, "original_message_id")?;
            let content = Content::Revoke { message };
            Some(with_rest(content, own, &["original_message_id"]))
        }
        _ => None,
    }
}

fn with_rest(content: Content, own: &Object, known: &[&str]) -> Parsed {
    let rest = field::rest(own, known);
    Parsed { content, rest }
}

fn words(own: &Object) -> Option<Parsed> {
    let body = text(own, "body")?;
    Some(with_rest(Content::Text { body }, own, &["body"]))
}

fn media(kind: &str, own: &Object) -> Option<Parsed> {
    let media = Media {
        id: field::id(own, "id")?,
        mime_type: text(own, "mime_type"),
        sha256: text(own, "sha256"),
        caption: text(own, "caption"),
    };
    let mut known = vec!["id", "mime_type", "sha256", "caption"];
    let content = match kind {
        "image" => Content::Image { media },
        "video" => Content::Video { media },
        "audio" => {
            known.push("voice");
            let voice = flag(own, "voice");
            Content::Audio { media, voice }
        }
        "sticker" => {
            known.push("animated");
            let animated = flag(own, "animated");
            Content::Sticker { media, animated }
        }
        _ => {
            known.push("filename");
            let filename = text(own, "filename");
            Content::Document { media, filename }
        }
    };
    Some(with_rest(content, own, &known))
}

fn location(own: &Object) -> Option<Parsed> {
    let content = Content::Location {
        latitude: field::number(own, "latitude")?,
        longitude: field::number(own, "longitude")?,
        name: text(own, "name"),
        address: text(own, "address"),
    };
    let known = ["latitude", "longitude", "name", "address"];
    Some(with_rest(content, own, &known))
}

fn interactive(own: &Object) -> Option<Parsed> {
    let kind = text(own, "type")?;
    let reply = object(own, &kind)?;
    let (content, known): (_, &[&str]) = match kind.as_str() {
        "button_reply" => {
            let content = Content::ButtonReply {
                id: text(reply, "id")?,
                title: text(reply, "title").unwrap_or_default(),
            };
            (content, &["id", "title"])
        }
        "list_reply" => {
            let content = Content::ListReply {
                id: text(reply, "id")?,
                title: text(reply, "title").unwrap_or_default(),
                description: text(reply, "description"),
            };
            (content, &["id", "title", "description"])
        }
        "nfm_reply" => {
            let content = Content::FormReply {
                name: text(reply, "name"),
                body: text(reply, "body"),
                response: form(reply.get("response_json")?),
            };
            (content, &["name", "body", "response_json"])
        }
        _ => return None,
    };
    let mut rest = field::rest(own, &["type", &kind]);
    let reply = field::rest(reply, known);
    if !reply.is_empty() {
        rest.insert(kind, Value::Object(reply));
    }
    Some(Parsed { content, rest })
}

/// The answers of a form: JSON in a string. What cannot be read stays the string it is.
fn form(response: &Value) -> Value {
    let Some(json) = response.as_str() else {
        return response.clone();
    };
    match serde_json::from_str(json) {
        Ok(mut answers) if depth(&answers) <= FORM_DEPTH => {
            crate::text::clean_value(&mut answers);
            answers
        }
        _ => response.clone(),
    }
}

fn depth(value: &Value) -> usize {
    let below = match value {
        Value::Array(elements) => elements.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    1 + below.unwrap_or_default()
}

fn template_button(own: &Object) -> Option<Parsed> {
    let payload = text(own, "payload");
    let text = text(own, "text").or_else(|| payload.clone())?;
    let content = Content::TemplateButton { payload, text };
    Some(with_rest(content, own, &["payload", "text"]))
}

fn unsupported(message: &Object, own: Option<&Object>) -> Parsed {
    let error = message
        .get("errors")
        .and_then(|errors| errors.get(0))
        .and_then(Value::as_object);
    let detail = error.and_then(|error| {
        object(error, "error_data")
            .and_then(|data| field::words(data, "details"))
            .or_else(|| field::words(error, "message"))
            .or_else(|| field::words(error, "title"))
    });
    let content = Content::Unsupported {
        code: error.and_then(|error| integer(error, "code")),
        detail,
    };
    let rest = own.cloned().unwrap_or_default();
    Parsed { content, rest }
}

fn edit(own: &Object) -> Option<Parsed> {
    let message = field::id(own, "original_message_id")?;
    let detail = own.get("message").cloned().unwrap_or_default();
    let body = detail.as_object().and_then(|edited| {
        let kind = text(edited, "type")?;
        let own = object(edited, &kind)?;
        text(own, "body").or_else(|| text(own, "caption"))
    });
    let content = Content::Edit {
        message,
        body,
        detail,
    };
    Some(with_rest(content, own, &["original_message_id", "message"]))
}
