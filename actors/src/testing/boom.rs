//! Crashes on demand: a message that says `boom` makes the decision about it panic.

use super::rows::InboxEntry;
use super::world::{Shared, World};
use crate::ports::{DecideHook, DecideStep};
use papo_domain::content::Content;
use papo_domain::conversation::{Command, Inbound};
use std::sync::Arc;

impl World {
    /// For the actor's hook before each decision. Panics for an inbound message or echo whose
    /// text is `boom`, or `boom:n` while its inbox row has fewer than `n` attempts. With
    /// `late boom` the decision passes and what follows from it panics.
    #[must_use]
    pub fn boom_hook(&self) -> DecideHook {
        let shared = Arc::clone(&self.shared);
        Arc::new(move |step, command| {
            if let Command::ReceiveInbound(inbound) | Command::RecordEcho(inbound) = command
                && explodes(&shared, step, inbound)
            {
                let id = &inbound.external_id;
                panic!("boom: the test wants the decision about {id} to crash");
            }
        })
    }

    /// How often [`Self::boom_hook`] panicked.
    #[must_use]
    pub fn booms(&self) -> u32 {
        self.shared.tables().booms
    }
}

fn explodes(shared: &Shared, step: DecideStep, inbound: &Inbound) -> bool {
    let Content::Text { body } = &inbound.content else {
        return false;
    };
    let body = match (step, body.strip_prefix("late ")) {
        (DecideStep::Decide, None) => body.as_str(),
        (DecideStep::Evolve, Some(late)) => late,
        _ => return false,
    };
    let limit = match body.split_once(':') {
        None if body == "boom" => u32::MAX,
        Some(("boom", limit)) => limit.parse().unwrap_or_default(),
        _ => return false,
    };
    let mut tables = shared.tables();
    let wanted = |row: &&InboxEntry| row.external_id == inbound.external_id;
    let attempts = tables
        .inbox
        .all()
        .find(wanted)
        .map_or(0, |row| row.attempts);
    let explodes = attempts < limit;
    tables.booms += u32::from(explodes);
    explodes
}
