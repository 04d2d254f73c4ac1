//! What may be asked of a conversation, and the values its decision may look at.

use super::decision::{MessageDraft, NotificationKind};
use super::event::{CloseReason, DeadlineKind};
use super::state::{Owner, Priority};
use crate::bot::Flow;
use crate::content::{Content, MessageKind};
use crate::ids::{DepartmentId, HandoffId, LabelId, NotificationId, UserId};
use crate::media::MediaNews;
use crate::outbound::Outbound;
use crate::routing::{Outlook, Place, Skill};
use crate::tenant::{Department, TenantPolicy};
use crate::{Timestamp, conversation::Sender};
use serde::{Deserialize, Serialize};

/// A request that may be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The customer wrote. Never refused.
    ReceiveInbound(Inbound),
    /// The owner of the number wrote to the customer on the phone. Counts as a takeover.
    /// Never refused.
    RecordEcho(Inbound),
    /// An attendant takes control. Repeating it is accepted without effect.
    TakeOver {
        by: UserId,
        /// Shown to the customer.
        name: String,
        /// May take a conversation from another attendant (supervisor and above).
        force: bool,
    },
    /// A person is asked for, or the request moves to another department or priority.
    RequestHandoff {
        by: UserId,
        /// `None` keeps the conversation's.
        department: Option<DepartmentId>,
        /// `None` keeps the urgency it has.
        priority: Option<Priority>,
        /// What whoever serves it must be able to do, besides what the department asks. `None`
        /// keeps what was asked within the same department.
        skills: Option<Vec<Skill>>,
        /// Kept with the handoff; personal content, so never in an event.
        reason: Option<String>,
    },
    /// Someone decides who serves a waiting conversation.
    Assign {
        by: UserId,
        /// The request that is meant; the conversation may have a later one by now.
        handoff: HandoffId,
        to: UserId,
        name: String,
        /// Whatever `to` has to do already and whether they are there (supervisor and above).
        force: bool,
    },
    /// The desk asks one person to take a waiting conversation. It counts for their capacity
    /// until they answer.
    Offer {
        handoff: HandoffId,
        to: UserId,
        /// How long they have.
        seconds: u32,
    },
    /// They take it. Repeating it is accepted without effect.
    AcceptOffer {
        by: UserId,
        handoff: HandoffId,
        /// Shown to the customer.
        name: String,
    },
    /// They do not. Repeating it is accepted without effect.
    RejectOffer { by: UserId, handoff: HandoffId },
    /// They are not there any more. Without effect unless they are being asked.
    RescindOffer { handoff: HandoffId, to: UserId },
    /// The desk sees that the customer's place in the queue is worth telling. Without effect
    /// where that would be too soon, or is not true any more.
    TellPlace { handoff: HandoffId, place: Place },
    /// Whoever leads serves no more. Without effect unless `user` leads.
    Relieve { user: UserId },
    /// Control moves to an attendant, to a department's queue, or to the bot.
    Transfer {
        by: UserId,
        force: bool,
        to: TransferTarget,
        note: Option<String>,
    },
    /// The bot gets control back.
    ReturnToBot { by: UserId, force: bool },
    /// An attendant answers.
    SendReply {
        by: UserId,
        outbound: Outbound,
        quote: Option<Quote>,
        /// `seq` of the newest message the writer had seen: refused if somebody said something
        /// after it. `None` sends whatever was said.
        expected_seq: Option<u64>,
        /// It was written earlier, to be sent now: it answers nothing that came since, and nobody
        /// has read that.
        scheduled: bool,
    },
    /// An attendant writes first, with what needs no message of the customer before it, and leads
    /// from then on. Never takes a conversation from somebody else who leads it.
    Reach { by: UserId, outbound: Outbound },
    /// An internal note; never sent.
    AddNote {
        by: UserId,
        text: String,
        /// Colleagues who are named in it and can see the conversation. They are told.
        mentions: Vec<UserId>,
    },
    /// The session ends.
    Close {
        by: UserId,
        force: bool,
        /// The request that is completed by it, where one is meant; the conversation may have a
        /// later one by now.
        handoff: Option<HandoffId>,
        /// What was done. Kept with the handoff if there is one, else as a note.
        resolution: Option<String>,
        /// 1 to 5, as told by the customer.
        satisfaction: Option<u8>,
    },
    /// Staff has seen the messages up to `upto_seq`.
    MarkRead { by: UserId, upto_seq: u64 },
    /// A timer rang.
    DeadlineFired { kind: DeadlineKind, generation: u32 },
    /// The provider refused the message at `seq`.
    RecordSendFailure { seq: u64, code: i64 },
    /// Staff wants it looked at again.
    MarkUnread { by: UserId },
    /// A closed conversation is put away.
    Archive { by: UserId },
    /// It is brought back.
    Unarchive { by: UserId },
    /// Staff says how urgent it is; of a waiting one that is its place in the queue.
    SetPriority { by: UserId, priority: Priority },
    /// Whoever leads wants it out of the way until `until`, or until the customer writes.
    Snooze {
        by: UserId,
        force: bool,
        until: Timestamp,
    },
    /// It comes back now.
    EndSnooze { by: UserId, force: bool },
    /// Staff sorts it: these labels come, those go.
    Label {
        by: UserId,
        add: Vec<LabelId>,
        remove: Vec<LabelId>,
    },
    /// The file of the customer's message at `seq` was fetched, or could not be.
    RecordMedia { seq: u64, news: MediaNews },
    /// Somebody wants the file of the customer's message at `seq` to be fetched after all.
    FetchMedia { by: UserId, seq: u64 },
    /// One person is told of something that is no message of the conversation.
    Tell {
        to: UserId,
        id: NotificationId,
        kind: NotificationKind,
        /// Who caused it.
        by: Option<UserId>,
    },
    /// Supervision gives up on normal decisions.
    Quarantine,
    /// A supervisor gives them back.
    Resume { by: UserId },
}

/// Where control goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferTarget {
    Attendant { id: UserId, name: String },
    Department(DepartmentId),
    Bot,
}

/// A message from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// The provider's id of the message (`wamid.…`).
    pub external_id: String,
    /// When it was written, by the provider's clock.
    pub sent_at: Timestamp,
    pub content: Content,
    /// The message it answers.
    pub quote: Option<Quote>,
    /// Forwarded, referral and product context as the provider sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<serde_json::Value>,
}

/// A reference to an earlier message by its provider id; it may be unknown here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub external_id: String,
}

/// A recent message as `decide` may look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentMessage {
    pub seq: u64,
    pub sender: Sender,
    pub kind: MessageKind,
    /// What a person reads.
    pub text: String,
    /// Id of the tapped button or chosen row.
    pub choice: Option<String>,
}

impl From<&MessageDraft> for RecentMessage {
    fn from(draft: &MessageDraft) -> Self {
        Self {
            seq: draft.seq,
            sender: draft.sender,
            kind: draft.kind,
            text: draft.body.text().to_owned(),
            choice: draft.body.choice().map(str::to_owned),
        }
    }
}

/// Everything outside the state that a decision may depend on, as values.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The database's clock.
    pub now: Timestamp,
    /// Whether the tenant is served. Where it is not, what arrives is kept, nothing is said but
    /// what a person says, and nobody is late.
    pub served: bool,
    pub policy: &'a TenantPolicy,
    pub flow: &'a Flow,
    /// Since when the customer has this flow, if they had another one not long ago: what the bot
    /// asked before is not of this one.
    pub flow_since: Option<Timestamp>,
    pub departments: &'a [Department],
    /// The customer's name, for texts.
    pub customer_name: Option<&'a str>,
    /// The queues as they were a moment ago, for what is told about the wait.
    pub outlook: &'a Outlook,
    /// The newest messages, oldest first: at least those of a pending turn and of collected
    /// inputs, as far as they are still kept.
    pub recent: &'a [RecentMessage],
}

impl Command {
    /// A stable name for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReceiveInbound(_) => "receive_inbound",
            Self::RecordEcho(_) => "record_echo",
            Self::TakeOver { .. } => "take_over",
            Self::RequestHandoff { .. } => "request_handoff",
            Self::Assign { .. } => "assign",
            Self::Offer { .. } => "offer",
            Self::AcceptOffer { .. } => "accept_offer",
            Self::RejectOffer { .. } => "reject_offer",
            Self::RescindOffer { .. } => "rescind_offer",
            Self::TellPlace { .. } => "tell_place",
            Self::Relieve { .. } => "relieve",
            Self::Transfer { .. } => "transfer",
            Self::ReturnToBot { .. } => "return_to_bot",
            Self::SendReply { .. } => "send_reply",
            Self::Reach { .. } => "reach",
            Self::AddNote { .. } => "add_note",
            Self::Close { .. } => "close",
            Self::MarkRead { .. } => "mark_read",
            Self::DeadlineFired { .. } => "deadline_fired",
            Self::RecordSendFailure { .. } => "record_send_failure",
            Self::MarkUnread { .. } => "mark_unread",
            Self::Archive { .. } => "archive",
            Self::Unarchive { .. } => "unarchive",
            Self::SetPriority { .. } => "set_priority",
            Self::Snooze { .. } => "snooze",
            Self::EndSnooze { .. } => "end_snooze",
            Self::Label { .. } => "label",
            Self::RecordMedia { .. } => "record_media",
            Self::FetchMedia { .. } => "fetch_media",
            Self::Tell { .. } => "tell",
            Self::Quarantine => "quarantine",
            Self::Resume { .. } => "resume",
        }
    }

    /// Whether a person acts here; such commands overtake waiting ones in the mailbox.
    #[must_use]
    pub fn is_human_control(&self) -> bool {
        matches!(
            self,
            Self::TakeOver { .. }
                | Self::Assign { .. }
                | Self::Transfer { .. }
                | Self::AcceptOffer { .. }
                | Self::RejectOffer { .. }
                | Self::ReturnToBot { .. }
                | Self::Close { .. }
                | Self::Quarantine
                | Self::Resume { .. }
        )
    }
}

impl From<Owner> for super::event::Originator {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::User(user) => Self::User(user),
            Owner::Phone => Self::Phone,
        }
    }
}

impl CloseReason {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Flow => "flow",
            Self::BotIdle => "bot_idle",
        }
    }
}
