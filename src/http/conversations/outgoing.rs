//! What attendants send, as clients write it. Limits are the domain's to check.

use garde::Validate;
use papo_domain::Outbound;
use papo_domain::outbound::{Button, Row, Section};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A message to send.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(try_from = "Written")]
pub(crate) struct SendMessage {
    #[garde(skip)]
    #[serde(flatten)]
    pub(super) content: Outgoing,
    /// Id of a message of this conversation that it answers.
    #[garde(skip)]
    pub(super) reply_to: Option<Uuid>,
    /// `seq` of the newest message that the writer had seen. If the customer or another person
    /// said something after it, nothing is sent.
    #[garde(skip)]
    pub(super) expected_seq: Option<u64>,
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
    reply_to: Option<Uuid>,
    expected_seq: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Buttons,
    List,
}

/// A message to a customer.
// Read by way of `Written`; what serde is told here is for the description.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outgoing {
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
}

/// A reply button.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutgoingButton {
    id: String,
    /// Up to 20 characters.
    title: String,
}

/// A group of rows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutgoingSection {
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
        ]
        .into_iter()
        .find_map(|(field, given)| given.then_some(field))
    }
}

impl From<Outgoing> for Outbound {
    fn from(outgoing: Outgoing) -> Self {
        match outgoing {
            Outgoing::Text { body, preview_url } => Self::Text { body, preview_url },
            Outgoing::Buttons {
                header,
                body,
                footer,
                buttons,
            } => Self::Buttons {
                header,
                body,
                footer,
                buttons: buttons
                    .into_iter()
                    .map(|OutgoingButton { id, title }| Button { id, title })
                    .collect(),
            },
            Outgoing::List {
                header,
                body,
                footer,
                button,
                sections,
            } => Self::List {
                header,
                body,
                footer,
                button,
                sections: sections.into_iter().map(Into::into).collect(),
            },
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
