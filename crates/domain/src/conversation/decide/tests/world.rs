//! A conversation with a shell around it, in memory: a clock that is set by hand, recent
//! messages, an outbox.

use super::super::decide;
use crate::Timestamp;
use crate::bot::{Flow, default_flow};
use crate::content::{Content, Media};
use crate::conversation::{
    Body, Command, Context, DeadlineKind, Decision, Effect, Event, HandoffChange, Inbound,
    MessageDraft, Mode, Owner, Priority, RecentMessage, Rejection, Sender, State, TransferTarget,
    fold,
};
use crate::ids::{ConversationId, DepartmentId, MessageId, UserId};
use crate::outbound::Outbound;
use crate::tenant::{Department, TenantPolicy};
use chrono::{DateTime, TimeDelta};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) const ANA: UserId = UserId(Uuid::from_u128(0xa));
pub(super) const BIA: UserId = UserId(Uuid::from_u128(0xb));
pub(super) const FINANCE: DepartmentId = DepartmentId(Uuid::from_u128(0xf1));
pub(super) const SUPPORT: DepartmentId = DepartmentId(Uuid::from_u128(0xf2));

/// A Wednesday, 12:00 in São Paulo.
pub(super) fn noon() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-11-25T15:00:00Z")
        .unwrap()
        .to_utc()
}

pub(super) struct World {
    pub(super) policy: TenantPolicy,
    pub(super) flow: Flow,
    pub(super) departments: Vec<Department>,
    pub(super) name: Option<&'static str>,
    pub(super) now: Timestamp,
    pub(super) state: State,
    pub(super) recent: Vec<RecentMessage>,
    /// Everything that was ever queued: place and epoch.
    pub(super) outbox: Vec<(u64, Option<u64>)>,
    pub(super) events: Vec<Event>,
    heard: u64,
}

impl World {
    pub(super) fn new() -> Self {
        let department = |id, name: &str| Department {
            id,
            name: name.to_owned(),
            business_hours: None,
        };
        Self {
            policy: TenantPolicy::default(),
            flow: default_flow(),
            departments: vec![
                department(FINANCE, "Financeiro"),
                department(SUPPORT, "Suporte"),
            ],
            name: Some("Maria"),
            now: noon(),
            state: State::new(ConversationId(Uuid::from_u128(0xc0))),
            recent: Vec::new(),
            outbox: Vec::new(),
            events: Vec::new(),
            heard: 0,
        }
    }

    /// The customer has written and stands at the main menu; the burst time is over.
    pub(super) fn at_menu() -> Self {
        let mut world = Self::new();
        world.says("oi");
        world.pass(60);
        world
    }

    pub(super) fn waiting() -> Self {
        let mut world = Self::at_menu();
        world.says("atendente");
        world.pass(60);
        world
    }

    /// Ana leads, and the customer waits for her answer.
    pub(super) fn led_by_ana() -> Self {
        let mut world = Self::waiting();
        world.run(take_over(ANA));
        world.pass(60);
        world
    }

    pub(super) fn closed() -> Self {
        let mut world = Self::led_by_ana();
        world.run(close(ANA));
        world.pass(60);
        world
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    pub(super) fn inbound(&mut self, content: Content) -> Inbound {
        self.heard += 1;
        Inbound {
            external_id: format!("wamid.{}", self.heard),
            sent_at: self.now,
            content,
            quote: None,
            context: None,
        }
    }

    pub(super) fn hears(&mut self, content: Content) -> Decision {
        let inbound = self.inbound(content);
        self.run(Command::ReceiveInbound(inbound))
    }

    pub(super) fn says(&mut self, text: &str) -> Decision {
        self.hears(words(text))
    }

    pub(super) fn taps(&mut self, id: &str, title: &str) -> Decision {
        self.hears(Content::ButtonReply {
            id: id.to_owned(),
            title: title.to_owned(),
        })
    }

    /// The timer of `kind` rings, as armed now.
    pub(super) fn rings(&mut self, kind: DeadlineKind) -> Decision {
        let deadline = *self.state.deadline(kind).unwrap();
        self.now = self.now.max(deadline.at);
        self.run(Command::DeadlineFired {
            kind,
            generation: deadline.generation,
        })
    }

    pub(super) fn run(&mut self, command: Command) -> Decision {
        self.attempt(&command).unwrap()
    }

    pub(super) fn refused(&mut self, command: Command) -> Rejection {
        self.attempt(&command).unwrap_err()
    }

    /// Decides and, if accepted, commits.
    pub(super) fn attempt(&mut self, command: &Command) -> Result<Decision, Rejection> {
        let ctx = Context {
            now: self.now,
            policy: &self.policy,
            flow: &self.flow,
            departments: &self.departments,
            customer_name: self.name,
            recent: &self.recent,
        };
        let decision = decide(&self.state, command, &ctx)?;
        let next = fold(self.state.clone(), &decision.events);
        holds_of_every_decision(&self.state, &decision, &next, self.now);
        self.state = next;
        self.recent.extend(decision.messages.iter().map(remembered));
        self.outbox
            .extend(decision.effects.iter().filter_map(|effect| match effect {
                Effect::Send { seq, epoch, .. } => Some((*seq, *epoch)),
                _ => None,
            }));
        self.events.extend(decision.events.iter().cloned());
        Ok(decision)
    }
}

/// What must hold whatever was decided.
fn holds_of_every_decision(before: &State, decision: &Decision, after: &State, now: Timestamp) {
    // Messages are numbered without gaps, each event has its draft, in order.
    let added: Vec<_> = decision
        .events
        .iter()
        .filter_map(|event| match event {
            Event::MessageAdded {
                seq, sender, kind, ..
            } => Some((*seq, *sender, *kind)),
            _ => None,
        })
        .collect();
    let numbers: Vec<u64> = added.iter().map(|(seq, ..)| *seq).collect();
    assert_eq!(numbers, (before.seq + 1..=after.seq).collect::<Vec<_>>());
    let drafts: Vec<_> = decision
        .messages
        .iter()
        .map(|d| (d.seq, d.sender, d.kind))
        .collect();
    assert_eq!(added, drafts);
    for draft in &decision.messages {
        assert_eq!(draft.id, MessageId::of(before.conversation, draft.seq));
        if let Body::Outbound { outbound } = &draft.body {
            assert_eq!(outbound.check(), Ok(()));
        }
    }
    sends_hold(decision, after, now);
    // The epoch counts exactly the changes of control.
    let raised = decision.events.iter().filter(|e| e.raises_epoch()).count();
    assert_eq!(after.epoch - before.epoch, u64::try_from(raised).unwrap());
    deadlines_hold(before, decision, after, now);
    if let Some(at) = after.last_inbound_at {
        assert!(at <= now, "the window cannot open in the future");
    }
}

fn sends_hold(decision: &Decision, after: &State, now: Timestamp) {
    // Each send names a draft for the customer, once; automatic ones are valid when it is over.
    let mut sent = BTreeSet::new();
    for effect in &decision.effects {
        if let Effect::Send { seq, epoch, .. } = effect {
            assert!(sent.insert(*seq), "one send per message");
            let heard = after.last_inbound_at.unwrap();
            assert!(
                now - heard < TimeDelta::hours(24),
                "nothing leaves outside the window"
            );
            let draft = decision.messages.iter().find(|d| d.seq == *seq).unwrap();
            assert!(matches!(draft.body, Body::Outbound { .. }));
            assert_eq!(epoch.is_some(), draft.sender == Sender::Bot);
            assert!(epoch.is_none_or(|epoch| epoch == after.epoch));
        }
    }
    let outbound = |d: &&MessageDraft| matches!(d.body, Body::Outbound { .. });
    assert_eq!(
        sent.len(),
        decision.messages.iter().filter(outbound).count()
    );
    let cancels = |e: &Effect| *e == Effect::CancelAutomatic;
    if let Some(at) = decision.effects.iter().position(cancels) {
        assert_eq!(at, 0, "cancelling comes before anything new is queued");
    }
}

fn deadlines_hold(before: &State, decision: &Decision, after: &State, now: Timestamp) {
    let armed = |e: &&Event| matches!(e, Event::DeadlineArmed { .. });
    let armings = decision.events.iter().filter(armed).count();
    assert_eq!(
        after.generation - before.generation,
        u32::try_from(armings).unwrap()
    );
    for event in &decision.events {
        if let Event::DeadlineArmed { at, .. } = event {
            assert!(*at >= now, "never armed in the past");
        }
    }
    let kinds: BTreeSet<_> = after.deadlines.iter().map(|d| d.kind).collect();
    assert_eq!(
        kinds.len(),
        after.deadlines.len(),
        "one of each kind at most"
    );
    for deadline in &after.deadlines {
        assert!(deadline.generation <= after.generation);
        let belongs = match deadline.kind {
            DeadlineKind::BotTurn => matches!(after.mode, Mode::Bot(_)) && after.turn.is_some(),
            DeadlineKind::BotIdle => matches!(after.mode, Mode::Bot(_)),
            DeadlineKind::WaitingTooLong => matches!(after.mode, Mode::Waiting { .. }),
            DeadlineKind::HumanIdle => matches!(
                after.mode,
                Mode::Human {
                    unanswered_since: Some(_),
                    ..
                }
            ),
        };
        assert!(belongs, "{deadline:?} in {:?}", after.mode);
    }
    let pending = after.turn.is_some();
    assert_eq!(pending, after.deadline(DeadlineKind::BotTurn).is_some());
    assert!(!after.quarantined || after.deadlines.is_empty());
}

fn remembered(draft: &MessageDraft) -> RecentMessage {
    let choice = match &draft.body {
        Body::Inbound {
            content: Content::ButtonReply { id, .. } | Content::ListReply { id, .. },
        } => Some(id.clone()),
        _ => None,
    };
    RecentMessage {
        seq: draft.seq,
        sender: draft.sender,
        kind: draft.kind,
        text: draft.body.text().to_owned(),
        choice,
    }
}

pub(super) fn words(text: &str) -> Content {
    Content::Text {
        body: text.to_owned(),
    }
}

pub(super) fn picture(caption: Option<&str>) -> Content {
    Content::Image {
        media: Media {
            id: "1".to_owned(),
            caption: caption.map(str::to_owned),
            ..Media::default()
        },
    }
}

pub(super) fn reaction() -> Content {
    Content::Reaction {
        message: "wamid.1".to_owned(),
        emoji: Some("👍".to_owned()),
    }
}

pub(super) fn take_over(by: UserId) -> Command {
    Command::TakeOver {
        by,
        name: "Ana".to_owned(),
        force: false,
    }
}

pub(super) fn take_by_force(by: UserId) -> Command {
    Command::TakeOver {
        by,
        name: "Bia".to_owned(),
        force: true,
    }
}

pub(super) fn reply(by: UserId, text: &str) -> Command {
    Command::SendReply {
        by,
        outbound: Outbound::text(text),
        quote: None,
    }
}

pub(super) fn close(by: UserId) -> Command {
    Command::Close {
        by,
        force: false,
        resolution: None,
        satisfaction: None,
    }
}

pub(super) fn transfer(by: UserId, to: TransferTarget) -> Command {
    Command::Transfer {
        by,
        force: false,
        to,
        note: None,
    }
}

pub(super) fn to_bia() -> TransferTarget {
    TransferTarget::Attendant {
        id: BIA,
        name: "Bia".to_owned(),
    }
}

pub(super) fn request(department: Option<DepartmentId>, priority: Priority) -> Command {
    Command::RequestHandoff {
        by: BIA,
        department,
        priority,
        reason: None,
    }
}

/// What a decision says to the customer, in order.
pub(super) fn said(decision: &Decision) -> Vec<&str> {
    decision
        .messages
        .iter()
        .filter(|d| matches!(d.body, Body::Outbound { .. }))
        .map(|d| d.body.text())
        .collect()
}

/// The names of what happened.
pub(super) fn happened(decision: &Decision) -> Vec<&'static str> {
    decision.events.iter().map(Event::name).collect()
}

pub(super) fn handoffs(decision: &Decision) -> Vec<&HandoffChange> {
    decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Handoff(change) => Some(change),
            _ => None,
        })
        .collect()
}

pub(super) fn owner(state: &State) -> Option<Owner> {
    match state.mode {
        Mode::Human { owner, .. } => Some(owner),
        _ => None,
    }
}

/// The node at which the bot waits.
pub(super) fn node(state: &State) -> Option<&str> {
    match &state.mode {
        Mode::Bot(bot) => bot.node.as_deref(),
        _ => None,
    }
}
