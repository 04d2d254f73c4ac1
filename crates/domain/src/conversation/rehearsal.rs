//! A conversation that nobody has: what the bot would say to a customer who says this and that.
//! Decided by the same rules as any other, from the first message on, and kept nowhere.

use super::command::{Command, Context, Inbound, RecentMessage};
use super::decide::decide;
use super::decision::Body;
use super::event::DeadlineKind;
use super::evolve::fold;
use super::state::{Mode, State};
use crate::Timestamp;
use crate::bot::Flow;
use crate::content::Content;
use crate::ids::ConversationId;
use crate::later;
use crate::outbound::Outbound;
use crate::routing::Outlook;
use crate::tenant::{Department, TenantPolicy};
use chrono::TimeDelta;
use uuid::Uuid;

/// What it is played with.
#[derive(Clone, Copy, Debug)]
pub struct Rehearsal<'a> {
    /// When the customer begins; they say something each second.
    pub now: Timestamp,
    pub policy: &'a TenantPolicy,
    pub flow: &'a Flow,
    pub departments: &'a [Department],
    pub customer_name: Option<&'a str>,
}

/// Something said by the customer, and what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// What they are told, in order: by the bot and by the product.
    pub told: Vec<Outbound>,
    /// `bot`, `waiting` or `closed`.
    pub mode: &'static str,
    /// The node whose answer is awaited, while the bot leads.
    pub node: Option<String>,
}

impl Rehearsal<'_> {
    /// What follows each of what the customer says, or taps, in order.
    #[must_use]
    pub fn play(&self, said: Vec<Content>) -> Vec<Turn> {
        let mut stage = Stage {
            state: State::new(ConversationId(Uuid::nil())),
            recent: Vec::new(),
            now: self.now,
        };
        said.into_iter()
            .map(|content| self.turn(&mut stage, content))
            .collect()
    }

    fn turn(&self, stage: &mut Stage, content: Content) -> Turn {
        stage.now = later(stage.now, TimeDelta::seconds(1));
        let inbound = Inbound {
            external_id: String::new(),
            sent_at: stage.now,
            content,
            quote: None,
            context: None,
        };
        let mut told = self.run(stage, &Command::ReceiveInbound(inbound));
        // Nothing more comes: a burst ends here.
        if let Some(deadline) = stage.state.deadline(DeadlineKind::BotTurn).copied() {
            stage.now = stage.now.max(deadline.at);
            let ended = Command::DeadlineFired {
                kind: deadline.kind,
                generation: deadline.generation,
            };
            told.extend(self.run(stage, &ended));
        }
        let (mode, node) = match &stage.state.mode {
            Mode::Bot(bot) => ("bot", bot.node.clone()),
            Mode::Waiting { .. } => ("waiting", None),
            Mode::Human { .. } => ("human", None),
            Mode::Closed { .. } => ("closed", None),
        };
        Turn { told, mode, node }
    }

    fn run(&self, stage: &mut Stage, command: &Command) -> Vec<Outbound> {
        let outlook = Outlook::default();
        let ctx = Context {
            now: stage.now,
            served: true,
            policy: self.policy,
            flow: self.flow,
            flow_since: None,
            departments: self.departments,
            customer_name: self.customer_name,
            outlook: &outlook,
            recent: &stage.recent,
        };
        // What comes from outside is never refused.
        let decision = decide(&stage.state, command, &ctx).unwrap_or_default();
        stage.state = fold(stage.state.clone(), &decision.events);
        let said = decision.messages.iter().map(RecentMessage::from);
        stage.recent.extend(said);
        let words = decision
            .messages
            .into_iter()
            .filter_map(|draft| match draft.body {
                Body::Outbound { outbound } => Some(outbound),
                Body::Inbound { .. } | Body::Note { .. } => None,
            });
        words.collect()
    }
}

/// What an actor would hold.
struct Stage {
    state: State,
    recent: Vec<RecentMessage>,
    now: Timestamp,
}
