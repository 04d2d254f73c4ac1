//! A conversation with a shell around it, in memory: a clock that is set by hand, recent
//! messages, an outbox.

use super::super::decide;
use super::invariants;
use crate::Timestamp;
use crate::bot::{Flow, default_flow};
use crate::content::{Content, Media};
use crate::conversation::{
    Body, Command, Context, DeadlineKind, Decision, Effect, Event, HandoffChange, Inbound, Mode,
    Owner, Priority, RecentMessage, Rejection, Slot, State, TransferTarget, fold,
};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::outbound::Outbound;
use crate::routing::{Outlook, Place, Routing};
use crate::tenant::{Department, TenantPolicy};
use chrono::{DateTime, TimeDelta};
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
    pub(super) flow_since: Option<Timestamp>,
    pub(super) departments: Vec<Department>,
    pub(super) name: Option<&'static str>,
    pub(super) outlook: Outlook,
    pub(super) now: Timestamp,
    pub(super) served: bool,
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
            routing: Routing::default(),
        };
        Self {
            policy: TenantPolicy::default(),
            flow: default_flow(),
            flow_since: None,
            departments: vec![
                department(FINANCE, "Financeiro"),
                department(SUPPORT, "Suporte"),
            ],
            name: Some("Maria"),
            outlook: Outlook::default(),
            now: noon(),
            served: true,
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

    /// Bia is being asked.
    pub(super) fn offered() -> Self {
        let mut world = Self::waiting();
        let offer = offer(&world.state, BIA);
        world.run(offer);
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
            served: self.served,
            policy: &self.policy,
            flow: &self.flow,
            flow_since: self.flow_since,
            departments: &self.departments,
            customer_name: self.name,
            outlook: &self.outlook,
            recent: &self.recent,
        };
        let decision = decide(&self.state, command, &ctx)?;
        let next = fold(self.state.clone(), &decision.events);
        invariants::hold(&self.state, &decision, &next, self.now);
        self.state = next;
        self.recent
            .extend(decision.messages.iter().map(RecentMessage::from));
        self.outbox
            .extend(decision.effects.iter().filter_map(|effect| match effect {
                Effect::Send { seq, epoch, .. } => Some((*seq, *epoch)),
                _ => None,
            }));
        self.events.extend(decision.events.iter().cloned());
        Ok(decision)
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
        expected_seq: None,
        scheduled: false,
    }
}

/// A template without gaps.
pub(super) fn template() -> Outbound {
    Outbound::Template {
        name: "lembrete".to_owned(),
        language: "pt_BR".to_owned(),
        components: Vec::new(),
        text: "Lembra de nós?".to_owned(),
        header: None,
        footer: None,
        buttons: Vec::new(),
    }
}

pub(super) fn reach(by: UserId) -> Command {
    Command::Reach {
        by,
        outbound: template(),
    }
}

pub(super) fn close(by: UserId) -> Command {
    Command::Close {
        by,
        force: false,
        handoff: None,
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
        priority: Some(priority),
        skills: None,
        reason: None,
    }
}

/// The desk asks `to` about the request that waits.
pub(super) fn offer(state: &State, to: UserId) -> Command {
    Command::Offer {
        handoff: awaited(state),
        to,
        seconds: 30,
    }
}

pub(super) fn accept(state: &State, by: UserId) -> Command {
    Command::AcceptOffer {
        by,
        handoff: awaited(state),
        name: "Bia".to_owned(),
    }
}

pub(super) fn reject(state: &State, by: UserId) -> Command {
    let handoff = awaited(state);
    Command::RejectOffer { by, handoff }
}

pub(super) fn rescind(state: &State, to: UserId) -> Command {
    let handoff = awaited(state);
    Command::RescindOffer { handoff, to }
}

/// The desk sees that the customer is the `position`th.
pub(super) fn tell_place(state: &State, position: u32, minutes: Option<u32>) -> Command {
    let place = Place {
        position,
        minutes,
        free: false,
    };
    let handoff = awaited(state);
    Command::TellPlace { handoff, place }
}

/// The slots that a decision needs.
pub(super) fn slots(decision: &Decision) -> Vec<&Slot> {
    decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::TakeSlot(slot) => Some(slot),
            _ => None,
        })
        .collect()
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

/// The request that waits; of no conversation if none does.
pub(super) fn awaited(state: &State) -> HandoffId {
    match state.mode {
        Mode::Waiting { handoff, .. } => handoff,
        _ => HandoffId(Uuid::nil()),
    }
}

/// The node at which the bot waits.
pub(super) fn node(state: &State) -> Option<&str> {
    match &state.mode {
        Mode::Bot(bot) => bot.node.as_deref(),
        _ => None,
    }
}
