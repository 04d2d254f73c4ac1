//! A request to `/messages`, taken apart: what it asks for, checked against everything that can
//! be said without knowing the world (docs/META.md, "Sending"). Windows, rates and recipients are
//! the world's to judge.

use super::check;
use super::error::GraphError;
use serde_json::{Map, Value};

/// The most characters of `biz_opaque_callback_data`.
const TRACKING_MAX: usize = 512;

/// What a POST to `/messages` asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Send(Draft),
    /// Read receipt, with or without a typing indicator.
    Read {
        message_id: String,
        typing: bool,
    },
}

/// A message to send; its form is right.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    pub(crate) to: Recipient,
    /// As written in the request; comes back as `contacts[].input`.
    pub(crate) input: String,
    pub(crate) tracking: Option<String>,
    /// `type`, the object of that type and `context`: what the phone gets.
    pub(crate) message: Value,
    pub(crate) template: Option<TemplateUse>,
}

/// Whom it goes to. If a request names both, the phone wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recipient {
    Phone(String),
    UserId(String),
}

/// The template that a message uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateUse {
    pub(crate) name: String,
    pub(crate) language: String,
    /// As the customer reads them.
    pub(crate) body_parameters: Vec<String>,
}

/// Takes a request body apart or says what is wrong with it.
pub(crate) fn parse(body: &[u8]) -> Result<Request, GraphError> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| GraphError::parameter(format!("The body is not JSON: {error}")))?;
    let fields = body
        .as_object()
        .ok_or_else(|| GraphError::parameter("The body is not a JSON object"))?;
    match fields.get("messaging_product").and_then(Value::as_str) {
        Some("whatsapp") => {}
        Some(_) => return Err(GraphError::parameter("messaging_product must be whatsapp")),
        None => return Err(GraphError::parameter("messaging_product is required")),
    }
    if fields.contains_key("status") {
        read(fields)
    } else {
        send(fields).map(Request::Send)
    }
}

fn read(fields: &Map<String, Value>) -> Result<Request, GraphError> {
    if fields.get("status").and_then(Value::as_str) != Some("read") {
        return Err(GraphError::parameter("status must be read"));
    }
    let message_id = check::text(fields, "", "message_id", usize::MAX)?.to_owned();
    let typing = match fields.get("typing_indicator") {
        None => false,
        Some(indicator) if indicator.get("type").and_then(Value::as_str) == Some("text") => true,
        Some(_) => return Err(GraphError::value("typing_indicator.type must be text")),
    };
    Ok(Request::Read { message_id, typing })
}

fn send(fields: &Map<String, Value>) -> Result<Draft, GraphError> {
    if let Some(kind) = fields.get("recipient_type")
        && kind.as_str() != Some("individual")
    {
        return Err(GraphError::value("recipient_type must be individual"));
    }
    let named = |key| {
        fields
            .get(key)
            .and_then(Value::as_str)
            .filter(|to| !to.is_empty())
    };
    let (to, input) = match (named("to"), named("recipient")) {
        (Some(phone), _) => (Recipient::Phone(phone.to_owned()), phone.to_owned()),
        (None, Some(id)) => (Recipient::UserId(id.to_owned()), id.to_owned()),
        (None, None) => return Err(GraphError::parameter("to is required")),
    };
    let tracking = match fields.get("biz_opaque_callback_data") {
        None | Some(Value::Null) => None,
        Some(_) => {
            Some(check::text(fields, "", "biz_opaque_callback_data", TRACKING_MAX)?.to_owned())
        }
    };
    // Meta takes a request without a type for a text.
    let kind = match fields.get("type") {
        None => "text",
        Some(kind) => kind
            .as_str()
            .ok_or_else(|| GraphError::parameter("type must be a string"))?,
    };
    let content = check::message(kind, fields)?;

    let mut message = Map::new();
    message.insert("type".into(), kind.into());
    message.insert(kind.into(), content.clone());
    if let Some(context) = fields.get("context") {
        let quoted = context.get("message_id").and_then(Value::as_str);
        let quoted = quoted.ok_or_else(|| GraphError::missing("context.message_id"))?;
        message.insert(
            "context".into(),
            serde_json::json!({ "message_id": quoted }),
        );
    }
    let template = (kind == "template").then(|| check::template_use(content));
    Ok(Draft {
        to,
        input,
        tracking,
        message: Value::Object(message),
        template,
    })
}
