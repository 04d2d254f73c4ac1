//! A flow that one customer has for a while, before all others do: how a draft is tried.

use super::flow::Flow;
use crate::Timestamp;
use crate::ids::CustomerId;

/// The trial of a flow, from `since` until `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Who has it.
    pub customer: CustomerId,
    pub flow: Flow,
    pub since: Timestamp,
    pub until: Timestamp,
}

impl Trial {
    /// The flow that the customer has at `now`, where all others have `usual`, and since when it
    /// is that one. What the bot asked before was asked by another flow.
    #[must_use]
    pub fn served<'a>(&'a self, usual: &'a Flow, now: Timestamp) -> (&'a Flow, Option<Timestamp>) {
        if now < self.since {
            (usual, None)
        } else if now < self.until {
            (&self.flow, Some(self.since))
        } else {
            (usual, Some(self.until))
        }
    }
}
