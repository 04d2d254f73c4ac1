//! What is sent to a customer: free-form content that every channel can carry. Limits are the
//! Cloud API's (docs/META.md, "Sending") and are checked where such a value is made or accepted, so
//! that the provider never has to refuse it.

use crate::content::MessageKind;
use crate::media::{MediaFile, MediaKind, OGG_OPUS};
use crate::template::Component;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most characters of a text message.
pub const TEXT_MAX: usize = 4096;
/// Of the words under a file.
const CAPTION_MAX: usize = 1024;
/// The most contact cards.
const CONTACTS_MAX: usize = 257;
/// Of the name or the address of a place. Meta names no limit; nobody reads longer ones.
const PLACE_MAX: usize = 1000;
/// Of a name or an e-mail address on a card.
const NAME_MAX: usize = 256;
/// Of a number or a word on a card.
const ENTRY_MAX: usize = 64;
/// Phone numbers or e-mail addresses of a card.
const ENTRIES_MAX: usize = 20;
/// An emoji may be put together of several characters.
const EMOJI_MAX: usize = 16;

/// An outbound message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outbound {
    /// Plain text, at most 4,096 characters.
    Text {
        body: String,
        /// Whether the first link is shown with a preview.
        #[serde(default)]
        preview_url: bool,
    },
    /// Up to three reply buttons.
    Buttons {
        header: Option<String>,
        body: String,
        footer: Option<String>,
        buttons: Vec<Button>,
    },
    /// A list of up to ten rows in up to ten sections.
    List {
        header: Option<String>,
        body: String,
        footer: Option<String>,
        /// The words on the button that opens the list.
        button: String,
        sections: Vec<Section>,
    },
    /// A picture.
    Image {
        media: MediaFile,
        caption: Option<String>,
    },
    /// A film.
    Video {
        media: MediaFile,
        caption: Option<String>,
    },
    /// A sound; `voice` shows it as one that was recorded in the chat, and needs Ogg with Opus.
    Audio { media: MediaFile, voice: bool },
    /// A file.
    Document {
        media: MediaFile,
        caption: Option<String>,
    },
    /// A sticker.
    Sticker { media: MediaFile },
    /// A place.
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
        address: Option<String>,
    },
    /// Contact cards, in the provider's own shape.
    Contacts { cards: Vec<ContactCard> },
    /// A reaction to `message` (provider id); an empty emoji takes it back.
    Reaction { message: String, emoji: String },
    /// An approved template with its gaps filled, by [`crate::template::Form::fill`]. The only
    /// message that needs none of the customer's before it.
    Template {
        name: String,
        /// Such as `pt_BR`.
        language: String,
        components: Vec<Component>,
        /// The body as the customer reads it.
        text: String,
        /// The rest of what the customer sees: a text, or the address of a picture, film or file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        header: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        footer: Option<String>,
        /// What its buttons are called.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        buttons: Vec<String>,
    },
}

/// A contact card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    pub name: ContactName,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<ContactPhone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<ContactEmail>,
}

/// The name on a contact card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactName {
    /// In full, as it is shown.
    pub formatted_name: String,
    pub first_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
}

/// A phone number on a contact card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPhone {
    pub phone: String,
    /// Such as `CELL` or `WORK`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Makes it one that can be written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
}

/// An e-mail address on a contact card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactEmail {
    pub email: String,
}

/// A reply button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub id: String,
    pub title: String,
}

/// A group of rows in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Needed when there are several sections.
    pub title: Option<String>,
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub id: String,
    pub title: String,
    pub description: Option<String>,
}

/// Why an outbound message can never be sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field} {problem}")]
pub struct ContentLimit {
    /// Path of the offending field, such as `buttons[1].title`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Outbound {
    /// A text without link preview.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text {
            body: body.into(),
            preview_url: false,
        }
    }

    /// The stored type.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Text { .. } => MessageKind::Text,
            Self::Buttons { .. } | Self::List { .. } => MessageKind::Interactive,
            Self::Image { .. } => MessageKind::Image,
            Self::Video { .. } => MessageKind::Video,
            Self::Audio { .. } => MessageKind::Audio,
            Self::Document { .. } => MessageKind::Document,
            Self::Sticker { .. } => MessageKind::Sticker,
            Self::Location { .. } => MessageKind::Location,
            Self::Contacts { .. } => MessageKind::Contacts,
            Self::Reaction { .. } => MessageKind::Reaction,
            Self::Template { .. } => MessageKind::Template,
        }
    }

    /// The words shown in the timeline.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Text { body, .. } | Self::Buttons { body, .. } | Self::List { body, .. } => body,
            Self::Image { caption, .. }
            | Self::Video { caption, .. }
            | Self::Document { caption, .. } => caption.as_deref().unwrap_or_default(),
            Self::Location { name, address, .. } => {
                name.as_deref().or(address.as_deref()).unwrap_or_default()
            }
            Self::Contacts { cards } => cards
                .first()
                .map_or("", |card| card.name.formatted_name.as_str()),
            Self::Reaction { emoji, .. } => emoji,
            Self::Template { text, .. } => text,
            Self::Audio { .. } | Self::Sticker { .. } => "",
        }
    }

    /// The file that it sends, and as what.
    #[must_use]
    pub fn file(&self) -> Option<(MediaKind, &MediaFile)> {
        match self {
            Self::Image { media, .. } => Some((MediaKind::Image, media)),
            Self::Video { media, .. } => Some((MediaKind::Video, media)),
            Self::Audio { media, .. } => Some((MediaKind::Audio, media)),
            Self::Document { media, .. } => Some((MediaKind::Document, media)),
            Self::Sticker { media } => Some((MediaKind::Sticker, media)),
            _ => None,
        }
    }

    /// Checks every limit of the Cloud API.
    ///
    /// # Errors
    /// The first field that is empty, too long, too many or not unique.
    pub fn check(&self) -> Result<(), ContentLimit> {
        if let Some((kind, media)) = self.file() {
            return self.check_file(kind, media);
        }
        match self {
            Self::Text { body, .. } => length("body", body, 1, TEXT_MAX),
            Self::Buttons {
                header,
                body,
                footer,
                buttons,
            } => {
                around(header.as_deref(), footer.as_deref())?;
                length("body", body, 1, 1024)?;
                count("buttons", buttons.len(), 1, 3)?;
                for (i, b) in buttons.iter().enumerate() {
                    length(&format!("buttons[{i}].id"), &b.id, 1, 256)?;
                    length(&format!("buttons[{i}].title"), &b.title, 1, 20)?;
                    let earlier = buttons.iter().take(i);
                    if earlier.clone().any(|o| o.title == b.title || o.id == b.id) {
                        return Err(limit(&format!("buttons[{i}]"), "must be unique"));
                    }
                }
                Ok(())
            }
            Self::List {
                header,
                body,
                footer,
                button,
                sections,
            } => {
                around(header.as_deref(), footer.as_deref())?;
                length("body", body, 1, TEXT_MAX)?;
                length("button", button, 1, 20)?;
                check_sections(sections)
            }
            Self::Location {
                latitude,
                longitude,
                name,
                address,
            } => {
                degrees("latitude", *latitude, 90.0)?;
                degrees("longitude", *longitude, 180.0)?;
                optional("name", name.as_deref(), PLACE_MAX)?;
                optional("address", address.as_deref(), PLACE_MAX)
            }
            Self::Contacts { cards } => check_cards(cards),
            Self::Reaction { emoji, .. } => optional("emoji", Some(emoji), EMOJI_MAX),
            Self::Template {
                name,
                language,
                components,
                text,
                ..
            } => {
                length("template.name", name, 1, 512)?;
                length("template.language", language, 1, 20)?;
                count("template.components", components.len(), 0, 20)?;
                length("template.text", text, 0, TEXT_MAX)
            }
            // Their file was looked at.
            Self::Image { .. }
            | Self::Video { .. }
            | Self::Audio { .. }
            | Self::Document { .. }
            | Self::Sticker { .. } => Ok(()),
        }
    }

    /// Whether it may be sent when the customer did not write within 24 hours.
    #[must_use]
    pub fn needs_no_window(&self) -> bool {
        matches!(self, Self::Template { .. })
    }

    fn check_file(&self, kind: MediaKind, media: &MediaFile) -> Result<(), ContentLimit> {
        kind.check(&media.mime_type, media.size)
            .map_err(|refusal| limit("media_id", &refusal.to_string()))?;
        match self {
            Self::Audio { voice: true, .. } if media.mime_type != OGG_OPUS => {
                Err(limit("voice", "needs Ogg with Opus"))
            }
            Self::Image { caption, .. }
            | Self::Video { caption, .. }
            | Self::Document { caption, .. } => {
                optional("caption", caption.as_deref(), CAPTION_MAX)
            }
            _ => Ok(()),
        }
    }
}

fn check_cards(cards: &[ContactCard]) -> Result<(), ContentLimit> {
    count("contacts", cards.len(), 1, CONTACTS_MAX)?;
    for (i, card) in cards.iter().enumerate() {
        let path = format!("contacts[{i}]");
        let name = &card.name;
        length(
            &format!("{path}.name.formatted_name"),
            &name.formatted_name,
            1,
            NAME_MAX,
        )?;
        length(
            &format!("{path}.name.first_name"),
            &name.first_name,
            1,
            NAME_MAX,
        )?;
        optional(
            &format!("{path}.name.last_name"),
            name.last_name.as_deref(),
            NAME_MAX,
        )?;
        count(&format!("{path}.phones"), card.phones.len(), 0, ENTRIES_MAX)?;
        count(&format!("{path}.emails"), card.emails.len(), 0, ENTRIES_MAX)?;
        for (j, phone) in card.phones.iter().enumerate() {
            length(
                &format!("{path}.phones[{j}].phone"),
                &phone.phone,
                1,
                ENTRY_MAX,
            )?;
            optional(
                &format!("{path}.phones[{j}].type"),
                phone.kind.as_deref(),
                ENTRY_MAX,
            )?;
            optional(
                &format!("{path}.phones[{j}].wa_id"),
                phone.wa_id.as_deref(),
                ENTRY_MAX,
            )?;
        }
        for (j, email) in card.emails.iter().enumerate() {
            length(
                &format!("{path}.emails[{j}].email"),
                &email.email,
                1,
                NAME_MAX,
            )?;
        }
    }
    Ok(())
}

fn degrees(field: &str, value: f64, most: f64) -> Result<(), ContentLimit> {
    if value.is_finite() && value.abs() <= most {
        Ok(())
    } else {
        Err(limit(field, &format!("must be between -{most} and {most}")))
    }
}

fn optional(field: &str, text: Option<&str>, max: usize) -> Result<(), ContentLimit> {
    text.map_or(Ok(()), |text| length(field, text, 0, max))
}

fn check_sections(sections: &[Section]) -> Result<(), ContentLimit> {
    count("sections", sections.len(), 1, 10)?;
    count("rows", sections.iter().map(|s| s.rows.len()).sum(), 1, 10)?;
    let mut ids: Vec<&str> = Vec::new();
    for (i, section) in sections.iter().enumerate() {
        match &section.title {
            Some(title) => length(&format!("sections[{i}].title"), title, 1, 24)?,
            None if sections.len() > 1 => {
                return Err(limit(
                    &format!("sections[{i}].title"),
                    "is needed among several",
                ));
            }
            None => {}
        }
        count(&format!("sections[{i}].rows"), section.rows.len(), 1, 10)?;
        for (j, row) in section.rows.iter().enumerate() {
            let path = format!("sections[{i}].rows[{j}]");
            length(&format!("{path}.id"), &row.id, 1, 200)?;
            length(&format!("{path}.title"), &row.title, 1, 24)?;
            if let Some(description) = &row.description {
                length(&format!("{path}.description"), description, 0, 72)?;
            }
            if ids.contains(&row.id.as_str()) {
                return Err(limit(&format!("{path}.id"), "must be unique"));
            }
            ids.push(&row.id);
        }
    }
    Ok(())
}

fn around(header: Option<&str>, footer: Option<&str>) -> Result<(), ContentLimit> {
    if let Some(header) = header {
        length("header", header, 1, 60)?;
    }
    if let Some(footer) = footer {
        length("footer", footer, 1, 60)?;
    }
    Ok(())
}

fn length(field: &str, text: &str, min: usize, max: usize) -> Result<(), ContentLimit> {
    let n = text.chars().count();
    if n < min || text.trim().is_empty() && min > 0 {
        return Err(limit(field, "must not be empty"));
    }
    if n > max {
        return Err(limit(
            field,
            &format!("has {n} characters, at most {max} are allowed"),
        ));
    }
    Ok(())
}

fn count(field: &str, n: usize, min: usize, max: usize) -> Result<(), ContentLimit> {
    if n < min || n > max {
        return Err(limit(
            field,
            &format!("has {n} entries, {min} to {max} are allowed"),
        ));
    }
    Ok(())
}

pub(crate) fn limit(field: &str, problem: &str) -> ContentLimit {
    ContentLimit {
        field: field.to_owned(),
        problem: problem.to_owned(),
    }
}
