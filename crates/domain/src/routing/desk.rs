//! The queue and the people, as the events of a tenant tell of them. Events may be told again,
//! and late ones may have been told by others already: what counts is the newest about each
//! conversation.

use super::people::{Attendant, Availability};
use super::rules::Skill;
use super::tellings::{Heard, TELL_AGAIN_AFTER};
use crate::conversation::{Mode, Offer, Priority, State};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::{Timestamp, later};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// So long back services count for what is told about the wait.
pub(super) const SERVICES_WINDOW: TimeDelta = TimeDelta::hours(2);
/// The most services of a queue that are remembered.
const SERVICES_MAX: usize = 200;
/// The most people that one request remembers to have been asked.
const PASSED_MAX: usize = 64;

/// What a desk starts from: what is stored.
#[derive(Clone, Debug, Default)]
pub struct DeskRecord {
    /// Conversations that wait for a person.
    pub waiting: Vec<State>,
    pub led: Vec<Led>,
    /// Services that ended lately, oldest first.
    pub services: Vec<(Option<DepartmentId>, Service)>,
    /// When people were last given something, where that is known.
    pub given: Vec<(UserId, Timestamp)>,
    /// Of the staff, who leads something and serves no more.
    pub dismissed: Vec<UserId>,
}

/// A conversation that a user leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Led {
    pub conversation: ConversationId,
    pub user: UserId,
    pub department: Option<DepartmentId>,
    pub since: Timestamp,
    /// How long it took will say nothing about services: it was put out of the way meanwhile, or
    /// nobody knows since when it is led.
    pub paused: bool,
}

/// How long serving one customer took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    pub ended_at: Timestamp,
    pub took: TimeDelta,
}

/// The desk of one tenant.
#[derive(Debug)]
pub struct Desk {
    pub(super) people: BTreeMap<UserId, Person>,
    pub(super) queue: BTreeMap<ConversationId, Request>,
    pub(super) led: HashMap<ConversationId, Term>,
    /// Whose each conversation is: of whoever leads it or is asked to. One conversation has one,
    /// so nothing can be reserved twice.
    holders: HashMap<ConversationId, UserId>,
    loads: HashMap<UserId, u32>,
    /// The turn in which people were last given something. Later turns are higher.
    pub(super) given: HashMap<UserId, u64>,
    turns: u64,
    pub(super) services: BTreeMap<Option<DepartmentId>, VecDeque<Service>>,
    /// How long somebody's offers outlive their last socket.
    pub(super) grace: TimeDelta,
    /// Something was told that may lead to a move.
    pub(super) stirred: bool,
    /// Moves are looked for then in any case if anybody waits: pauses end.
    pub(super) look_at: Timestamp,
    /// Who has a socket.
    here: BTreeSet<UserId>,
    /// Something was told that customers are told.
    pub(super) moved: bool,
    /// Of the staff, who serves no more.
    pub(super) dismissed: BTreeSet<UserId>,
    /// What they lead is looked for then.
    pub(super) relief_at: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct Person {
    pub(super) attendant: Attendant,
    pub(super) presence: Presence,
    /// They had less room, or were less there, than the desk knew: nothing is tried before.
    pub(super) not_before: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Here,
    /// Without a socket, since then.
    GoneSince(Timestamp),
}

/// One customer who waits.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) handoff: HandoffId,
    pub(super) since: Timestamp,
    pub(super) priority: Priority,
    pub(super) department: Option<DepartmentId>,
    pub(super) skills: Vec<Skill>,
    pub(super) preferred: Option<UserId>,
    /// Who let it go, and when, the newest last.
    pub(super) passed: Vec<(UserId, Timestamp)>,
    pub(super) offer: Option<Offer>,
    pub(super) flight: Option<Flight>,
    /// A move failed: nothing is tried before.
    pub(super) not_before: Option<Timestamp>,
    /// What the customer was told of their place, and until when that is all they are told.
    pub(super) heard: Heard,
    pub(super) tell_after: Timestamp,
    /// In quarantine: people may take it, but nobody is asked.
    pub(super) withheld: bool,
}

/// A move that is on its way to the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flight {
    /// Who is about to be asked; nobody, if an offer is about to be taken back.
    pub(super) to: Option<UserId>,
    pub(super) since: Timestamp,
}

/// The time for which a conversation is served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) department: Option<DepartmentId>,
    pub(super) since: Timestamp,
    /// As in [`Led`].
    pub(super) paused: bool,
}

impl Desk {
    /// The desk as it is stored. Nobody is here yet, since `now`.
    #[must_use]
    pub fn restore(record: DeskRecord, grace: TimeDelta, now: Timestamp) -> Self {
        let mut desk = Self {
            people: BTreeMap::new(),
            queue: BTreeMap::new(),
            led: HashMap::new(),
            holders: HashMap::new(),
            loads: HashMap::new(),
            given: HashMap::new(),
            turns: 0,
            services: BTreeMap::new(),
            grace,
            stirred: true,
            look_at: now,
            here: BTreeSet::new(),
            moved: true,
            dismissed: BTreeSet::new(),
            relief_at: None,
        };
        for user in record.dismissed {
            desk.dismiss(user, now);
        }
        let mut given = record.given;
        given.sort_by_key(|(user, at)| (*at, *user));
        for (user, _) in given {
            desk.give(user);
        }
        for led in record.led {
            let term = Term {
                department: led.department,
                since: led.since,
                paused: led.paused,
            };
            desk.led.insert(led.conversation, term);
            desk.hold(led.conversation, Some(led.user));
        }
        for state in &record.waiting {
            if let Some(request) = Request::stored(state, now) {
                desk.hold(state.conversation, request.offer.map(|offer| offer.to));
                desk.queue.insert(state.conversation, request);
            }
        }
        for (department, service) in record.services {
            desk.remember(department, service);
        }
        desk
    }

    /// The people as they are now. Returns those whose availability is another one.
    pub fn set_people(
        &mut self,
        people: Vec<Attendant>,
        now: Timestamp,
    ) -> Vec<(UserId, Availability)> {
        let mut before = std::mem::take(&mut self.people);
        let mut changed = Vec::new();
        let mut same = before.len() == people.len();
        for attendant in people {
            let (user, availability) = (attendant.user, attendant.availability);
            let known = before.remove(&user);
            self.dismissed.remove(&user);
            same &= known
                .as_ref()
                .is_some_and(|known| known.attendant == attendant);
            let not_before = known.as_ref().and_then(|known| known.not_before);
            let was = known.as_ref().map(|known| known.attendant.availability);
            if was.is_some_and(|was| was != availability) {
                changed.push((user, availability));
            }
            let presence = known.map(|known| known.presence);
            let presence = presence.unwrap_or(if self.here.contains(&user) {
                Presence::Here
            } else {
                Presence::GoneSince(now)
            });
            let person = Person {
                attendant,
                presence,
                not_before,
            };
            self.people.insert(user, person);
        }
        for user in before.into_keys() {
            self.dismiss(user, now);
        }
        if !same {
            self.stir();
        }
        changed
    }

    /// Whether there is anything to do: something was told, or somebody waits and it is time to
    /// look at the pauses.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let waits = !self.queue.is_empty() && self.look_at <= now;
        self.stirred || self.moved || waits || self.relief_at.is_some_and(|at| at <= now)
    }

    /// The rules are others, or who serves.
    pub fn stir(&mut self) {
        self.stirred = true;
        self.moved = true;
    }

    /// Who has a socket now.
    pub fn see(&mut self, here: &BTreeSet<UserId>, now: Timestamp) {
        if *here == self.here {
            return;
        }
        self.here.clone_from(here);
        for (user, person) in &mut self.people {
            let presence = match person.presence {
                _ if here.contains(user) => Presence::Here,
                Presence::Here => Presence::GoneSince(now),
                gone @ Presence::GoneSince(_) => gone,
            };
            if person.presence != presence {
                person.presence = presence;
                self.stirred = true;
                self.moved = true;
            }
        }
    }

    /// How many conversations somebody leads or is asked to.
    #[must_use]
    pub fn load(&self, user: UserId) -> u32 {
        self.loads.get(&user).copied().unwrap_or_default()
    }

    /// Who a conversation counts for, if for anybody.
    #[must_use]
    pub fn holder(&self, conversation: ConversationId) -> Option<UserId> {
        self.holders.get(&conversation).copied()
    }

    pub(super) fn hold(&mut self, conversation: ConversationId, user: Option<UserId>) {
        let before = match user {
            Some(user) => {
                *self.loads.entry(user).or_default() += 1;
                self.holders.insert(conversation, user)
            }
            None => self.holders.remove(&conversation),
        };
        if let Some(before) = before
            && let Some(load) = self.loads.get_mut(&before)
        {
            *load = load.saturating_sub(1);
        }
    }

    /// It is theirs now. What was so already is no second turn: who was asked and accepts has had
    /// theirs.
    pub(super) fn give_to(&mut self, conversation: ConversationId, user: UserId) {
        if self.holder(conversation) != Some(user) {
            self.give(user);
            self.hold(conversation, Some(user));
        }
    }

    fn give(&mut self, user: UserId) {
        self.turns = self.turns.saturating_add(1);
        self.given.insert(user, self.turns);
    }

    pub(super) fn remember(&mut self, department: Option<DepartmentId>, service: Service) {
        let services = self.services.entry(department).or_default();
        services.push_back(service);
        let old = |first: &Service| {
            service.ended_at.signed_duration_since(first.ended_at) > SERVICES_WINDOW
        };
        while services.len() > SERVICES_MAX || services.front().is_some_and(old) {
            services.pop_front();
        }
    }
}

impl Request {
    /// As a snapshot tells it; `None` unless the conversation waits. When people let it go is not
    /// stored: they are left alone for a whole pause again.
    fn stored(state: &State, now: Timestamp) -> Option<Self> {
        let Mode::Waiting {
            handoff,
            since,
            priority,
            offer,
            passed_over,
            skills,
            told_at,
            ..
        } = &state.mode
        else {
            return None;
        };
        let passed = |user: &UserId| passed_over.contains(user);
        Some(Self {
            handoff: *handoff,
            since: *since,
            priority: *priority,
            department: state.department,
            skills: skills.clone(),
            preferred: state.last_attendant.filter(|user| !passed(user)),
            passed: passed_over.iter().map(|user| (*user, now)).collect(),
            offer: *offer,
            flight: None,
            not_before: None,
            heard: told_at.map_or(Heard::Nothing, |_| Heard::Unknown),
            tell_after: later(told_at.unwrap_or(now), TELL_AGAIN_AFTER),
            withheld: state.quarantined,
        })
    }

    /// `user` is not to be asked again for a while.
    pub(super) fn pass(&mut self, user: UserId, at: Timestamp) {
        self.passed.retain(|(passed, _)| *passed != user);
        self.passed.push((user, at));
        let surplus = self.passed.len().saturating_sub(PASSED_MAX);
        self.passed.drain(..surplus);
    }
}
