//! The JSON of Graph requests (docs/META.md, "Sending").

use papo_domain::outbound::{Button, Outbound, Row, Section};
use papo_domain::ports::{AliasKind, OutboundMessage};
use papo_domain::template::{ButtonKind, Component, Parameter};
use serde_json::{Map, Value, json};

const PRODUCT: &str = "whatsapp";

/// A message. Its tracking id travels as `biz_opaque_callback_data` and comes back with every
/// status.
/// `media` is the provider's id of its file, if it has one.
pub(super) fn message(message: &OutboundMessage, media: Option<&str>) -> Value {
    let mut body = Map::new();
    body.insert("messaging_product".to_owned(), json!(PRODUCT));
    let (kind, address) = match message.to.kind {
        AliasKind::WaId => ("individual", "to"),
        AliasKind::Bsuid => ("individual", "recipient"),
        AliasKind::Group => ("group", "to"),
    };
    body.insert("recipient_type".to_owned(), json!(kind));
    body.insert(address.to_owned(), json!(message.to.value));
    if let Some(quote) = &message.quote {
        body.insert("context".to_owned(), json!({ "message_id": quote }));
    }
    body.insert(
        "biz_opaque_callback_data".to_owned(),
        json!(message.tracking.to_string()),
    );
    let (kind, content) = content(&message.outbound, media);
    body.insert("type".to_owned(), json!(kind));
    body.insert(kind.to_owned(), content);
    Value::Object(body)
}

/// A read receipt. With `typing`, the customer also sees for up to 25 s that an answer is being
/// written.
pub(super) fn read(external_id: &str, typing: bool) -> Value {
    let mut body = json!({
        "messaging_product": PRODUCT,
        "status": "read",
        "message_id": external_id,
    });
    if let (true, Some(body)) = (typing, body.as_object_mut()) {
        body.insert("typing_indicator".to_owned(), json!({ "type": "text" }));
    }
    body
}

fn content(outbound: &Outbound, media: Option<&str>) -> (&'static str, Value) {
    match outbound {
        Outbound::Image { caption, .. } => ("image", file(media, caption.as_deref())),
        Outbound::Video { caption, .. } => ("video", file(media, caption.as_deref())),
        Outbound::Audio { voice, .. } => {
            let mut audio = file(media, None);
            if *voice {
                put(&mut audio, "voice", json!(true));
            }
            ("audio", audio)
        }
        Outbound::Document {
            media: named,
            caption,
        } => {
            let mut document = file(media, caption.as_deref());
            if let Some(name) = &named.filename {
                put(&mut document, "filename", json!(name));
            }
            ("document", document)
        }
        Outbound::Sticker { .. } => ("sticker", file(media, None)),
        Outbound::Location {
            latitude,
            longitude,
            name,
            address,
        } => {
            let mut place = json!({ "latitude": latitude, "longitude": longitude });
            for (field, words) in [("name", name), ("address", address)] {
                if let Some(words) = words {
                    put(&mut place, field, json!(words));
                }
            }
            ("location", place)
        }
        Outbound::Contacts { cards } => ("contacts", json!(cards)),
        Outbound::Reaction { message, emoji } => {
            ("reaction", json!({ "message_id": message, "emoji": emoji }))
        }
        Outbound::Text { body, preview_url } => {
            ("text", json!({ "body": body, "preview_url": preview_url }))
        }
        Outbound::Buttons {
            header,
            body,
            footer,
            buttons,
        } => {
            let buttons: Vec<Value> = buttons.iter().map(button).collect();
            let action = json!({ "buttons": buttons });
            let around = (header.as_deref(), footer.as_deref());
            ("interactive", interactive("button", around, body, action))
        }
        Outbound::List {
            header,
            body,
            footer,
            button,
            sections,
        } => {
            let sections: Vec<Value> = sections.iter().map(section).collect();
            let action = json!({ "button": button, "sections": sections });
            let around = (header.as_deref(), footer.as_deref());
            ("interactive", interactive("list", around, body, action))
        }
        Outbound::Template {
            name,
            language,
            components,
            ..
        } => {
            let mut template = json!({ "name": name, "language": { "code": language } });
            if let (false, Some(fields)) = (components.is_empty(), template.as_object_mut()) {
                let components: Vec<Value> = components.iter().map(component).collect();
                fields.insert("components".to_owned(), json!(components));
            }
            ("template", template)
        }
    }
}

fn component(component: &Component) -> Value {
    let all = |parameters: &[Parameter]| parameters.iter().map(parameter).collect::<Vec<_>>();
    match component {
        Component::Header { parameters } => {
            json!({ "type": "header", "parameters": all(parameters) })
        }
        Component::Body { parameters } => json!({ "type": "body", "parameters": all(parameters) }),
        Component::Button {
            kind,
            index,
            parameters,
        } => {
            let kind = match kind {
                ButtonKind::Url => "url",
                ButtonKind::CopyCode => "copy_code",
                ButtonKind::QuickReply => "quick_reply",
            };
            json!({
                "type": "button",
                "sub_type": kind,
                "index": index.to_string(),
                "parameters": all(parameters),
            })
        }
    }
}

fn parameter(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Text { text, name: None } => json!({ "type": "text", "text": text }),
        Parameter::Text {
            text,
            name: Some(name),
        } => json!({ "type": "text", "text": text, "parameter_name": name }),
        Parameter::Image { link } => json!({ "type": "image", "image": { "link": link } }),
        Parameter::Video { link } => json!({ "type": "video", "video": { "link": link } }),
        Parameter::Document { link } => {
            json!({ "type": "document", "document": { "link": link } })
        }
        Parameter::CouponCode { code } => json!({ "type": "coupon_code", "coupon_code": code }),
        Parameter::Payload { payload } => json!({ "type": "payload", "payload": payload }),
    }
}

fn file(media: Option<&str>, caption: Option<&str>) -> Value {
    let mut file = json!({ "id": media.unwrap_or_default() });
    if let Some(caption) = caption.filter(|words| !words.is_empty()) {
        put(&mut file, "caption", json!(caption));
    }
    file
}

fn put(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn interactive(
    kind: &str,
    (header, footer): (Option<&str>, Option<&str>),
    body: &str,
    action: Value,
) -> Value {
    let mut interactive = Map::new();
    interactive.insert("type".to_owned(), json!(kind));
    if let Some(header) = header {
        let header = json!({ "type": "text", "text": header });
        interactive.insert("header".to_owned(), header);
    }
    interactive.insert("body".to_owned(), json!({ "text": body }));
    if let Some(footer) = footer {
        interactive.insert("footer".to_owned(), json!({ "text": footer }));
    }
    interactive.insert("action".to_owned(), action);
    Value::Object(interactive)
}

fn button(button: &Button) -> Value {
    json!({ "type": "reply", "reply": { "id": button.id, "title": button.title } })
}

fn section(section: &Section) -> Value {
    let rows: Vec<Value> = section.rows.iter().map(row).collect();
    match &section.title {
        Some(title) => json!({ "title": title, "rows": rows }),
        None => json!({ "rows": rows }),
    }
}

fn row(row: &Row) -> Value {
    match row.description.as_deref().filter(|words| !words.is_empty()) {
        Some(words) => json!({ "id": row.id, "title": row.title, "description": words }),
        None => json!({ "id": row.id, "title": row.title }),
    }
}
