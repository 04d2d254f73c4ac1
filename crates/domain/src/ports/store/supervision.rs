//! What supervision keeps for people to read: incidents of actors, and how a channel is. Neither
//! holds words of customers or secrets.

use crate::ids::ConversationId;

/// Something that supervision did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// `conversation`, `channel`, `attendant` or `tenant`.
    pub actor: &'static str,
    pub conversation: Option<ConversationId>,
    pub kind: IncidentKind,
    /// For people; holds no words of customers.
    pub reason: String,
}

/// What supervision did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncidentKind {
    /// An actor crashed and was started again.
    Restart,
    /// Its normal decisions were taken away.
    Quarantine,
    /// A person gave them back.
    Resume,
    /// An item was given up.
    DeadLetter,
}

impl IncidentKind {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Quarantine => "quarantine",
            Self::Resume => "resume",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// How a channel is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelHealth {
    pub level: HealthLevel,
    /// The provider's code that led here.
    pub code: Option<i64>,
    /// For people; holds no secrets.
    pub detail: Option<String>,
}

/// How well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HealthLevel {
    #[default]
    Green,
    /// Slowed down or failing now and then.
    Yellow,
    /// Nothing is sent until a person acts.
    Red,
}

impl HealthLevel {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// The level of a stored word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Green, Self::Yellow, Self::Red]
            .into_iter()
            .find(|level| level.name() == name)
    }
}
