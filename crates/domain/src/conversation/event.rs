//! What happened to a conversation. Events hold ids, numbers and moments, never words: the
//! words are in the messages, where they can be erased. Folding the events of a conversation
//! over a base snapshot gives its live state.

use super::state::{Owner, Priority};
use crate::bot::NodeId;
use crate::content::MessageKind;
use crate::ids::{DepartmentId, HandoffId, LabelId, MediaId, UserId};
use crate::media::MediaState;
use crate::{Timestamp, conversation::Sender, routing::Skill};
use serde::{Deserialize, Serialize};

/// A fact about one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A service session began: the first message, or the first after a close. The bot leads.
    /// Raises the epoch.
    SessionOpened { at: Timestamp },
    /// A message took its place in the order.
    MessageAdded {
        seq: u64,
        sender: Sender,
        kind: MessageKind,
        at: Timestamp,
        /// Whether it counts for the window and the unread counter.
        utterance: bool,
        /// Written before a message that was already there.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
        /// A person's words that were written earlier, to be sent now. They answer nothing.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        scheduled: bool,
    },
    /// The bot now waits at `node` after `misses` answers in a row that it did not understand.
    BotMoved { node: NodeId, misses: u8 },
    /// The message at `seq` is the answer for `variable`.
    InputCollected { variable: String, seq: u64 },
    /// The burst that began at `from_seq` waits for its quiet period.
    TurnPending { from_seq: u64, since: Timestamp },
    /// The waiting burst was answered or overtaken.
    TurnSettled,
    /// A person was asked for. Raises the epoch.
    HandoffRequested {
        handoff: HandoffId,
        at: Timestamp,
        department: Option<DepartmentId>,
        priority: Priority,
        reason: HandoffReason,
        by: Originator,
        /// Since when the customer waits, where that is not since `at`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// Who had the conversation and let it go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passed_over: Option<UserId>,
        /// Who served the customer before, and is asked first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preferred: Option<UserId>,
        /// What whoever serves it must be able to do.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<Skill>,
    },
    /// One person was asked to take the waiting conversation.
    Offered {
        handoff: HandoffId,
        to: UserId,
        at: Timestamp,
        expires_at: Timestamp,
        /// What whoever is asked wants to know of the request.
        department: Option<DepartmentId>,
        priority: Priority,
        since: Timestamp,
    },
    /// That person is not asked any more.
    OfferEnded {
        handoff: HandoffId,
        to: UserId,
        at: Timestamp,
        how: OfferEnd,
    },
    /// The customer was told their place in the queue, and how many minutes it takes at most if
    /// that was known.
    PlaceTold {
        handoff: HandoffId,
        at: Timestamp,
        position: u32,
        minutes: Option<u32>,
    },
    /// The wait grew too long: the request now has this priority.
    WaitingEscalated { priority: Priority, notified: bool },
    /// A person took control. Raises the epoch.
    TakenOver {
        owner: Owner,
        from: Option<Owner>,
        at: Timestamp,
        handoff: Option<HandoffId>,
    },
    /// Control went from one person to another. Raises the epoch.
    Transferred {
        from: Option<Owner>,
        to: UserId,
        by: Originator,
        at: Timestamp,
        department: Option<DepartmentId>,
    },
    /// The bot got control back. Raises the epoch.
    ReturnedToBot { by: Originator, at: Timestamp },
    /// The session ended. Raises the epoch.
    Closed {
        by: Originator,
        at: Timestamp,
        reason: CloseReason,
        /// `seq` of the newest message then: nothing up to there is unread any more. 0 in events
        /// of older versions.
        #[serde(default)]
        upto_seq: u64,
    },
    /// Staff has seen everything up to `upto_seq`.
    Read { by: UserId, upto_seq: u64 },
    /// Somebody wants it looked at again.
    MarkedUnread {
        by: Originator,
        /// `seq` of the newest message then.
        upto_seq: u64,
    },
    /// The closed conversation was put away.
    Archived { by: UserId, at: Timestamp },
    /// It was brought back by staff.
    Unarchived { by: UserId, at: Timestamp },
    /// Staff said how urgent it is.
    PriorityChanged { by: UserId, priority: Priority },
    /// It is out of the way until `until`. Arms that deadline.
    Snoozed {
        by: UserId,
        at: Timestamp,
        until: Timestamp,
    },
    /// It is back: by staff, by the customer, or because it was time.
    SnoozeEnded { by: Originator, at: Timestamp },
    /// Staff sorted it: these labels are there now, those are not, whatever was before. The state
    /// does not know labels, since nothing is decided by them.
    Labelled {
        by: UserId,
        added: Vec<LabelId>,
        removed: Vec<LabelId>,
    },
    /// The customer was asked how the session was, as it ended.
    RatingAsked {
        until: Timestamp,
        attendant: Option<UserId>,
        handoff: Option<HandoffId>,
    },
    /// The session that ended was rated, once; or the one before that which runs, by a late tap.
    Rated {
        session: u32,
        /// 1 to 5.
        score: u8,
        /// The customer, or the user who passed it on.
        by: Originator,
        at: Timestamp,
        attendant: Option<UserId>,
        department: Option<DepartmentId>,
        handoff: Option<HandoffId>,
        /// Until when a text of the customer says why.
        comment_until: Option<Timestamp>,
        /// `seq` of the newest message then: nothing up to there is unread. 0 while another session
        /// runs: nothing of that one is said, and who served the rated one is not known here.
        upto_seq: u64,
    },
    /// The message at `seq` says why.
    RatingCommented { session: u32, seq: u64 },
    /// The conversation wants to be asked at `at`. Replaces an armed deadline of the same kind.
    DeadlineArmed {
        deadline: DeadlineKind,
        at: Timestamp,
    },
    /// No deadline of this kind is armed any more.
    DeadlineCleared { deadline: DeadlineKind },
    /// The provider refused the message at `seq` for good.
    SendFailed { seq: u64, code: i64 },
    /// The file of the message at `seq` is in another state.
    MediaChanged {
        seq: u64,
        media: MediaId,
        state: MediaState,
        /// By its bytes, once they are here.
        mime_type: Option<String>,
        size: Option<u64>,
    },
    /// Supervision took normal decisions away after repeated crashes. Raises the epoch.
    Quarantined { at: Timestamp },
    /// A supervisor gave them back.
    Resumed { by: UserId, at: Timestamp },
}

/// Who caused something that is not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", content = "user", rename_all = "snake_case")]
pub enum Originator {
    Customer,
    Bot,
    User(UserId),
    /// The owner of the number, on the phone.
    Phone,
    /// A deadline or supervision.
    System,
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// They lead now.
    Accepted,
    /// They said no.
    Rejected,
    /// They said nothing in time.
    TimedOut,
    /// It was taken back: they went away, or somebody else decided about the conversation.
    Rescinded,
}

/// Why a person was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffReason {
    /// The customer used a word that asks for a person.
    Keyword,
    /// The flow leads here.
    Flow,
    /// The bot did not understand twice.
    NotUnderstood,
    /// The flow could not go on (step limit, missing node).
    FlowFault,
    /// Staff asked for it.
    Staff,
    /// Handed to a department.
    Department,
    /// The attendant left the customer without an answer.
    AttendantIdle,
    /// Supervision gave up on the conversation's automatic part.
    Quarantine,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// Staff closed it.
    Staff,
    /// The flow ended.
    Flow,
    /// The customer fell silent in front of the bot.
    BotIdle,
}

/// What a deadline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// The quiet period of a burst ends.
    BotTurn,
    /// The customer may have left the bot.
    BotIdle,
    /// The customer waits too long for a person.
    WaitingTooLong,
    /// The customer waits too long for the attendant's answer.
    HumanIdle,
    /// The person who was asked has had their time.
    OfferTimeout,
    /// What was put out of the way comes back.
    Snooze,
}

/// Which staff may see something, besides supervisors and administrators, who see everything of
/// their tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "to", content = "id", rename_all = "snake_case")]
pub enum Audience {
    /// Every attendant.
    Staff,
    /// The attendants of one department.
    Department(DepartmentId),
    /// One attendant.
    User(UserId),
    /// Supervisors and administrators only.
    Supervisors,
    /// One person and nobody else, supervisors included.
    Only(UserId),
}

impl Event {
    /// Whether this event changes who leads, and so raises the control epoch.
    #[must_use]
    pub fn raises_epoch(&self) -> bool {
        matches!(
            self,
            Self::SessionOpened { .. }
                | Self::HandoffRequested { .. }
                | Self::TakenOver { .. }
                | Self::Transferred { .. }
                | Self::ReturnedToBot { .. }
                | Self::Closed { .. }
                | Self::Quarantined { .. }
        )
    }

    /// The stored name of the event's kind.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SessionOpened { .. } => "session_opened",
            Self::MessageAdded { .. } => "message_added",
            Self::BotMoved { .. } => "bot_moved",
            Self::InputCollected { .. } => "input_collected",
            Self::TurnPending { .. } => "turn_pending",
            Self::TurnSettled => "turn_settled",
            Self::HandoffRequested { .. } => "handoff_requested",
            Self::Offered { .. } => "offered",
            Self::OfferEnded { .. } => "offer_ended",
            Self::PlaceTold { .. } => "place_told",
            Self::WaitingEscalated { .. } => "waiting_escalated",
            Self::TakenOver { .. } => "taken_over",
            Self::Transferred { .. } => "transferred",
            Self::ReturnedToBot { .. } => "returned_to_bot",
            Self::Closed { .. } => "closed",
            Self::Read { .. } => "read",
            Self::MarkedUnread { .. } => "marked_unread",
            Self::Archived { .. } => "archived",
            Self::Unarchived { .. } => "unarchived",
            Self::PriorityChanged { .. } => "priority_changed",
            Self::Snoozed { .. } => "snoozed",
            Self::SnoozeEnded { .. } => "snooze_ended",
            Self::Labelled { .. } => "labelled",
            Self::RatingAsked { .. } => "rating_asked",
            Self::Rated { .. } => "rated",
            Self::RatingCommented { .. } => "rating_commented",
            Self::DeadlineArmed { .. } => "deadline_armed",
            Self::DeadlineCleared { .. } => "deadline_cleared",
            Self::SendFailed { .. } => "send_failed",
            Self::MediaChanged { .. } => "media_changed",
            Self::Quarantined { .. } => "quarantined",
            Self::Resumed { .. } => "resumed",
        }
    }
}
