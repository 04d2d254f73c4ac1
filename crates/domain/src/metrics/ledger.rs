//! The fold.

use crate::Timestamp;
use crate::content::MessageKind;
use crate::conversation::{CloseReason, Event, Owner, Sender};
use crate::ids::{DepartmentId, UserId};

/// One service session. Counts and moments only, never words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// Counts the conversation's sessions from 1.
    pub session: u32,
    pub opened_at: Timestamp,
    /// `None` while it runs.
    pub ended: Option<(Timestamp, CloseReason)>,
    /// Where it was last.
    pub department: Option<DepartmentId>,
    /// When a person was first asked for.
    pub asked_at: Option<Timestamp>,
    /// When a person first led.
    pub taken_at: Option<Timestamp>,
    /// When a person first led who came because one was asked for.
    pub served_at: Option<Timestamp>,
    /// When a person first said something.
    pub answered_at: Option<Timestamp>,
    /// How often control went from one person to another person or department: as often as a
    /// stretch was handed on.
    pub transfers: u32,
    /// The customer's messages, reactions and the like apart.
    pub inbound: u32,
    /// The bot's messages.
    pub bot: u32,
    /// Messages of people, those from the phone among them.
    pub staff: u32,
    /// Who led last.
    pub last_user: Option<UserId>,
    /// Stretches so far; the newest has this number.
    pub stretches: u32,
}

/// A stretch of a session in which one person led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StretchFacts {
    pub session: u32,
    /// Counts the session's stretches from 1.
    pub number: u32,
    /// `None`: the owner of the number, on the phone.
    pub user: Option<UserId>,
    pub department: Option<DepartmentId>,
    pub began_at: Timestamp,
    /// `None` while it lasts.
    pub ended: Option<(Timestamp, StretchEnd)>,
    /// When this person first said something.
    pub answered_at: Option<Timestamp>,
    /// What this person said.
    pub sent: u32,
    /// Since when it is put out of the way, if it is.
    pub away_since: Option<Timestamp>,
    /// Seconds for which it was, before that.
    pub away: u32,
}

/// How a person ceased to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StretchEnd {
    /// The session ended.
    Closed,
    /// To another person.
    Transferred,
    /// To a department's queue, or back to it for want of an answer.
    Requeued,
    /// To the bot.
    Returned,
}

impl StretchEnd {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Transferred => "transferred",
            Self::Requeued => "requeued",
            Self::Returned => "returned",
        }
    }

    /// The end of a stored word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Closed,
            Self::Transferred,
            Self::Requeued,
            Self::Returned,
        ]
        .into_iter()
        .find(|end| end.name() == name)
    }
}

/// What is known of a conversation, and what has changed since it was taken up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The newest session, and those before it that changed.
    sessions: Vec<SessionFacts>,
    /// The stretch that lasts, and those before it that changed.
    stretches: Vec<StretchFacts>,
}

impl Ledger {
    /// Goes on from what was stored: the newest session, and its newest stretch.
    #[must_use]
    pub fn resume(session: Option<SessionFacts>, stretch: Option<StretchFacts>) -> Self {
        Self {
            sessions: session.into_iter().collect(),
            stretches: stretch.into_iter().collect(),
        }
    }

    /// Sessions that are known, oldest first; earlier ones have not changed.
    #[must_use]
    pub fn sessions(&self) -> &[SessionFacts] {
        &self.sessions
    }

    /// Stretches that are known, oldest first; earlier ones have not changed.
    #[must_use]
    pub fn stretches(&self) -> &[StretchFacts] {
        &self.stretches
    }

    /// Takes in the conversation's next event. What happened before the first session that is
    /// known counts for nothing: its beginning is lost.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::SessionOpened { at } => self.open(*at),
            Event::MessageAdded {
                sender,
                kind,
                at,
                scheduled,
                ..
            } => self.say(*sender, *kind, *at, *scheduled),
            Event::HandoffRequested { at, department, .. } => self.ask(*at, *department),
            Event::TakenOver { owner, at, .. } => self.lead(*owner, *at),
            Event::Transferred {
                to, at, department, ..
            } => {
                self.settle_in(*department);
                self.lead(Owner::User(*to), *at);
            }
            Event::ReturnedToBot { at, .. } => self.cease(*at, StretchEnd::Returned),
            Event::Snoozed { at, .. } => {
                if let Some(stretch) = self.lasting() {
                    stretch.away_since.get_or_insert(*at);
                }
            }
            // Quarantine disarms everything, and so brings it back.
            Event::SnoozeEnded { at, .. } | Event::Quarantined { at } => {
                if let Some(stretch) = self.lasting() {
                    stretch.come_back(*at);
                }
            }
            Event::Closed { at, reason, .. } => {
                self.cease(*at, StretchEnd::Closed);
                if let Some(session) = self.running() {
                    session.ended = Some((*at, *reason));
                }
            }
            _ => {}
        }
    }

    fn running(&mut self) -> Option<&mut SessionFacts> {
        self.sessions
            .last_mut()
            .filter(|session| session.ended.is_none())
    }

    fn lasting(&mut self) -> Option<&mut StretchFacts> {
        self.stretches
            .last_mut()
            .filter(|stretch| stretch.ended.is_none())
    }

    fn open(&mut self, at: Timestamp) {
        let before = self.sessions.last();
        let facts = SessionFacts {
            session: before.map_or(1, |session| session.session.saturating_add(1)),
            opened_at: at,
            ended: None,
            department: None,
            asked_at: None,
            taken_at: None,
            served_at: None,
            answered_at: None,
            transfers: 0,
            inbound: 0,
            bot: 0,
            staff: 0,
            last_user: None,
            stretches: 0,
        };
        self.sessions.push(facts);
    }

    fn say(&mut self, sender: Sender, kind: MessageKind, at: Timestamp, scheduled: bool) {
        if !kind.is_utterance() {
            return;
        }
        let Some(session) = self.running() else {
            return;
        };
        let count = match sender {
            Sender::Customer => &mut session.inbound,
            Sender::Bot => &mut session.bot,
            Sender::Attendant(_) | Sender::Phone => &mut session.staff,
            Sender::System => return,
        };
        *count = count.saturating_add(1);
        if !matches!(sender, Sender::Attendant(_) | Sender::Phone) {
            return;
        }
        // What was written earlier answers nobody.
        let answer = (!scheduled).then_some(at);
        session.answered_at = session.answered_at.or(answer);
        let user = sender.user();
        if let Some(stretch) = self.lasting()
            && stretch.user == user
        {
            stretch.sent = stretch.sent.saturating_add(1);
            stretch.answered_at = stretch.answered_at.or(answer);
        }
    }

    fn ask(&mut self, at: Timestamp, department: Option<DepartmentId>) {
        self.settle_in(department);
        self.hand_on(at, StretchEnd::Requeued);
        if let Some(session) = self.running() {
            session.asked_at.get_or_insert(at);
        }
    }

    fn settle_in(&mut self, department: Option<DepartmentId>) {
        if let Some(session) = self.running() {
            session.department = department;
        }
    }

    fn lead(&mut self, owner: Owner, at: Timestamp) {
        self.hand_on(at, StretchEnd::Transferred);
        let user = match owner {
            Owner::User(user) => Some(user),
            Owner::Phone => None,
        };
        let Some(session) = self.running() else {
            return;
        };
        session.taken_at.get_or_insert(at);
        if session.asked_at.is_some() {
            session.served_at.get_or_insert(at);
        }
        session.last_user = user;
        session.stretches = session.stretches.saturating_add(1);
        let stretch = StretchFacts {
            session: session.session,
            number: session.stretches,
            user,
            department: session.department,
            began_at: at,
            ended: None,
            answered_at: None,
            sent: 0,
            away_since: None,
            away: 0,
        };
        self.stretches.push(stretch);
    }

    fn hand_on(&mut self, at: Timestamp, how: StretchEnd) {
        if self.lasting().is_some()
            && let Some(session) = self.running()
        {
            session.transfers = session.transfers.saturating_add(1);
        }
        self.cease(at, how);
    }

    fn cease(&mut self, at: Timestamp, how: StretchEnd) {
        if let Some(stretch) = self.lasting() {
            stretch.come_back(at);
            stretch.ended = Some((at, how));
        }
    }
}

impl StretchFacts {
    fn come_back(&mut self, at: Timestamp) {
        if let Some(since) = self.away_since.take() {
            let seconds = at.signed_duration_since(since).num_seconds();
            let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
            self.away = self.away.saturating_add(seconds);
        }
    }
}

impl SessionFacts {
    /// Whether it ended without a person: neither led by one, nor asked for one, nor ended by one.
    #[must_use]
    pub fn is_contained(&self) -> bool {
        let alone = matches!(
            self.ended,
            Some((_, CloseReason::Flow | CloseReason::BotIdle))
        );
        alone && self.asked_at.is_none() && self.taken_at.is_none()
    }

    /// Whether it ended because it was done with, not because the customer fell silent.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        matches!(
            self.ended,
            Some((_, CloseReason::Staff | CloseReason::Flow))
        )
    }
}
