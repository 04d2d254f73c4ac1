//! Why a command is refused. Each refusal names the rule, so that a client can tell its user.

use crate::Timestamp;
use crate::ids::UserId;
use crate::outbound::ContentLimit;
use crate::routing::Skill;
use thiserror::Error;

/// A refused command. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Attendants write only in conversations they lead.
    #[error("the conversation is not led by a person")]
    NotInHumanMode,
    /// Another attendant leads.
    #[error("the conversation is led by another attendant")]
    AssignedToAnother {
        /// Who leads; `None` when it is the owner of the number, on the phone.
        by: Option<UserId>,
    },
    /// Only a waiting conversation can be assigned.
    #[error("the conversation is not waiting for a person")]
    NotWaiting,
    /// The bot leads already.
    #[error("the bot leads the conversation already")]
    AlreadyWithBot,
    /// The session has ended.
    #[error("the conversation is closed")]
    AlreadyClosed,
    /// Only what is closed can be put away.
    #[error("the conversation is not closed")]
    NotClosed,
    /// Free text needs a message of the customer within the last 24 hours.
    #[error("the 24-hour service window is closed")]
    WindowClosed {
        /// When it closed; `None` if the customer never wrote.
        since: Option<Timestamp>,
    },
    /// Somebody said something after the newest message that the writer had seen.
    #[error("the conversation has moved on")]
    ConversationMoved {
        /// `seq` of the newest message.
        last_seq: u64,
    },
    /// No department of this id.
    #[error("unknown department")]
    UnknownDepartment,
    /// The channel could never deliver this content.
    #[error("{0}")]
    Content(ContentLimit),
    /// A value is out of its range.
    #[error("{field} {problem}")]
    Invalid {
        field: &'static str,
        problem: &'static str,
    },
    /// While quarantined, only taking over, replying and closing are possible.
    #[error("the conversation is in quarantine")]
    Quarantined,
    /// Somebody else is being asked.
    #[error("the request is offered to another attendant")]
    OfferedToAnother { to: UserId },
    /// The offer was answered, taken back, or is over.
    #[error("the offer is over")]
    OfferEnded,
    /// Leads, or is offered, as many conversations as they may.
    #[error("the attendant leads as many conversations as they may")]
    AtCapacity { user: UserId, capacity: u32 },
    /// Has said that they take nothing now.
    #[error("the attendant is away")]
    AttendantAway { user: UserId },
    /// The request needs what they cannot do.
    #[error("the attendant lacks a skill that the request needs")]
    SkillsMissing { user: UserId, skills: Vec<Skill> },
    /// It is not in quarantine.
    #[error("the conversation is not in quarantine")]
    NotQuarantined,
}

impl Rejection {
    /// The machine-readable code, stable across versions.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotInHumanMode => "not_in_human_mode",
            Self::AssignedToAnother { .. } => "assigned_to_another",
            Self::NotWaiting => "not_waiting",
            Self::AlreadyWithBot => "already_with_bot",
            Self::AlreadyClosed => "already_closed",
            Self::NotClosed => "not_closed",
            Self::WindowClosed { .. } => "window_closed",
            Self::ConversationMoved { .. } => "conversation_moved",
            Self::UnknownDepartment => "unknown_department",
            Self::Content(_) => "content_limit",
            Self::Invalid { .. } => "invalid_value",
            Self::Quarantined => "quarantined",
            Self::OfferedToAnother { .. } => "offered_to_another",
            Self::OfferEnded => "offer_ended",
            Self::AtCapacity { .. } => "at_capacity",
            Self::AttendantAway { .. } => "attendant_away",
            Self::SkillsMissing { .. } => "skills_missing",
            Self::NotQuarantined => "not_quarantined",
        }
    }
}
