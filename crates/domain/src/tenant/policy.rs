//! What a tenant may set about its attendance. Stored as JSON with the tenant; every field has
//! a default, so that old rows stay readable.

use super::{BusinessHours, CsatPolicy};
use crate::bot::{MENU, normalise};
use crate::ids::DepartmentId;
use crate::role::Role;
use crate::routing::Routing;
use serde::{Deserialize, Serialize};

/// The rules of a tenant. Durations are in seconds unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantPolicy {
    /// When people are there.
    pub business_hours: BusinessHours,
    /// Words that ask for a person, besides `atendente`; matched whole, without accents or case.
    pub handoff_keywords: Vec<String>,
    /// Answers in a row that the bot may fail to understand before a person is asked for.
    pub max_misses: u8,
    /// Nodes the bot may pass in one turn before the flow counts as faulty.
    pub step_limit: u16,
    /// Quiet period of a burst of customer messages, in milliseconds; 0 answers each at once.
    pub coalesce_quiet_ms: u32,
    /// Longest a burst is waited for, in milliseconds.
    pub coalesce_max_ms: u32,
    /// Silence in front of the bot after which the session is closed; 0 never.
    pub bot_idle: u32,
    /// Wait for a person after which the customer is told and the priority rises; 0 never.
    pub waiting_too_long: u32,
    /// Customer's wait for the attendant's answer after which `human_idle_action` happens; counts
    /// from the next opening if it begins while it is closed. 0 never.
    pub human_idle: u32,
    pub human_idle_action: HumanIdleAction,
    /// How requests for a person that belong to no department find one.
    pub routing: Routing,
    /// How much longer a wait counts with each step of its priority: who has waited that much
    /// longer than somebody of the next priority is served before them.
    pub aging: u32,
    /// Whether inbound messages are marked as read at the provider when the bot answers.
    pub show_read: bool,
    /// Roles whose logins need a second factor; who has none can do nothing but set one up.
    pub require_two_factor: Vec<Role>,
    /// Notices that differ from the Portuguese defaults.
    pub texts: BotTexts,
    /// Whether customers are asked how they were served.
    pub csat: CsatPolicy,
}

/// What happens when an attendant leaves a customer without an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HumanIdleAction {
    /// The conversation goes back to the queue.
    #[default]
    Requeue,
    /// Nothing moves; the clients see the unanswered time.
    Keep,
}

/// Notices to the customer. `None` uses the default of [`crate::bot::texts`]; an empty string
/// sends nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BotTexts {
    /// `{attendant}` is the attendant's name.
    pub taken_over: Option<String>,
    pub handoff: Option<String>,
    pub out_of_hours: Option<String>,
    pub not_understood: Option<String>,
    pub invalid_input: Option<String>,
    pub waiting_too_long: Option<String>,
    /// `{position}` is the customer's place in the queue.
    pub queue_position: Option<String>,
    /// `{position}`, and `{minutes}` that the wait takes at most, most likely.
    pub queue_estimate: Option<String>,
    /// `{attendant}` is the new attendant's name.
    pub transferred: Option<String>,
    pub returned_to_bot: Option<String>,
    pub requeued: Option<String>,
    pub closed: Option<String>,
    pub bot_idle: Option<String>,
}

impl Default for TenantPolicy {
    fn default() -> Self {
        Self {
            business_hours: BusinessHours::default(),
            handoff_keywords: Vec::new(),
            max_misses: 2,
            step_limit: 32,
            coalesce_quiet_ms: 2_000,
            coalesce_max_ms: 8_000,
            bot_idle: 30 * 60,
            waiting_too_long: 10 * 60,
            human_idle: 30 * 60,
            human_idle_action: HumanIdleAction::Requeue,
            routing: Routing::default(),
            aging: 10 * 60,
            show_read: true,
            require_two_factor: Vec::new(),
            texts: BotTexts::default(),
            csat: CsatPolicy::default(),
        }
    }
}

/// An attendance group, as decisions need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    pub id: DepartmentId,
    pub name: String,
    /// Own hours; `None` follows the tenant's.
    pub business_hours: Option<BusinessHours>,
    /// How its requests for a person find one.
    #[serde(default)]
    pub routing: Routing,
}

/// A value of a policy that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyFault {
    pub field: String,
    pub problem: String,
}

/// The most handoff keywords.
const KEYWORDS_MAX: usize = 50;
/// The most characters of a handoff keyword.
const KEYWORD_MAX: usize = 40;
/// The most characters of a notice; leaves room for what replaces its placeholders.
const NOTICE_MAX: usize = 1024;
/// The longest of the waits, in seconds: 30 days.
const WAIT_MAX: u32 = 30 * 24 * 60 * 60;
/// The most that a step of priority is worth, in seconds: a day.
const AGING_MAX: u32 = 24 * 60 * 60;
/// The longest of the burst times, in milliseconds.
const BURST_MAX: u32 = 60_000;

pub(super) fn fault(field: &str, problem: &str) -> PolicyFault {
    PolicyFault {
        field: field.to_owned(),
        problem: problem.to_owned(),
    }
}

impl TenantPolicy {
    /// Every value that cannot be used. A policy is checked before it is stored, so decisions
    /// may rely on it; what they read is bounded by this.
    #[must_use]
    pub fn check(&self) -> Vec<PolicyFault> {
        let mut faults: Vec<_> = self
            .business_hours
            .check()
            .into_iter()
            .map(|inner| fault(&format!("business_hours.{}", inner.field), &inner.problem))
            .collect();
        self.check_keywords(&mut faults);
        self.check_numbers(&mut faults);
        if self.require_two_factor.len() > Role::ALL.len() {
            faults.push(fault("require_two_factor", "names a role twice"));
        }
        for (field, text) in self.texts.named() {
            if text.is_some_and(|text| text.chars().count() > NOTICE_MAX) {
                let field = format!("texts.{field}");
                faults.push(fault(&field, "has more than 1024 characters"));
            }
        }
        self.csat.check(&mut faults);
        faults
    }

    fn check_keywords(&self, faults: &mut Vec<PolicyFault>) {
        if self.handoff_keywords.len() > KEYWORDS_MAX {
            faults.push(fault("handoff_keywords", "has more than 50 words"));
        }
        for (i, word) in self.handoff_keywords.iter().enumerate() {
            let field = format!("handoff_keywords[{i}]");
            let normal = normalise(word);
            if normal.is_empty() || word.chars().count() > KEYWORD_MAX {
                faults.push(fault(&field, "must have 1 to 40 characters"));
            } else if normal == MENU {
                faults.push(fault(&field, "is the word that leads to the start"));
            }
        }
    }

    fn check_numbers(&self, faults: &mut Vec<PolicyFault>) {
        if !(1..=10).contains(&self.max_misses) {
            faults.push(fault("max_misses", "must be 1 to 10"));
        }
        if !(1..=200).contains(&self.step_limit) {
            faults.push(fault("step_limit", "must be 1 to 200"));
        }
        if self.coalesce_quiet_ms > BURST_MAX {
            faults.push(fault("coalesce_quiet_ms", "must be 0 to 60000"));
        }
        if !(self.coalesce_quiet_ms..=BURST_MAX).contains(&self.coalesce_max_ms) {
            let problem = "must be coalesce_quiet_ms to 60000";
            faults.push(fault("coalesce_max_ms", problem));
        }
        for (field, problem) in self.routing.faults() {
            faults.push(fault(&format!("routing.{field}"), problem));
        }
        if self.aging > AGING_MAX {
            faults.push(fault("aging", "must be 0 to 86400"));
        }
        for (field, seconds) in [
            ("bot_idle", self.bot_idle),
            ("waiting_too_long", self.waiting_too_long),
            ("human_idle", self.human_idle),
        ] {
            if seconds > WAIT_MAX {
                faults.push(fault(field, "must be 0 to 2592000"));
            }
        }
    }
}

impl BotTexts {
    /// Every notice with its field's name.
    fn named(&self) -> [(&'static str, Option<&str>); 13] {
        [
            ("taken_over", self.taken_over.as_deref()),
            ("handoff", self.handoff.as_deref()),
            ("out_of_hours", self.out_of_hours.as_deref()),
            ("not_understood", self.not_understood.as_deref()),
            ("invalid_input", self.invalid_input.as_deref()),
            ("waiting_too_long", self.waiting_too_long.as_deref()),
            ("queue_position", self.queue_position.as_deref()),
            ("queue_estimate", self.queue_estimate.as_deref()),
            ("transferred", self.transferred.as_deref()),
            ("returned_to_bot", self.returned_to_bot.as_deref()),
            ("requeued", self.requeued.as_deref()),
            ("closed", self.closed.as_deref()),
            ("bot_idle", self.bot_idle.as_deref()),
        ]
    }
}
