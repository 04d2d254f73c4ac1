//! What a conversation is between two commits. Small (its snapshot stays under 1 KiB), without
//! any words of the customer and without delivery statuses.

use super::event::{CloseReason, DeadlineKind};
use super::moments::{self, moment};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::{Timestamp, bot::NodeId, routing::Skill};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most people that a snapshot has room for in `passed_over`.
pub const PASSED_OVER_MAX: usize = 2;

/// The state of one conversation. Only [`super::evolve`] writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which conversation. Stored names are short where a snapshot would grow too large; the long
    /// ones are those of the first version.
    #[serde(rename = "id", alias = "conversation")]
    pub conversation: ConversationId,
    /// `seq` of the newest message; 0 before the first. Messages are numbered without gaps.
    pub seq: u64,
    /// `seq` of the newest words of anybody but the one who leads: the customer, the owner's
    /// phone, an attendant before. Who answers must have seen them. 0 before the first.
    #[serde(rename = "w", default, skip_serializing_if = "is_zero")]
    pub words_seq: u64,
    /// The control epoch: raised at every change of mode. Automatic sends carry the epoch they
    /// were decided under and are void under any other.
    pub epoch: u64,
    /// Who leads the conversation.
    pub mode: Mode,
    /// How many service sessions were opened; 0 before the first message.
    pub session: u32,
    /// When the running (or last) service session began.
    #[serde(with = "moments")]
    pub session_at: Option<Timestamp>,
    /// Department the conversation belongs to, if any.
    pub department: Option<DepartmentId>,
    /// Provider time of the newest utterance of the customer; opens the 24 h window.
    #[serde(with = "moments")]
    pub last_inbound_at: Option<Timestamp>,
    /// Provider or commit time of the newest message of anybody but notes.
    #[serde(with = "moments")]
    pub last_message_at: Option<Timestamp>,
    /// When the bot last spoke; bursts are measured against it.
    #[serde(with = "moments")]
    pub last_bot_at: Option<Timestamp>,
    /// Customer messages since staff last read or answered, or the last session ended.
    pub unread: u32,
    /// Somebody wants it looked at again: shown as one more unread message.
    #[serde(rename = "m", default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
    /// Urgency of this session, once something was said about it: by a request for a person, by
    /// its long wait, or by staff.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Armed deadlines, at most one of each kind.
    pub deadlines: Vec<Deadline>,
    /// Counts armings, so that a timer that was overtaken can be told from the current one.
    #[serde(rename = "g", alias = "generation")]
    pub generation: u32,
    /// A burst of customer messages that waits for its quiet period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<PendingTurn>,
    /// The user who led last. Asked first when the customer needs a person again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attendant: Option<UserId>,
    /// Set while supervision has taken the conversation's normal decisions away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quarantined: bool,
}

/// Who leads. Modes carry their own data, so that none of it can outlive its mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Mode {
    /// The bot answers.
    Bot(BotState),
    /// A person was asked for and none has come yet.
    Waiting {
        handoff: HandoffId,
        /// Since when the customer waits. Kept while the request moves.
        #[serde(with = "moment")]
        since: Timestamp,
        priority: Priority,
        /// Whether the customer was already told that it takes longer.
        notified: bool,
        /// Who is being asked, if somebody is. It is their place in the meantime: it counts for
        /// their capacity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<Offer>,
        /// Who had it and let it go, the newest last, at most [`PASSED_OVER_MAX`]. They are asked
        /// again when nobody else can serve it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        passed_over: Vec<UserId>,
        /// What whoever serves it must be able to do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<Skill>,
        /// When the customer was last told their place in the queue.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "moments")]
        told_at: Option<Timestamp>,
    },
    /// A person answers; the bot is silent.
    Human {
        owner: Owner,
        #[serde(with = "moment")]
        since: Timestamp,
        /// The handoff that led here, if one did.
        handoff: Option<HandoffId>,
        /// Since when the customer waits for this person's answer, by the provider's clock: the
        /// message may have come much later.
        #[serde(with = "moments")]
        unanswered_since: Option<Timestamp>,
        /// `seq` of this person's newest message to the customer; 0 before the first.
        #[serde(default, skip_serializing_if = "is_zero")]
        replied_seq: u64,
        /// What the request that led here asked of whoever serves it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<Skill>,
    },
    /// Nobody leads; the customer's next message opens a new session.
    Closed {
        #[serde(with = "moment")]
        at: Timestamp,
        reason: CloseReason,
        /// When it was put away, if it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        archived: Option<Timestamp>,
        /// What the customer was asked about the session, or said of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        survey: Option<Survey>,
    },
}

/// The customer's opinion of a session: at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "survey", rename_all = "snake_case")]
pub enum Survey {
    /// An answer until then is a rating.
    Asked {
        until: Timestamp,
        /// Who is rated.
        attendant: Option<UserId>,
        /// Where the session's request for a person is kept, if there was one.
        handoff: Option<HandoffId>,
    },
    Rated {
        score: u8,
        /// A text until then says why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment_until: Option<Timestamp>,
    },
}

/// A request that one person was asked to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub to: UserId,
    /// Until when they may accept.
    #[serde(with = "moment")]
    pub expires_at: Timestamp,
}

/// Where the bot stands in its flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotState {
    /// The node whose answer is awaited; `None` before the first prompt. Shown to users as
    /// `current_menu_level`.
    pub node: Option<NodeId>,
    /// Answers in a row that were not understood.
    pub misses: u8,
    /// Collected inputs: variable name to the `seq` of the message that holds the answer. The
    /// words themselves stay in the message, so that erasing it erases them. At most as many as
    /// a flow may have; of those that flows before this one have left, the oldest go first.
    pub answers: BTreeMap<String, u64>,
}

/// The person who leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", content = "user", rename_all = "snake_case")]
pub enum Owner {
    /// A user of the dashboard.
    User(UserId),
    /// The owner of the number, typing in the WhatsApp Business app on the phone.
    Phone,
}

/// Urgency, lowest first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    #[default]
    Medium,
    High,
    Urgent,
}

/// A moment at which the conversation wants to be asked again. A timer is only its shadow: when
/// it fires, `decide` looks at the state anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub kind: DeadlineKind,
    #[serde(with = "moment")]
    pub at: Timestamp,
    /// The arming that set it.
    #[serde(rename = "g", alias = "generation")]
    pub generation: u32,
}

/// Customer messages that the bot will answer together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingTurn {
    /// First message of the burst.
    pub from_seq: u64,
    /// When it came; the longest wait counts from here.
    #[serde(with = "moment")]
    pub since: Timestamp,
}

impl State {
    /// A conversation nobody has written in yet.
    #[must_use]
    pub fn new(conversation: ConversationId) -> Self {
        Self {
            conversation,
            seq: 0,
            words_seq: 0,
            epoch: 1,
            mode: Mode::Bot(BotState::default()),
            session: 0,
            session_at: None,
            department: None,
            last_inbound_at: None,
            last_message_at: None,
            last_bot_at: None,
            unread: 0,
            marked: false,
            priority: None,
            deadlines: Vec::new(),
            generation: 0,
            turn: None,
            last_attendant: None,
            quarantined: false,
        }
    }

    /// The armed deadline of `kind`.
    #[must_use]
    pub fn deadline(&self, kind: DeadlineKind) -> Option<&Deadline> {
        self.deadlines.iter().find(|d| d.kind == kind)
    }

    /// Until when it is out of the way, if it is. Whatever changes who leads brings it back.
    #[must_use]
    pub fn snoozed_until(&self) -> Option<Timestamp> {
        self.deadline(DeadlineKind::Snooze).map(|d| d.at)
    }

    /// Since when the customer waits for a person's answer.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Timestamp> {
        match self.mode {
            Mode::Waiting { since, .. } => Some(since),
            Mode::Human {
                unanswered_since, ..
            } => unanswered_since,
            Mode::Bot(_) | Mode::Closed { .. } => None,
        }
    }

    /// The number of unread messages as people see it.
    #[must_use]
    pub fn unread_shown(&self) -> u32 {
        self.unread.saturating_add(u32::from(self.marked))
    }

    /// When the conversation must next be asked, if nothing happens before.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.deadlines.iter().map(|d| d.at).min()
    }

    /// The user who leads, if one does.
    #[must_use]
    pub fn attendant(&self) -> Option<UserId> {
        match self.mode {
            Mode::Human {
                owner: Owner::User(user),
                ..
            } => Some(user),
            _ => None,
        }
    }

    /// The open offer, if the conversation waits and somebody is being asked.
    #[must_use]
    pub fn offer(&self) -> Option<Offer> {
        match self.mode {
            Mode::Waiting { offer, .. } => offer,
            _ => None,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(seq: &u64) -> bool {
    *seq == 0
}
