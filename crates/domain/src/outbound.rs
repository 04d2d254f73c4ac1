//! What is sent to a customer: free-form content that every channel can carry. Limits are the
//! Cloud API's (docs/META.md, "Sending") and are checked where such a value is made or accepted, so
//! that the provider never has to refuse it.

use crate::content::MessageKind;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most characters of a text message.
pub const TEXT_MAX: usize = 4096;

/// An outbound message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        }
    }

    /// The words shown in the timeline.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Text { body, .. } | Self::Buttons { body, .. } | Self::List { body, .. } => body,
        }
    }

    /// Checks every limit of the Cloud API.
    ///
    /// # Errors
    /// The first field that is empty, too long, too many or not unique.
    pub fn check(&self) -> Result<(), ContentLimit> {
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
        }
    }
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

fn limit(field: &str, problem: &str) -> ContentLimit {
    ContentLimit {
        field: field.to_owned(),
        problem: problem.to_owned(),
    }
}
