//! What attendants send, as clients write it. Limits are the domain's to check.

use crate::http::templates::OutgoingTemplate;
use garde::Validate;
use papo_domain::outbound::{ContactCard, ContactEmail, ContactName, ContactPhone, Row, Section};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A message to send.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(try_from = "Written")]
pub(crate) struct SendMessage {
    #[garde(skip)]
    #[serde(flatten)]
    pub(in crate::http) content: Outgoing,
    /// Id of a message of this conversation that it answers.
    #[garde(skip)]
    pub(in crate::http) reply_to: Option<Uuid>,
    /// `seq` of the newest message that the writer had seen. If the customer or another person
    /// said something after it, nothing is sent.
    #[garde(skip)]
    pub(in crate::http) expected_seq: Option<u64>,
}

/// Any message, with the fields of all types: serde forgets where it is as soon as it has to look
/// for the type of a message first, and then a fault could not name its field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#type: Kind,
    header: Option<String>,
    body: Option<String>,
    footer: Option<String>,
    preview_url: Option<bool>,
    buttons: Option<Vec<OutgoingButton>>,
    button: Option<String>,
    sections: Option<Vec<OutgoingSection>>,
    media_id: Option<Uuid>,
    caption: Option<String>,
    voice: Option<bool>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    name: Option<String>,
    address: Option<String>,
    contacts: Option<Vec<OutgoingContact>>,
    message_id: Option<Uuid>,
    emoji: Option<String>,
    template: Option<OutgoingTemplate>,
    reply_to: Option<Uuid>,
    expected_seq: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Buttons,
    List,
    Image,
    Video,
    Audio,
    Document,
    Sticker,
    Location,
    Contacts,
    Reaction,
    Template,
}

/// A message to a customer.
// Read by way of `Written`; what serde is told here is for the description.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Outgoing {
    /// Plain text, up to 4,096 characters.
    Text {
        body: String,
        /// Shows the first link with a preview.
        #[serde(default)]
        preview_url: bool,
    },
    /// One to three reply buttons.
    Buttons {
        header: Option<String>,
        body: String,
        footer: Option<String>,
        buttons: Vec<OutgoingButton>,
    },
    /// A list of one to ten rows.
    List {
        header: Option<String>,
        body: String,
        footer: Option<String>,
        /// The words on the button that opens the list.
        button: String,
        sections: Vec<OutgoingSection>,
    },
    /// A picture that was uploaded.
    Image {
        media_id: Uuid,
        /// Up to 1,024 characters.
        caption: Option<String>,
    },
    /// A film that was uploaded.
    Video {
        media_id: Uuid,
        caption: Option<String>,
    },
    /// A sound that was uploaded.
    Audio {
        media_id: Uuid,
        /// Shown as recorded in the chat; needs Ogg with Opus.
        #[serde(default)]
        voice: bool,
    },
    /// Any file that was uploaded.
    Document {
        media_id: Uuid,
        caption: Option<String>,
    },
    /// A sticker that was uploaded: WebP, 512 by 512.
    Sticker { media_id: Uuid },
    /// A place.
    Location {
        latitude: f64,
        longitude: f64,
        name: Option<String>,
        address: Option<String>,
    },
    /// Contact cards, up to 257.
    Contacts { contacts: Vec<OutgoingContact> },
    /// A reaction to a message of this conversation; an empty emoji takes it back.
    Reaction { message_id: Uuid, emoji: String },
    /// An approved template, also where the customer did not write for a day.
    Template { template: OutgoingTemplate },
}

/// A contact card, in WhatsApp's shape.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingContact {
    name: OutgoingName,
    #[serde(default)]
    phones: Vec<OutgoingPhone>,
    #[serde(default)]
    emails: Vec<OutgoingEmail>,
}

/// The name on a card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingName {
    formatted_name: String,
    /// Without it, `formatted_name`.
    first_name: Option<String>,
    last_name: Option<String>,
}

/// A phone number on a card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingPhone {
    phone: String,
    /// Such as `CELL` or `WORK`.
    r#type: Option<String>,
    wa_id: Option<String>,
}

/// An e-mail address on a card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingEmail {
    email: String,
}

/// A reply button.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingButton {
    pub(super) id: String,
    /// Up to 20 characters.
    pub(super) title: String,
}

/// A group of rows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingSection {
    /// Needed when there are several.
    title: Option<String>,
    rows: Vec<OutgoingRow>,
}

/// A row of a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutgoingRow {
    id: String,
    /// Up to 24 characters.
    title: String,
    /// Up to 72 characters.
    description: Option<String>,
}

impl TryFrom<Written> for SendMessage {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let reply_to = written.reply_to.take();
        let expected_seq = written.expected_seq.take();
        let content = match written.r#type {
            Kind::Text => {
                let body = needed("body", &mut written.body)?;
                let preview_url = written.preview_url.take().unwrap_or_default();
                Outgoing::Text { body, preview_url }
            }
            Kind::Buttons => Outgoing::Buttons {
                header: written.header.take(),
                body: needed("body", &mut written.body)?,
                footer: written.footer.take(),
                buttons: needed("buttons", &mut written.buttons)?,
            },
            Kind::List => Outgoing::List {
                header: written.header.take(),
                body: needed("body", &mut written.body)?,
                footer: written.footer.take(),
                button: needed("button", &mut written.button)?,
                sections: needed("sections", &mut written.sections)?,
            },
            Kind::Template => Outgoing::Template {
                template: needed("template", &mut written.template)?,
            },
            kind => files_and_others(kind, &mut written)?,
        };
        match written.left_over() {
            Some(field) => Err(format!("unknown field `{field}` in a message of this type")),
            None => Ok(Self {
                content,
                reply_to,
                expected_seq,
            }),
        }
    }
}

fn files_and_others(kind: Kind, written: &mut Written) -> Result<Outgoing, String> {
    if matches!(
        kind,
        Kind::Image | Kind::Video | Kind::Audio | Kind::Document | Kind::Sticker
    ) {
        let media_id = needed("media_id", &mut written.media_id)?;
        return Ok(match kind {
            Kind::Image => Outgoing::Image {
                media_id,
                caption: written.caption.take(),
            },
            Kind::Video => Outgoing::Video {
                media_id,
                caption: written.caption.take(),
            },
            Kind::Audio => Outgoing::Audio {
                media_id,
                voice: written.voice.take().unwrap_or_default(),
            },
            Kind::Sticker => Outgoing::Sticker { media_id },
            _ => Outgoing::Document {
                media_id,
                caption: written.caption.take(),
            },
        });
    }
    Ok(match kind {
        Kind::Location => Outgoing::Location {
            latitude: needed("latitude", &mut written.latitude)?,
            longitude: needed("longitude", &mut written.longitude)?,
            name: written.name.take(),
            address: written.address.take(),
        },
        Kind::Contacts => Outgoing::Contacts {
            contacts: needed("contacts", &mut written.contacts)?,
        },
        _ => Outgoing::Reaction {
            message_id: needed("message_id", &mut written.message_id)?,
            emoji: needed("emoji", &mut written.emoji)?,
        },
    })
}

fn needed<T>(field: &str, value: &mut Option<T>) -> Result<T, String> {
    value
        .take()
        .ok_or_else(|| format!("missing field `{field}`"))
}

impl Written {
    /// A field that the type has no use for.
    fn left_over(&self) -> Option<&'static str> {
        [
            ("header", self.header.is_some()),
            ("footer", self.footer.is_some()),
            ("preview_url", self.preview_url.is_some()),
            ("buttons", self.buttons.is_some()),
            ("button", self.button.is_some()),
            ("sections", self.sections.is_some()),
            ("media_id", self.media_id.is_some()),
            ("caption", self.caption.is_some()),
            ("voice", self.voice.is_some()),
            ("latitude", self.latitude.is_some()),
            ("longitude", self.longitude.is_some()),
            ("name", self.name.is_some()),
            ("address", self.address.is_some()),
            ("contacts", self.contacts.is_some()),
            ("message_id", self.message_id.is_some()),
            ("emoji", self.emoji.is_some()),
            ("body", self.body.is_some()),
            ("template", self.template.is_some()),
        ]
        .into_iter()
        .find_map(|(field, given)| given.then_some(field))
    }
}

impl From<OutgoingContact> for ContactCard {
    fn from(contact: OutgoingContact) -> Self {
        let OutgoingName {
            formatted_name,
            first_name,
            last_name,
        } = contact.name;
        let phone = |phone: OutgoingPhone| ContactPhone {
            phone: phone.phone,
            kind: phone.r#type,
            wa_id: phone.wa_id,
        };
        let email = |email: OutgoingEmail| ContactEmail { email: email.email };
        Self {
            name: ContactName {
                first_name: first_name.unwrap_or_else(|| formatted_name.clone()),
                formatted_name,
                last_name,
            },
            phones: contact.phones.into_iter().map(phone).collect(),
            emails: contact.emails.into_iter().map(email).collect(),
        }
    }
}

impl From<OutgoingSection> for Section {
    fn from(section: OutgoingSection) -> Self {
        let row = |row: OutgoingRow| Row {
            id: row.id,
            title: row.title,
            description: row.description,
        };
        Self {
            title: section.title,
            rows: section.rows.into_iter().map(row).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outgoing, SendMessage};
    use crate::error::{ApiError, FieldFault};
    use crate::http::extract::{Body, Bounds};
    use actix_web::FromRequest as _;
    use actix_web::test::TestRequest;
    use std::time::Duration;

    async fn read(body: &str) -> Result<SendMessage, ApiError> {
        let (req, mut payload) = TestRequest::post()
            .insert_header(("content-type", "application/json"))
            .app_data(Bounds::new(1 << 16, Duration::from_secs(60), 1 << 20))
            .set_payload(body.to_owned())
            .to_http_parts();
        let body = Body::from_request(&req, &mut payload).await?;
        Ok(body.value)
    }

    #[actix_web::test]
    async fn every_fault_names_its_field() {
        for (body, expected) in [
            ("{}", "type"),
            (r#"{"type":"texto","body":"x"}"#, "type"),
            (r#"{"type":"text"}"#, "body"),
            (r#"{"type":"text","body":5}"#, "body"),
            (
                r#"{"type":"text","body":"x","preview_url":"yes"}"#,
                "preview_url",
            ),
            (r#"{"type":"text","body":"x","colour":1}"#, "colour"),
            (r#"{"type":"text","body":"x","buttons":[]}"#, "buttons"),
            (r#"{"type":"text","body":"x","reply_to":"1"}"#, "reply_to"),
            (
                r#"{"type":"text","body":"x","expected_seq":-1}"#,
                "expected_seq",
            ),
            (r#"{"type":"buttons","body":"x"}"#, "buttons"),
            (
                r#"{"type":"buttons","body":"x","buttons":[],"preview_url":true}"#,
                "preview_url",
            ),
            (
                r#"{"type":"buttons","body":"x","buttons":[{"id":1,"title":"a"}]}"#,
                "buttons[0].id",
            ),
            (
                r#"{"type":"buttons","body":"x","buttons":[{"id":"1"}]}"#,
                "buttons[0].title",
            ),
            (
                r#"{"buttons":[{"id":"1","title":"a","x":1}],"type":"buttons","body":"x"}"#,
                "buttons[0].x",
            ),
            (
                r#"{"type":"list","body":"x","button":"y","sections":5}"#,
                "sections",
            ),
            (
                r#"{"type":"list","body":"x","sections":[{"rows":[{"id":"1"}]}]}"#,
                "sections[0].rows[0].title",
            ),
            (r#"{"type":"list","body":"x","sections":[]}"#, "button"),
            (r#"{"type":"image"}"#, "media_id"),
            (r#"{"type":"image","media_id":"x"}"#, "media_id"),
            (
                r#"{"type":"sticker","media_id":"018f2b1c-0000-7000-8000-000000000001","caption":"x"}"#,
                "caption",
            ),
            (
                r#"{"type":"image","media_id":"018f2b1c-0000-7000-8000-000000000001","body":"x"}"#,
                "body",
            ),
            (r#"{"type":"location","latitude":1}"#, "longitude"),
            (r#"{"type":"contacts","contacts":[{}]}"#, "contacts[0].name"),
            (r#"{"type":"reaction","emoji":"x"}"#, "message_id"),
        ] {
            match read(body).await {
                Err(ApiError::Unreadable(FieldFault { field, .. })) => {
                    assert_eq!(field, expected, "{body}");
                }
                other => panic!("{body}: {other:?}"),
            }
        }
    }

    #[actix_web::test]
    async fn every_type_is_read() {
        let id = "018f2b1c-0000-7000-8000-000000000001";
        let text = read(&format!(
            r#"{{"body":"x","type":"text","reply_to":"{id}"}}"#
        ))
        .await
        .expect("a text");
        assert_eq!(text.reply_to.map(|id| id.to_string()).as_deref(), Some(id));
        assert!(matches!(
            text.content,
            Outgoing::Text {
                preview_url: false,
                ..
            }
        ));
        let buttons = r#"{"type":"buttons","header":null,"body":"x",
                          "buttons":[{"id":"1","title":"a"}]}"#;
        let buttons = read(buttons).await.expect("buttons").content;
        assert!(matches!(buttons, Outgoing::Buttons { buttons, .. } if buttons.len() == 1));
        let list = r#"{"type":"list","body":"x","footer":"z","button":"y",
                       "sections":[{"rows":[{"id":"1","title":"a"}]}]}"#;
        let list = read(list).await.expect("a list").content;
        assert!(matches!(
            list,
            Outgoing::List {
                footer: Some(_),
                ..
            }
        ));
    }
}
