//! Messages of customers, and of the number's owner on the phone app.

use super::content::{self, Parsed};
use super::field::{self, Object, object, text};
use super::peer::{self, Names};
use super::{Keyed, digest};
use papo_domain::Content;
use papo_domain::conversation::{Inbound, Quote};
use papo_domain::ports::{InboxItem, Peer};
use serde_json::Value;

/// A customer's message. `None`: it names no sender.
pub(super) fn inbound(raw: &Value, contacts: &[Value]) -> Option<Keyed> {
    let (peer, contact, inbound) = parse(raw, &peer::SENDER, contacts)?;
    let name = contact.filter(|_| !peer.group).and_then(peer::profile_name);
    let key = inbound.external_id.clone();
    let item = InboxItem::Message {
        peer,
        name,
        inbound,
    };
    Some((key, item))
}

/// A message that the owner wrote on the phone. `None`: it names no recipient.
pub(super) fn echo(raw: &Value, contacts: &[Value]) -> Option<Keyed> {
    let (peer, _, inbound) = parse(raw, &peer::RECIPIENT, contacts)?;
    let key = inbound.external_id.clone();
    Some((key, InboxItem::Echo { peer, inbound }))
}

fn parse<'a>(
    raw: &Value,
    names: &Names,
    contacts: &'a [Value],
) -> Option<(Peer, Option<&'a Object>, Inbound)> {
    let message = raw.as_object()?;
    let (peer, contact) = peer::of(message, names, contacts)?;
    let kind = text(message, "type").unwrap_or_default();
    let quote = object(message, "context")
        .and_then(|context| field::id(context, "id"))
        .map(|external_id| Quote { external_id });
    let (content, mut context) = match content::parse(&kind, message) {
        Some(Parsed { content, rest }) => {
            (content, surroundings(message, &kind, rest, &peer, names))
        }
        None => {
            let detail = raw.clone();
            (Content::Unknown { name: kind, detail }, Object::new())
        }
    };
    if let (true, Some(contact)) = (peer.group, contact) {
        context.insert("contact".to_owned(), Value::Object(contact.clone()));
    }
    let inbound = Inbound {
        external_id: field::id(message, "id")
            .unwrap_or_else(|| format!("message:{}", digest::of(&[raw]))),
        sent_at: field::timestamp(message),
        content,
        quote,
        context: (!context.is_empty()).then_some(Value::Object(context)),
    };
    Some((peer, contact, inbound))
}

/// Everything that the other parts of the item do not hold, under the provider's own names:
/// `context` (where it is more than a quote), `referral`, `errors`, in groups the sender, and
/// whatever Meta adds one day. `rest` is what the content left of its own object.
fn surroundings(message: &Object, kind: &str, rest: Object, peer: &Peer, names: &Names) -> Object {
    let mut kept = field::rest(message, &["id", "timestamp", "type", kind]);
    if peer.group {
        kept.remove("group_id");
    } else {
        // An echo's `from` is the number itself.
        for known in [names.phone, names.user_id, "from"] {
            kept.remove(known);
        }
    }
    let only_a_quote = object(message, "context").is_some_and(|context| {
        context.keys().all(|key| key == "id" || key == "from") && field::id(context, "id").is_some()
    });
    if only_a_quote {
        kept.remove("context");
    }
    if !rest.is_empty() {
        kept.insert(kind.to_owned(), Value::Object(rest));
    }
    kept
}
