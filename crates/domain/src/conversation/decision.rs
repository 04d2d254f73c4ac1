//! What a decision asks for. All of it is written in the one commit that makes the decision
//! true, except [`Effect::ShowRead`], which is a courtesy and may be lost.

use super::command::Quote;
use super::event::{Event, HandoffReason, Originator};
use super::state::{Owner, Priority};
use crate::Timestamp;
use crate::content::{Content, MessageKind};
use crate::ids::{DepartmentId, HandoffId, MessageId, NotificationId, UserId};
use crate::outbound::Outbound;
use crate::routing::Skill;
use serde::{Deserialize, Serialize};

/// The outcome of `decide`: facts, the words that belong to them, and requests to the world.
/// Empty when the command changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    pub events: Vec<Event>,
    /// One for each [`Event::MessageAdded`], in the same order.
    pub messages: Vec<MessageDraft>,
    pub effects: Vec<Effect>,
}

/// A message about to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageDraft {
    pub id: MessageId,
    pub seq: u64,
    pub sender: Sender,
    pub kind: MessageKind,
    pub body: Body,
    /// The provider's id, for messages that came from outside.
    pub external_id: Option<String>,
    pub quote: Option<Quote>,
    /// Forwarded, referral and product context as the provider sent it.
    pub context: Option<serde_json::Value>,
    /// When it was written, by the provider's clock for inbound messages.
    pub sent_at: Timestamp,
    /// Written before a message that was already there.
    pub late: bool,
}

/// The words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "body", rename_all = "snake_case")]
pub enum Body {
    /// From the customer or from the phone app.
    Inbound { content: Content },
    /// To the customer.
    Outbound { outbound: Outbound },
    /// Among staff.
    Note {
        text: String,
        /// Colleagues who are named in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
    },
}

impl Body {
    /// What a person reads in the timeline.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Inbound { content } => content.text(),
            Self::Outbound { outbound } => outbound.body(),
            Self::Note { text, .. } => text,
        }
    }

    /// What the customer tapped: see [`Content::choice`].
    #[must_use]
    pub fn choice(&self) -> Option<&str> {
        match self {
            Self::Inbound { content } => content.choice(),
            Self::Outbound { .. } | Self::Note { .. } => None,
        }
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "sender", content = "user", rename_all = "snake_case")]
pub enum Sender {
    Customer,
    Bot,
    Attendant(UserId),
    /// The owner of the number, on the phone.
    Phone,
    /// The product itself: notices about takeover, waiting, closing.
    System,
}

/// What a message does to the number of unread ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadChange {
    /// One more waits for somebody to read it.
    Raise,
    /// A person answered, and has read all.
    Clear,
    Keep,
}

impl Sender {
    /// The word for it, as stored and sent: `customer`, `bot`, `attendant`, `phone` or `system`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Bot => "bot",
            Self::Attendant(_) => "attendant",
            Self::Phone => "phone",
            Self::System => "system",
        }
    }

    /// The user who speaks.
    #[must_use]
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::Attendant(user) => Some(user),
            Self::Customer | Self::Bot | Self::Phone | Self::System => None,
        }
    }

    /// What a message of this sender does to the number of unread ones. `utterance` and `scheduled` as in
    /// [`Event::MessageAdded`](super::Event::MessageAdded).
    #[must_use]
    pub fn unread_change(
        self,
        kind: MessageKind,
        utterance: bool,
        scheduled: bool,
    ) -> UnreadChange {
        match self {
            _ if kind == MessageKind::Note || scheduled => UnreadChange::Keep,
            Self::Customer if utterance => UnreadChange::Raise,
            Self::Attendant(_) | Self::Phone if kind.is_utterance() => UnreadChange::Clear,
            Self::Customer | Self::Bot | Self::Attendant(_) | Self::Phone | Self::System => {
                UnreadChange::Keep
            }
        }
    }
}

/// The order in which a channel's tokens are spent, first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendClass {
    /// Attendants' words and notices about control.
    Human,
    /// The bot's answers.
    Bot,
    /// Mass sends.
    Campaign,
}

/// A request to the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Put the message at `seq` into the outbox.
    Send {
        seq: u64,
        class: SendClass,
        /// The epoch it is valid under; `None` for people's words and notices, which stay valid.
        /// Always the epoch in which the decision ends: what the bot says on its way into a
        /// handoff belongs to the handoff and survives it.
        epoch: Option<u64>,
    },
    /// Cancel every automatic row that earlier decisions left queued. Comes first; it never
    /// concerns the sends of its own decision.
    CancelAutomatic,
    /// Keep a record of a change of control.
    RecordTransfer(TransferRecord),
    /// Open or change a handoff.
    Handoff(HandoffChange),
    /// Only if this person has room for it: the commit is refused otherwise, and nothing has
    /// happened. At most one.
    TakeSlot(Slot),
    /// Tell one person of something.
    Notify(NotificationDraft),
    /// Fetch the file of the customer's message at `seq` from the provider.
    FetchMedia { seq: u64 },
    /// Show the customer that the message was read, and that an answer is being written.
    ShowRead { external_id: String, typing: bool },
}

/// A place in what one person has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub user: UserId,
    /// What they must be able to do.
    pub skills: Vec<Skill>,
}

/// Something that one person is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationDraft {
    pub id: NotificationId,
    pub user: UserId,
    pub kind: NotificationKind,
    /// The message it is about.
    pub message_seq: Option<u64>,
    /// Who caused it.
    pub by: Option<UserId>,
}

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A colleague named them in a note.
    Mention,
    /// What they wrote to be sent later was not sent.
    ScheduledFailed,
    /// A colleague cancelled what they wrote to be sent later.
    ScheduledCancelled,
}

impl NotificationKind {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::ScheduledFailed => "scheduled_failed",
            Self::ScheduledCancelled => "scheduled_cancelled",
        }
    }
}

/// A row of the transfer history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRecord {
    pub kind: TransferKind,
    /// `None`: the bot, or nobody.
    pub from: Option<Owner>,
    /// `None`: the bot, or a department's queue.
    pub to: Option<Owner>,
    pub department: Option<DepartmentId>,
    pub by: Originator,
    pub note: Option<String>,
    pub at: Timestamp,
}

/// What kind of change of control it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    Takeover,
    Assign,
    Transfer,
    Release,
}

/// A change of a handoff's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoffChange {
    Open {
        id: HandoffId,
        department: Option<DepartmentId>,
        priority: Priority,
        reason: HandoffReason,
        /// Words about it.
        note: Option<String>,
        by: Originator,
        at: Timestamp,
        /// Since when the customer waits.
        since: Timestamp,
    },
    Escalate {
        id: HandoffId,
        priority: Priority,
    },
    Assign {
        id: HandoffId,
        to: Owner,
        at: Timestamp,
    },
    /// Served to the end.
    Complete {
        id: HandoffId,
        resolution: Option<String>,
        satisfaction: Option<u8>,
        at: Timestamp,
    },
    /// Not needed any more.
    Cancel {
        id: HandoffId,
        at: Timestamp,
    },
}
