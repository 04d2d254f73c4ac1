//! What lists show of a conversation, and who may see it: functions of the state alone.

use super::event::Audience;
use super::state::{Mode, Offer, Owner, Priority, State, Survey};
use crate::Timestamp;
use crate::ids::{DepartmentId, UserId};
use serde::{Deserialize, Serialize};

/// The status words of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    /// A person was asked for.
    Waiting,
    Closed,
    /// Closed and put away.
    Archived,
}

/// One line of a conversation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub status: Status,
    /// `bot`, `waiting`, `human` or `closed`.
    pub mode: &'static str,
    pub attendant: Option<UserId>,
    /// Who is being asked to take it.
    pub offer: Option<Offer>,
    pub department: Option<DepartmentId>,
    pub priority: Option<Priority>,
    /// Where the bot stands; `main` before its first prompt.
    pub menu_level: String,
    pub unread: u32,
    pub last_seq: u64,
    pub last_message_at: Option<Timestamp>,
    pub last_inbound_at: Option<Timestamp>,
    pub session_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub quarantined: bool,
    pub archived_at: Option<Timestamp>,
    pub snoozed_until: Option<Timestamp>,
    /// Since when the customer waits for a person's answer.
    pub waiting_since: Option<Timestamp>,
    /// What the customer said of the session that ended, 1 to 5.
    pub rating: Option<u8>,
}

impl Listing {
    /// The line of `state`.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let (status, mode) = match &state.mode {
            Mode::Bot(_) => (Status::Open, "bot"),
            Mode::Waiting { .. } => (Status::Waiting, "waiting"),
            Mode::Human { .. } => (Status::Open, "human"),
            Mode::Closed { archived: None, .. } => (Status::Closed, "closed"),
            Mode::Closed { .. } => (Status::Archived, "closed"),
        };
        let (ended_at, archived_at) = match &state.mode {
            Mode::Closed { at, archived, .. } => (Some(*at), *archived),
            Mode::Bot(_) | Mode::Waiting { .. } | Mode::Human { .. } => (None, None),
        };
        // A state of before knows it only there.
        let priority = match &state.mode {
            Mode::Waiting { priority, .. } => Some(*priority),
            Mode::Bot(_) | Mode::Human { .. } | Mode::Closed { .. } => state.priority,
        };
        let menu_level = match &state.mode {
            Mode::Bot(bot) => bot.node.clone(),
            _ => None,
        };
        Self {
            status,
            mode,
            attendant: state.attendant(),
            offer: state.offer(),
            department: state.department,
            priority,
            menu_level: menu_level.unwrap_or_else(|| "main".to_owned()),
            unread: state.unread_shown(),
            last_seq: state.seq,
            last_message_at: state.last_message_at,
            last_inbound_at: state.last_inbound_at,
            session_at: state.session_at,
            ended_at,
            quarantined: state.quarantined,
            archived_at,
            snoozed_until: state.snoozed_until(),
            waiting_since: state.waiting_since(),
            rating: match state.mode {
                Mode::Closed {
                    survey: Some(Survey::Rated { score, .. }),
                    ..
                } => Some(score),
                _ => None,
            },
        }
    }
}

impl Audience {
    /// Who may see a conversation in this state, besides supervisors and administrators.
    #[must_use]
    pub fn of(state: &State) -> Self {
        match (&state.mode, state.department) {
            (
                Mode::Human {
                    owner: Owner::User(user),
                    ..
                },
                _,
            ) => Self::User(*user),
            (_, Some(department)) => Self::Department(department),
            (_, None) => Self::Staff,
        }
    }
}
