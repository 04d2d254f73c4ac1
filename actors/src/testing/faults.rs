//! What goes wrong between a node and its store, as a test wishes it.

use super::gate::{Barrier, Gate};
use papo_domain::ConversationId;
use papo_domain::ports::{CommitError, InboxError, StoreError};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A call of the ports [`super::InMemoryStore`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    TakeLeases,
    TakeExpired,
    RenewLeases,
    ReleaseLeases,
    BusyTenants,
    LoadTenant,
    LoadDesk,
    DueInbox,
    CountAttempts,
    SettleInbox,
    ResolvePeers,
    ChangeCustomer,
    Activate,
    Commit,
    ApplyStatuses,
    Claim,
    OpenClaims,
    SettleSends,
    ExpireUnknown,
    NextSend,
    RecordIncident,
    SetChannelHealth,
    DueWakes,
    EventsAfter,
    Head,
    /// [`papo_domain::ports::InboxWriter::accept`].
    Accept,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The database is away; nothing was done.
    Unavailable,
    /// It is done, but the answer was lost: the caller is told `Unknown` (a commit) or
    /// `Unavailable`, nobody is handed the events.
    AnswerLost,
    /// The lane is full; nothing was done.
    Busy,
    /// The stored version is another one. Commits only.
    Conflict,
}

/// Where a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// Before the call takes effect.
    Before,
    /// After it took effect and was handed over, before it is answered.
    After,
}

/// The switches of one node. All are off at first.
#[derive(Debug, Default)]
pub struct Faults {
    switches: Mutex<Switches>,
}

#[derive(Debug, Default)]
struct Switches {
    latency: HashMap<Site, Duration>,
    coming: HashMap<Site, VecDeque<Fault>>,
    gates: HashMap<(Site, Point), Vec<Barrier>>,
    poisoned: HashSet<ConversationId>,
    calls: HashMap<Site, usize>,
    away: bool,
    drop_handoffs: bool,
}

impl Faults {
    /// Every call at `site` takes this much virtual time before it takes effect.
    pub fn latency(&self, site: Site, latency: Duration) {
        self.switches().latency.insert(site, latency);
    }

    /// The next `times` calls at `site` fail like this, after those already planned.
    ///
    /// # Panics
    /// For a conflict anywhere but at a commit.
    pub fn fail(&self, site: Site, fault: Fault, times: usize) {
        assert!(
            fault != Fault::Conflict || site == Site::Commit,
            "{site:?} cannot end in a conflict"
        );
        let mut switches = self.switches();
        switches
            .coming
            .entry(site)
            .or_default()
            .extend(std::iter::repeat_n(fault, times));
    }

    /// While set, every call fails as [`Fault::Unavailable`].
    pub fn database_away(&self, away: bool) {
        self.switches().away = away;
    }

    /// Commits of `conversation` cannot be stored, until [`Self::heal`].
    pub fn poison(&self, conversation: ConversationId) {
        self.switches().poisoned.insert(conversation);
    }

    /// Ends [`Self::poison`].
    pub fn heal(&self, conversation: ConversationId) {
        self.switches().poisoned.remove(&conversation);
    }

    /// Calls that were begun at `site` so far.
    #[must_use]
    pub fn calls(&self, site: Site) -> usize {
        self.switches()
            .calls
            .get(&site)
            .copied()
            .unwrap_or_default()
    }

    /// While set, the node's sink is neither offered events nor told of new inbox rows.
    pub fn drop_handoffs(&self, dropped: bool) {
        self.switches().drop_handoffs = dropped;
    }

    /// Stops every call at `site` from now on, until the gate is released or dropped.
    #[must_use = "a dropped gate is open"]
    pub fn hold(&self, site: Site, point: Point) -> Gate {
        let (gate, barrier) = Gate::new();
        self.switches()
            .gates
            .entry((site, point))
            .or_default()
            .push(barrier);
        gate
    }

    /// A call begins: how long it takes, and how it fails.
    pub(super) fn begin(&self, site: Site) -> (Duration, Option<Fault>) {
        let mut switches = self.switches();
        *switches.calls.entry(site).or_default() += 1;
        let latency = switches.latency.get(&site).copied().unwrap_or_default();
        let planned = switches.coming.get_mut(&site).and_then(VecDeque::pop_front);
        let fault = if switches.away {
            Some(Fault::Unavailable)
        } else {
            planned
        };
        (latency, fault)
    }

    /// Waits at the gates of `site`.
    pub(super) async fn pass(&self, site: Site, point: Point) {
        let barriers = match self.switches().gates.get_mut(&(site, point)) {
            Some(barriers) => {
                barriers.retain(|barrier| !barrier.is_open());
                barriers.clone()
            }
            None => Vec::new(),
        };
        for barrier in barriers {
            barrier.pass().await;
        }
    }

    pub(super) fn is_poisoned(&self, conversation: ConversationId) -> bool {
        self.switches().poisoned.contains(&conversation)
    }

    pub(super) fn drops_handoffs(&self) -> bool {
        self.switches().drop_handoffs
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error that a fault turns into.
pub(super) trait Outage {
    fn of(fault: Fault) -> Self;
}

const AWAY: &str = "the test took the database away";
const LOST: &str = "the test lost the answer";

impl Outage for StoreError {
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable | Fault::Conflict => Self::Unavailable(AWAY.to_owned()),
            Fault::AnswerLost => Self::Unavailable(LOST.to_owned()),
            Fault::Busy => Self::Busy,
        }
    }
}

impl Outage for CommitError {
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable => Self::Unavailable(AWAY.to_owned()),
            Fault::AnswerLost => Self::Unknown(LOST.to_owned()),
            Fault::Busy => Self::Busy,
            Fault::Conflict => Self::Conflict,
        }
    }
}

impl Outage for InboxError {
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable | Fault::AnswerLost | Fault::Conflict => Self::Unavailable,
            Fault::Busy => Self::Full,
        }
    }
}
