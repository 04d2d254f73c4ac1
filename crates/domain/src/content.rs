//! What a message says, as it arrived or as it is shown. One shape for every type that the
//! WhatsApp Cloud API delivers (docs/META.md, "Messages"); a type nobody knows yet is kept whole.

use crate::media::MediaKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The content of an inbound message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text { body: String },
    /// A picture.
    Image { media: Media },
    /// A film.
    Video { media: Media },
    /// A sound; `voice` when it was recorded in the chat.
    Audio { media: Media, voice: bool },
    /// A file.
    Document {
        media: Media,
        filename: Option<String>,
    },
    /// A sticker.
    Sticker { media: Media, animated: bool },
    /// A place.
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
        address: Option<String>,
    },
    /// Contact cards, each kept as the provider sent it.
    Contacts { cards: Vec<Value> },
    /// A tapped reply button of an interactive message.
    ButtonReply { id: String, title: String },
    /// A chosen row of an interactive list.
    ListReply {
        id: String,
        title: String,
        description: Option<String>,
    },
    /// A submitted form. `response` is the provider's JSON, or the raw string if it is none.
    FormReply {
        name: Option<String>,
        body: Option<String>,
        response: Value,
    },
    /// A tapped quick reply of a template.
    TemplateButton {
        payload: Option<String>,
        text: String,
    },
    /// A reaction to `message` (provider id); no emoji means that it was taken back.
    Reaction {
        message: String,
        emoji: Option<String>,
    },
    /// An order from the catalogue, kept as sent.
    Order { text: Option<String>, order: Value },
    /// News about the customer, such as a changed number.
    System {
        body: String,
        event: Option<String>,
        detail: Value,
    },
    /// The chat was opened for the first time.
    RequestWelcome,
    /// A later wording of `message` (provider id).
    Edit {
        message: String,
        body: Option<String>,
        detail: Value,
    },
    /// The customer deleted `message` (provider id).
    Revoke { message: String },
    /// WhatsApp says that it cannot show this message here.
    Unsupported {
        code: Option<i64>,
        detail: Option<String>,
    },
    /// A type this version does not know; `name` is the provider's word for it.
    Unknown { name: String, detail: Value },
}

/// A file held by the provider until it is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// The provider's media id; inbound ids live for 7 days.
    pub id: String,
    /// MIME type as claimed by the provider.
    pub mime_type: Option<String>,
    /// SHA-256 of the bytes, as the provider states it.
    pub sha256: Option<String>,
    /// The text under the picture, film or file.
    pub caption: Option<String>,
}

/// A file as a message announces it.
#[derive(Clone, Copy, Debug)]
pub struct InboundFile<'a> {
    pub kind: MediaKind,
    pub media: &'a Media,
    pub filename: Option<&'a str>,
}

/// The type of a message, as stored and shown. Also covers what is never inbound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    Text,
    Image,
    Video,
    Audio,
    Document,
    Sticker,
    Location,
    Contacts,
    Interactive,
    Button,
    Reaction,
    Order,
    System,
    RequestWelcome,
    Edit,
    Revoke,
    Unsupported,
    Unknown,
    Template,
    /// An internal note; never leaves the company.
    Note,
}

impl Content {
    /// The stored type of this content.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Text { .. } => MessageKind::Text,
            Self::Image { .. } => MessageKind::Image,
            Self::Video { .. } => MessageKind::Video,
            Self::Audio { .. } => MessageKind::Audio,
            Self::Document { .. } => MessageKind::Document,
            Self::Sticker { .. } => MessageKind::Sticker,
            Self::Location { .. } => MessageKind::Location,
            Self::Contacts { .. } => MessageKind::Contacts,
            Self::ButtonReply { .. } | Self::ListReply { .. } | Self::FormReply { .. } => {
                MessageKind::Interactive
            }
            Self::TemplateButton { .. } => MessageKind::Button,
            Self::Reaction { .. } => MessageKind::Reaction,
            Self::Order { .. } => MessageKind::Order,
            Self::System { .. } => MessageKind::System,
            Self::RequestWelcome => MessageKind::RequestWelcome,
            Self::Edit { .. } => MessageKind::Edit,
            Self::Revoke { .. } => MessageKind::Revoke,
            Self::Unsupported { .. } => MessageKind::Unsupported,
            Self::Unknown { .. } => MessageKind::Unknown,
        }
    }

    /// The words a person reads in a list or searches for; empty where there are none.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text { body } | Self::System { body, .. } => body,
            Self::Image { media }
            | Self::Video { media }
            | Self::Document { media, .. }
            | Self::Audio { media, .. }
            | Self::Sticker { media, .. } => media.caption.as_deref().unwrap_or_default(),
            Self::Location { name, address, .. } => {
                name.as_deref().or(address.as_deref()).unwrap_or_default()
            }
            Self::ButtonReply { title, .. } | Self::ListReply { title, .. } => title,
            Self::FormReply { body, .. } | Self::Edit { body, .. } => {
                body.as_deref().unwrap_or_default()
            }
            Self::TemplateButton { text, .. } => text,
            Self::Reaction { emoji, .. } => emoji.as_deref().unwrap_or_default(),
            Self::Order { text, .. } => text.as_deref().unwrap_or_default(),
            Self::Unsupported { detail, .. } => detail.as_deref().unwrap_or_default(),
            Self::Contacts { .. }
            | Self::RequestWelcome
            | Self::Revoke { .. }
            | Self::Unknown { .. } => "",
        }
    }

    /// The file that it brings, if it brings one.
    #[must_use]
    pub fn file(&self) -> Option<InboundFile<'_>> {
        let (kind, media, filename) = match self {
            Self::Image { media } => (MediaKind::Image, media, None),
            Self::Video { media } => (MediaKind::Video, media, None),
            Self::Audio { media, .. } => (MediaKind::Audio, media, None),
            Self::Document { media, filename } => (MediaKind::Document, media, filename.as_deref()),
            Self::Sticker { media, .. } => (MediaKind::Sticker, media, None),
            _ => return None,
        };
        Some(InboundFile {
            kind,
            media,
            filename,
        })
    }

    /// What was tapped, in the words of the message that offered it: the id of a button or row,
    /// or a template button's payload.
    #[must_use]
    pub fn choice(&self) -> Option<&str> {
        match self {
            Self::ButtonReply { id, .. } | Self::ListReply { id, .. } => Some(id),
            Self::TemplateButton { payload, .. } => payload.as_deref(),
            _ => None,
        }
    }

    /// Whether the customer said something that opens the 24 h window and deserves an answer.
    /// Reactions, edits, deletions and news about the account do not.
    #[must_use]
    pub fn is_utterance(&self) -> bool {
        self.kind().is_utterance()
    }
}

impl MessageKind {
    /// Whether a customer's message of this kind opens the 24 h window and deserves an answer:
    /// see [`Content::is_utterance`].
    #[must_use]
    pub fn is_utterance(self) -> bool {
        !matches!(
            self,
            Self::Reaction | Self::System | Self::Edit | Self::Revoke | Self::Note
        )
    }
}
