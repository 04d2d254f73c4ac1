//! Births and deaths. A supervised actor holds a [`Watch`]; when the actor goes, for whatever
//! reason, the watch is dropped and its parent is told. This is the only exit report: hooks such
//! as `stopped` run in the middle of an unwind and must do nothing that can fail.

use actix::{Message, Recipient};
use papo_domain::ConversationId;
use papo_domain::{ChannelId, TenantId, UserId};
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

use crate::api::{Backoff, RestartPolicy};

/// Which child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Child {
    Conversation(ConversationId),
    Attendant(UserId),
    Channel(ChannelId),
    Tenant(TenantId),
}

impl Child {
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Conversation(_) => "conversation",
            Self::Attendant(_) => "attendant",
            Self::Channel(_) => "channel",
            Self::Tenant(_) => "tenant",
        }
    }

    pub(crate) fn conversation(self) -> Option<ConversationId> {
        match self {
            Self::Conversation(id) => Some(id),
            Self::Attendant(_) | Self::Channel(_) | Self::Tenant(_) => None,
        }
    }

    pub(crate) fn user(self) -> Option<UserId> {
        match self {
            Self::Attendant(id) => Some(id),
            Self::Conversation(_) | Self::Channel(_) | Self::Tenant(_) => None,
        }
    }

    pub(crate) fn channel(self) -> Option<ChannelId> {
        match self {
            Self::Channel(id) => Some(id),
            Self::Conversation(_) | Self::Attendant(_) | Self::Tenant(_) => None,
        }
    }
}

impl fmt::Display for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conversation(id) => write!(f, "conversation {id}"),
            Self::Attendant(id) => write!(f, "attendant {id}"),
            Self::Channel(id) => write!(f, "channel {id}"),
            Self::Tenant(id) => write!(f, "tenant {id}"),
        }
    }
}

/// Why an actor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It was asked to leave memory, and nothing was left to do.
    Passivated,
    /// What it holds is not what is stored; it must be loaded again. Not a crash.
    Stale,
    /// Another node holds the shard.
    Fenced,
    /// A bug in a decision. This and the next may quote data in their cause, so it is written to
    /// this node's log where it is met, and not passed on.
    CrashedDeciding,
    /// A change that cannot be stored.
    Unstorable,
    /// A bug anywhere else, or the end of its thread: nobody has met it yet.
    Crashed,
}

impl Reason {
    pub(crate) fn is_crash(self) -> bool {
        match self {
            Self::CrashedDeciding | Self::Unstorable | Self::Crashed => true,
            Self::Passivated | Self::Stale | Self::Fenced => false,
        }
    }

    /// What people are told.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Passivated => "left memory",
            Self::Stale => "out of date",
            Self::Fenced => "another node took over",
            Self::CrashedDeciding => "crashed while deciding",
            Self::Unstorable => "a change of it cannot be stored",
            Self::Crashed => "crashed",
        }
    }
}

/// The inbox item that an actor is deciding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trying {
    pub(crate) row: i64,
    /// Whether this try was counted in the table before it began.
    pub(crate) counted: bool,
}

/// A child is gone.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Down {
    pub(crate) child: Child,
    /// Which life of it; news of earlier lives are ignored.
    pub(crate) incarnation: u64,
    pub(crate) reason: Reason,
    /// The inbox item it was deciding.
    pub(crate) in_hand: Option<Trying>,
}

/// Reports its owner's end when it is dropped.
pub(crate) struct Watch {
    pub(crate) parent: Recipient<Down>,
    pub(crate) child: Child,
    pub(crate) incarnation: u64,
    /// Set just before a wanted end; a drop without it is a crash.
    pub(crate) reason: Option<Reason>,
    /// What it is deciding just now.
    pub(crate) in_hand: Option<Trying>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let reason = self.reason.take().unwrap_or(Reason::Crashed);
        report_exit(
            &self.parent,
            Down {
                child: self.child,
                incarnation: self.incarnation,
                reason,
                in_hand: self.in_hand.take(),
            },
        );
    }
}

/// The one message that ignores mailbox bounds: a `drop` cannot wait, and a lost notice would
/// leave a dead child in the directory. There is at most one for each child's life, and a
/// parent's children are bounded.
fn report_exit(parent: &Recipient<Down>, down: Down) {
    #[expect(
        clippy::disallowed_methods,
        reason = "an exit notice must neither wait nor be lost; one for each life"
    )]
    parent.do_send(down);
}

/// Recent crashes of one child, and the pause until its next life.
#[derive(Debug, Default)]
pub(crate) struct RestartWindow {
    crashes: VecDeque<Instant>,
}

/// What to do about a crash.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    RestartAfter(Duration),
    Exhausted,
}

impl RestartWindow {
    /// Counts a crash at `now`. `chance` in 0..1 spreads the pauses.
    pub(crate) fn crashed(&mut self, policy: &RestartPolicy, now: Instant, chance: f64) -> Verdict {
        while self
            .crashes
            .front()
            .is_some_and(|at| now.duration_since(*at) > policy.window)
        {
            self.crashes.pop_front();
        }
        self.crashes.push_back(now);
        let count = u32::try_from(self.crashes.len()).unwrap_or(u32::MAX);
        if count > policy.max_restarts {
            self.crashes.clear();
            return Verdict::Exhausted;
        }
        Verdict::RestartAfter(pause(&policy.backoff, count - 1, chance))
    }

    /// [`Self::crashed`] for a child that always gets another life: the pause until then, which is
    /// the longest one when its restarts are used up.
    pub(crate) fn pause_after_crash(
        &mut self,
        policy: &RestartPolicy,
        now: Instant,
        chance: f64,
    ) -> Duration {
        match self.crashed(policy, now, chance) {
            Verdict::RestartAfter(pause) => pause,
            Verdict::Exhausted => policy.backoff.max,
        }
    }

    /// Whether the last crash is so long ago that the window may be forgotten.
    pub(crate) fn is_over(&self, policy: &RestartPolicy, now: Instant) -> bool {
        self.crashes
            .back()
            .is_none_or(|at| now.duration_since(*at) > policy.window)
    }
}

/// The pause before attempt number `attempt` (0 is the first retry).
pub(crate) fn pause(backoff: &Backoff, attempt: u32, chance: f64) -> Duration {
    let doubled = backoff
        .initial
        .saturating_mul(2_u32.saturating_pow(attempt.min(31)));
    let full = doubled.min(backoff.max);
    let spread = (backoff.jitter.clamp(0.0, 1.0)) * chance.clamp(0.0, 1.0);
    full.mul_f64(1.0 - spread)
}
