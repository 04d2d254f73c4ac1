//! Who serves, as routing needs to know them.

use super::rules::{Skill, UnknownWord};
use crate::ids::{DepartmentId, UserId};
use crate::role::Role;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How many conversations somebody may have unless it is said otherwise.
pub const CAPACITY_DEFAULT: u32 = 5;
/// The most conversations of one person.
pub const CAPACITY_MAX: u32 = 500;

/// Whether somebody takes conversations now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    #[default]
    Available,
    /// They are given nothing new. What they have stays theirs.
    Away,
}

/// A member of staff who may serve customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendant {
    pub user: UserId,
    pub name: String,
    pub role: Role,
    pub departments: Vec<DepartmentId>,
    pub availability: Availability,
    /// The most conversations they lead or are offered at once.
    pub capacity: u32,
    pub skills: Vec<Skill>,
}

impl Attendant {
    /// Whether they are asked to serve a queue. Supervisors and administrators see all queues, and
    /// are asked only in departments that they belong to.
    #[must_use]
    pub fn serves(&self, department: Option<DepartmentId>) -> bool {
        match department {
            Some(id) => self.role >= Role::Attendant && self.departments.contains(&id),
            None => self.role == Role::Attendant,
        }
    }

    /// Whether they may take from a queue by themselves.
    #[must_use]
    pub fn may_take(&self, department: Option<DepartmentId>) -> bool {
        match department {
            _ if self.role >= Role::Supervisor => true,
            Some(id) => self.role == Role::Attendant && self.departments.contains(&id),
            None => self.role == Role::Attendant,
        }
    }

    /// Those of `needed` that they cannot do.
    #[must_use]
    pub fn lacks(&self, needed: &[Skill]) -> Vec<Skill> {
        let lacking = needed.iter().filter(|skill| !self.skills.contains(skill));
        lacking.cloned().collect()
    }

    pub(super) fn can_do(&self, needed: &[Skill]) -> bool {
        needed.iter().all(|skill| self.skills.contains(skill))
    }
}

impl Availability {
    /// The stored word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Away => "away",
        }
    }
}

impl FromStr for Availability {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Self::Available, Self::Away];
        let known = all
            .into_iter()
            .find(|availability| availability.name() == word);
        known.ok_or(UnknownWord)
    }
}
