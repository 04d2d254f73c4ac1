//! Events of the tenant's stream as the frames that clients receive: which event has which
//! names and payloads (docs/REALTIME.md). Every frame of an event carries its `seq`, all but the
//! last with `more`, so that a client that was cut in between asks for the event again.

mod control;

use super::protocol::{VERSION, text};
use crate::engine::Listed;
use crate::media::plain;
use bytestring::ByteString;
use papo_actors::FrameEncoder;
use papo_domain::content::{Content, MessageKind};
use papo_domain::conversation::{Body, Event, Sender, UnreadChange};
use papo_domain::media::{MediaKind, MediaState};
use papo_domain::ports::{DeliveryStatus, EventBody, LiveEvent, MessageView, ProviderError};
use papo_domain::routing::Availability;
use papo_domain::{ConversationId, MediaId, MessageId, Outbound, Timestamp, UserId};
use serde::Serialize;
use serde_json::{Value, json};

/// The frames of protocol version 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonFrames;

#[derive(Serialize)]
struct Frame<P> {
    v: u8,
    event: &'static str,
    /// Place in the tenant's stream; signals have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    /// Another frame of the same event follows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more: bool,
    topic: String,
    payload: P,
}

#[derive(Serialize)]
struct Message<'a> {
    id: MessageId,
    conversation_id: ConversationId,
    /// Place in the conversation.
    seq: u64,
    direction: &'static str,
    sender_type: &'static str,
    sender_user_id: Option<UserId>,
    message_type: MessageKind,
    text: &'a str,
    /// `null` once erased.
    content: Option<Words<'a>>,
    /// The file that it brings.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<NewFile<'a>>,
    external_id: Option<&'a str>,
    quoted: Option<&'a str>,
    sent_at: Timestamp,
    late: bool,
    status: Option<DeliveryStatus>,
    /// What it does to the conversation's unread counter.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<&'static str>,
}

/// The content by its own `type`, as the API shows it.
#[derive(Serialize)]
#[serde(untagged)]
enum Words<'a> {
    Inbound(&'a Content),
    Outbound(&'a Outbound),
    Note {
        #[serde(rename = "type")]
        kind: &'static str,
        text: &'a str,
        #[serde(skip_serializing_if = "<[UserId]>::is_empty")]
        mentions: &'a [UserId],
    },
}

impl<'a> From<&'a Body> for Words<'a> {
    fn from(body: &'a Body) -> Self {
        match body {
            Body::Inbound { content } => Self::Inbound(content),
            Body::Outbound { outbound } => Self::Outbound(outbound),
            Body::Note { text, mentions } => Self::Note {
                kind: "note",
                text,
                mentions,
            },
        }
    }
}

#[derive(Serialize)]
struct Status<'a> {
    conversation_id: ConversationId,
    message_id: MessageId,
    /// Place of the message in the conversation.
    seq: u64,
    status: DeliveryStatus,
    error: Option<&'a ProviderError>,
    /// WhatsApp's id of the message, once it is known.
    external_id: Option<&'a str>,
    at: Timestamp,
}

#[derive(Serialize)]
struct MediaFrame<'a> {
    conversation_id: ConversationId,
    message_id: MessageId,
    /// Place of the message in the conversation.
    seq: u64,
    media: FileFrame<'a>,
    at: Timestamp,
}

/// A file as its message announces it.
#[derive(Serialize)]
struct NewFile<'a> {
    id: MediaId,
    kind: MediaKind,
    state: MediaState,
    mime_type: Option<&'a str>,
    filename: Option<&'a str>,
}

#[derive(Serialize)]
struct FileFrame<'a> {
    id: MediaId,
    state: MediaState,
    mime_type: Option<&'a str>,
    size: Option<u64>,
}

/// Where the frames of one event belong.
#[derive(Clone, Copy)]
struct Place {
    seq: u64,
    conversation: ConversationId,
    version: Option<u64>,
}

impl FrameEncoder for JsonFrames {
    fn encode(&self, event: &LiveEvent) -> Vec<ByteString> {
        let place = Place {
            seq: event.seq,
            conversation: event.conversation,
            version: event.version,
        };
        match &event.body {
            EventBody::Delivery {
                seq,
                status,
                error,
                external_id,
            } => {
                let status = Status {
                    conversation_id: event.conversation,
                    message_id: MessageId::of(event.conversation, *seq),
                    seq: *seq,
                    status: *status,
                    error: error.as_ref(),
                    external_id: external_id.as_deref(),
                    at: event.at,
                };
                vec![place.frame("message:status", false, status)]
            }
            EventBody::Notification {
                notification,
                kind,
                message_seq,
                by,
            } => {
                let told = json!({
                    "id": notification,
                    "kind": kind,
                    "conversation_id": event.conversation,
                    "message_seq": message_seq,
                    "by_user_id": by,
                    "at": event.at,
                });
                vec![place.frame("notification:new", false, told)]
            }
            EventBody::Customer { customer } => {
                let conversation = event.conversation;
                let about = json!({ "customer_id": customer, "conversation_id": conversation });
                vec![place.frame("customer:updated", false, about)]
            }
            EventBody::Conversation { event: fact } => match message(event, fact) {
                Some(message) => vec![place.frame("message:new", false, message)],
                None => match changed_file(event, fact) {
                    Some(file) => vec![place.frame("message:media", false, file)],
                    None => place.frames(control::frames(&place, fact)),
                },
            },
        }
    }

    fn granted(&self, conversation: ConversationId, seq: u64) -> ByteString {
        let payload = json!({ "id": conversation, "as_of_seq": seq });
        Place::of(conversation, seq).frame("conversation:granted", true, payload)
    }

    fn revoked(&self, conversation: ConversationId, seq: u64) -> ByteString {
        let payload = json!({ "id": conversation });
        Place::of(conversation, seq).frame("conversation:revoked", false, payload)
    }

    fn presence(&self, user: UserId, online: bool) -> ByteString {
        let event = if online {
            "user:online"
        } else {
            "user:offline"
        };
        signal(event, format!("user:{user}"), json!({ "user_id": user }))
    }

    fn presence_changed(&self) -> ByteString {
        signal("users:changed", "users".to_owned(), json!({}))
    }

    fn availability(&self, user: UserId, now: Availability) -> ByteString {
        let payload = json!({ "user_id": user, "availability": now });
        signal("user:availability", format!("user:{user}"), payload)
    }

    fn list_changed(&self, list: Listed) -> ByteString {
        let payload = json!({ "list": list.name() });
        signal("directory:changed", "directory".to_owned(), payload)
    }

    fn viewing(&self, user: UserId, conversation: ConversationId, looks: bool) -> ByteString {
        let payload = json!({ "user_id": user, "conversation_id": conversation, "viewing": looks });
        signal("user:viewing", topic(conversation), payload)
    }

    fn typing(&self, user: UserId, conversation: ConversationId) -> ByteString {
        let payload = json!({ "user_id": user, "conversation_id": conversation });
        signal("user:typing", topic(conversation), payload)
    }
}

impl Place {
    fn of(conversation: ConversationId, seq: u64) -> Self {
        Self {
            seq,
            conversation,
            version: None,
        }
    }

    fn frame(self, event: &'static str, more: bool, payload: impl Serialize) -> ByteString {
        text(&Frame {
            v: VERSION,
            event,
            seq: Some(self.seq),
            more,
            topic: topic(self.conversation),
            payload,
        })
    }

    fn frames(self, payloads: Vec<(&'static str, Value)>) -> Vec<ByteString> {
        let last = payloads.len().saturating_sub(1);
        payloads
            .into_iter()
            .enumerate()
            .map(|(i, (event, payload))| self.frame(event, i < last, payload))
            .collect()
    }
}

fn signal(event: &'static str, topic: String, payload: Value) -> ByteString {
    text(&Frame {
        v: VERSION,
        event,
        seq: None,
        more: false,
        topic,
        payload,
    })
}

fn topic(conversation: ConversationId) -> String {
    format!("conversation:{conversation}")
}

/// The message that `fact` added; `None` if it added none.
fn message<'a>(event: &'a LiveEvent, fact: &Event) -> Option<Message<'a>> {
    let Event::MessageAdded {
        seq,
        sender,
        kind,
        at,
        utterance,
        late,
        scheduled,
    } = fact
    else {
        return None;
    };
    let view: Option<&MessageView> = event.message.as_ref();
    let body = view.and_then(|view| view.body.as_ref());
    let (sender_type, sender_user_id) = (sender.name(), sender.user());
    Some(Message {
        id: MessageId::of(event.conversation, *seq),
        conversation_id: event.conversation,
        seq: *seq,
        direction: direction(*sender, *kind),
        sender_type,
        sender_user_id,
        message_type: *kind,
        text: body.map(Body::text).unwrap_or_default(),
        content: body.map(Words::from),
        media: body.and_then(|body| new_file(body, event.conversation, *seq)),
        external_id: view.and_then(|view| view.external_id.as_deref()),
        quoted: view.and_then(|view| view.quoted.as_deref()),
        sent_at: view.map_or(*at, |view| view.sent_at),
        late: *late,
        status: view.and_then(|view| view.status),
        unread: unread(sender.unread_change(*kind, *utterance, *scheduled)),
    })
}

/// The file of a new message: a customer's is still to be fetched.
fn new_file(body: &Body, conversation: ConversationId, seq: u64) -> Option<NewFile<'_>> {
    match body {
        Body::Inbound { content } => content.file().map(|file| NewFile {
            id: MediaId::of(conversation, seq),
            kind: file.kind,
            state: MediaState::Pending,
            mime_type: file.media.mime_type.as_deref(),
            filename: file.filename,
        }),
        Body::Outbound { outbound } => outbound.file().map(|(kind, file)| NewFile {
            id: file.id,
            kind,
            state: MediaState::Stored,
            mime_type: Some(plain(&file.mime_type)),
            filename: file.filename.as_deref(),
        }),
        Body::Note { .. } => None,
    }
}

/// The file whose state `fact` changed; `None` if it changed none.
fn changed_file<'a>(event: &LiveEvent, fact: &'a Event) -> Option<MediaFrame<'a>> {
    let Event::MediaChanged {
        seq,
        media,
        state,
        mime_type,
        size,
    } = fact
    else {
        return None;
    };
    Some(MediaFrame {
        conversation_id: event.conversation,
        message_id: MessageId::of(event.conversation, *seq),
        seq: *seq,
        media: FileFrame {
            id: *media,
            state: *state,
            mime_type: mime_type.as_deref().map(plain),
            size: *size,
        },
        at: event.at,
    })
}

fn direction(sender: Sender, kind: MessageKind) -> &'static str {
    match sender {
        _ if kind == MessageKind::Note => "internal",
        Sender::Customer => "inbound",
        _ => "outbound",
    }
}

/// What to do with the number of unread messages, told so that no client needs to know the rule.
fn unread(change: UnreadChange) -> Option<&'static str> {
    match change {
        UnreadChange::Raise => Some("raise"),
        UnreadChange::Clear => Some("clear"),
        UnreadChange::Keep => None,
    }
}

#[cfg(test)]
mod tests;
