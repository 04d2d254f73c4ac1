//! What attendants send, as clients write it. Limits are the domain's to check.

use papo_domain::Outbound;
use papo_domain::outbound::{Button, Row, Section};
use serde::Deserialize;
use utoipa::ToSchema;

/// A message to a customer.
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
pub struct OutgoingButton {
    id: String,
    /// Up to 20 characters.
    title: String,
}

/// A group of rows.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OutgoingSection {
    /// Needed when there are several.
    title: Option<String>,
    rows: Vec<OutgoingRow>,
}

/// A row of a list.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct OutgoingRow {
    id: String,
    /// Up to 24 characters.
    title: String,
    /// Up to 72 characters.
    description: Option<String>,
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
