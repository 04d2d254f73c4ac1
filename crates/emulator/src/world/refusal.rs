//! Why the control API or the library did not do something.

use thiserror::Error;

/// A request to the emulator that makes no sense or finds no room.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no number with phone_number_id {0}")]
    UnknownNumber(String),
    #[error("no customer {0}")]
    UnknownCustomer(String),
    #[error("no message {0} in this chat")]
    UnknownMessage(String),
    /// The message has no such button or row.
    #[error("message {message_id} has no choice {choice}")]
    NoSuchChoice { message_id: String, choice: String },
    #[error("{0}")]
    Invalid(String),
    /// A bound of [`crate::Bounds`] is reached.
    #[error("no room for more {0}")]
    Full(&'static str),
}

impl Refusal {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownNumber(_) => "unknown_number",
            Self::UnknownCustomer(_) => "unknown_customer",
            Self::UnknownMessage(_) => "unknown_message",
            Self::NoSuchChoice { .. } => "no_such_choice",
            Self::Invalid(_) => "invalid",
            Self::Full(_) => "full",
        }
    }
}
