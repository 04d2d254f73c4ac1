//! Where each active conversation's actor is in its life. Messages for an actor that is on its
//! way in or out are buffered here, so that none is lost between two lives.

use super::passivation::IdleChecks;
use crate::conversation::{ConversationActor, Work};
use actix::Addr;
use papo_domain::{ConversationId, CustomerId};
use std::collections::{HashMap, VecDeque};
use tokio::time::Instant;

/// The conversations in memory.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) slots: HashMap<ConversationId, Slot>,
    /// Waiting for their turn to be loaded.
    pub(super) to_load: VecDeque<ConversationId>,
    pub(super) loading: usize,
    pub(super) idle_checks: IdleChecks,
    incarnations: u64,
}

/// One conversation's place in its life.
pub(super) enum Slot {
    /// Its state is being read, or waits to be.
    Loading {
        incarnation: u64,
        buffer: VecDeque<Work>,
    },
    Up {
        incarnation: u64,
        addr: Addr<ConversationActor>,
        /// Whose it was when it was loaded.
        customer: CustomerId,
        used: Instant,
    },
    /// It was asked to leave, or its end was noticed before it was reported.
    Leaving {
        incarnation: u64,
        buffer: VecDeque<Work>,
    },
    /// It crashed and pauses. Only commands are buffered: items stay in the table, in their order.
    Backoff { buffer: VecDeque<Work> },
}

impl Slot {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Loading { .. } => "loading",
            Self::Up { .. } => "up",
            Self::Leaving { .. } => "leaving",
            Self::Backoff { .. } => "backoff",
        }
    }

    pub(super) fn buffered(&self) -> usize {
        match self {
            Self::Up { .. } => 0,
            Self::Loading { buffer, .. }
            | Self::Leaving { buffer, .. }
            | Self::Backoff { buffer } => buffer.len(),
        }
    }
}

impl Directory {
    /// A number no other life on this node had.
    pub(super) fn next_incarnation(&mut self) -> u64 {
        self.incarnations += 1;
        self.incarnations
    }

    /// Puts a conversation in line for loading, with what already waits for it.
    pub(super) fn load(&mut self, conversation: ConversationId, buffer: VecDeque<Work>) {
        let incarnation = self.next_incarnation();
        self.slots.insert(
            conversation,
            Slot::Loading {
                incarnation,
                buffer,
            },
        );
        self.to_load.push_back(conversation);
    }
}
