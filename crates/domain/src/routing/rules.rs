//! How a queue hands out its requests, and in which order.

use crate::Timestamp;
use crate::conversation::Priority;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::str::FromStr;
use thiserror::Error;

/// Something that a person can do and a request may need, such as `ingles` or `trocas`.
pub type Skill = String;

/// The most skills that a department, a step of a flow or a request asks for; what a department
/// and a request ask for together is part of a small snapshot.
pub const REQUIRED_MAX: usize = 2;
/// The most skills of a person.
pub const SKILLS_MAX: usize = 30;
/// The most characters of a skill, for the same reason.
const SKILL_MAX: usize = 20;
/// How long somebody who is asked may have, in seconds.
pub const OFFER_SECONDS: RangeInclusive<u32> = 5..=600;

/// How requests find a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Nobody is asked; people take the next one when they like to.
    #[default]
    Pull,
    /// Whoever was not given anything for the longest time is asked.
    RoundRobin,
    /// Whoever has the most room is asked.
    LeastBusy,
}

/// The rules of one queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Routing {
    pub strategy: Strategy,
    /// How long somebody who is asked has to answer, in seconds.
    pub offer_seconds: u32,
    /// What whoever serves its customers must be able to do.
    pub skills: Vec<Skill>,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            offer_seconds: 30,
            skills: Vec::new(),
        }
    }
}

impl Routing {
    /// What cannot be used, by field.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        if !OFFER_SECONDS.contains(&self.offer_seconds) {
            faults.push(("offer_seconds", "must be 5 to 600"));
        }
        if let Some(problem) = skills_problem(&self.skills, REQUIRED_MAX) {
            faults.push(("skills", problem));
        }
        faults
    }
}

impl Strategy {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::RoundRobin => "round_robin",
            Self::LeastBusy => "least_busy",
        }
    }
}

/// Not one of the words there are.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("unknown word")]
pub struct UnknownWord;

impl FromStr for Strategy {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Self::Pull, Self::RoundRobin, Self::LeastBusy];
        let known = all.into_iter().find(|strategy| strategy.name() == word);
        known.ok_or(UnknownWord)
    }
}

/// What is wrong with a list of skills that may have `most`, if something is.
#[must_use]
pub fn skills_problem(skills: &[Skill], most: usize) -> Option<&'static str> {
    let sayable = |skill: &Skill| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        (1..=SKILL_MAX).contains(&skill.len()) && skill.bytes().all(plain)
    };
    let mut sorted: Vec<&Skill> = skills.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    if skills.len() > most {
        Some("has too many entries")
    } else if !skills.iter().all(sayable) {
        Some("must be 1 to 20 of a-z, 0-9, '-', '_' and '.' each")
    } else if sorted.len() < skills.len() {
        Some("names one twice")
    } else {
        None
    }
}

/// When a request counts as having come, in the order of service. Each step of priority is worth
/// `aging` seconds of waiting, so that an old request of low priority comes before newer ones of
/// any: nobody waits for ever. A fixed moment: the order of two requests never changes by itself.
#[must_use]
pub fn arrival(since: Timestamp, priority: Priority, aging: u32) -> Timestamp {
    let steps: i64 = match priority {
        Priority::Low => 0,
        Priority::Medium => 1,
        Priority::High => 2,
        Priority::Urgent => 3,
    };
    let worth = TimeDelta::seconds(i64::from(aging).saturating_mul(steps));
    since
        .checked_sub_signed(worth)
        .unwrap_or(Timestamp::MIN_UTC)
}
