//! How long it takes: the place of somebody who waits and, where enough is known, an honest guess
//! of the time; and the same for supervisors. A guess is made from services of the last two hours
//! and from who is there now; where there is too little of either, none is made.

use super::desk::{Desk, Person, Presence, SERVICES_WINDOW, Service};
use super::moves::{Rules, place};
use super::people::Availability;
use super::rules::Strategy;
use crate::ids::{DepartmentId, HandoffId, UserId};
use crate::tenant::{Department, TenantPolicy};
use crate::{Timestamp, later};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use uuid::Uuid;

/// So many services it takes for a guess.
const ENOUGH: usize = 3;
/// What customers are told of a wait: that it takes at most so many minutes. Nothing is said of a
/// longer one.
const AT_MOST: [u32; 4] = [5, 15, 30, 60];
/// Guesses are rounded up to this many minutes.
const ROUNDED_TO: u32 = 5;
/// A longer wait is not guessed.
const GUESS_MAX: u32 = 4 * 60;

/// All queues of a tenant as of one moment, for decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    queues: BTreeMap<Option<DepartmentId>, Line>,
}

/// One queue as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Line {
    /// The places of those who wait, in the order of service.
    places: Vec<(Timestamp, HandoffId)>,
    /// Of those, who is to be asked for yet.
    unasked: Vec<(Timestamp, HandoffId)>,
    /// Other open queues that somebody who works here serves as well: who came earlier there is
    /// served earlier.
    shared: Vec<Option<DepartmentId>>,
    pace: Option<Pace>,
    /// How many of them could be asked at once.
    free: u32,
}

/// How fast a queue is served: the usual time of a service, and how many there can be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    usual: TimeDelta,
    at_once: u32,
    /// Then it is too long ago to tell anything.
    until: Timestamp,
}

/// Somebody's place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// 1 is next.
    pub position: u32,
    /// So many minutes the wait takes at most, most likely.
    pub minutes: Option<u32>,
    /// Somebody is there who has room for it.
    pub free: bool,
}

impl Place {
    /// Whether a customer who was last told `told` should hear of it: who is asked for at once
    /// never, who waits without a guess if somebody is before them; and later when half of those
    /// are gone, or the guess is another one.
    #[must_use]
    pub fn is_worth_telling(self, told: Option<Self>) -> bool {
        let guessed = self.minutes.is_some();
        !self.free
            && match told {
                None => guessed || self.position > 1,
                Some(told) => {
                    self.position.saturating_mul(2) <= told.position
                        || guessed && self.minutes != told.minutes
                }
            }
    }
}

/// One queue, for those who look after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// `None`: requests that belong to no department.
    pub department: Option<DepartmentId>,
    pub strategy: Strategy,
    pub open: bool,
    pub waiting: u32,
    /// Of those, being offered to somebody.
    pub offered: u32,
    /// Since when whoever waits the longest does.
    pub longest_since: Option<Timestamp>,
    /// A guess of the wait of somebody who came now, in minutes.
    pub minutes: Option<u32>,
    /// Who is asked to serve it.
    pub people: Vec<PersonView>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    pub user: UserId,
    pub name: String,
    pub availability: Availability,
    /// Has a socket.
    pub online: bool,
    /// Conversations they lead or are offered.
    pub load: u32,
    pub capacity: u32,
}

impl Outlook {
    /// The place of a request with this place in the order of service, which may wait already.
    /// `None` where nothing is known of the queue.
    #[must_use]
    pub fn place(
        &self,
        department: Option<DepartmentId>,
        request: (Timestamp, HandoffId),
        now: Timestamp,
    ) -> Option<Place> {
        let line = self.queues.get(&department)?;
        let ahead = line.places.partition_point(|place| *place < request);
        let position = count(ahead).saturating_add(1);
        let before = position.saturating_add(self.elsewhere(line, request));
        let pace = line.pace.filter(|pace| now < pace.until);
        let guess = pace.and_then(|pace| pace.minutes(before));
        Some(Place {
            position,
            minutes: guess.and_then(|guess| AT_MOST.into_iter().find(|most| guess <= *most)),
            free: before <= line.free,
        })
    }

    /// How many of other queues are served before `request` by those who serve `line`.
    fn elsewhere(&self, line: &Line, request: (Timestamp, HandoffId)) -> u32 {
        let others = line.shared.iter().filter_map(|id| self.queues.get(id));
        let ahead = others.map(|other| other.unasked.partition_point(|place| *place < request));
        count(ahead.fold(0, usize::saturating_add))
    }
}

impl Pace {
    /// The wait of whoever is the `position`th to be served: as many services as there can be end
    /// in the usual time.
    fn minutes(self, position: u32) -> Option<u32> {
        let seconds = self.usual.num_seconds().max(0);
        let wait = i64::from(position)
            .saturating_mul(seconds)
            .checked_div(i64::from(self.at_once))?;
        let minutes = u32::try_from(wait / 60).unwrap_or(u32::MAX);
        let rounded = minutes
            .max(1)
            .div_ceil(ROUNDED_TO)
            .saturating_mul(ROUNDED_TO);
        Some(rounded).filter(|minutes| *minutes <= GUESS_MAX)
    }
}

impl Desk {
    /// What decisions may look at, if anything of it has changed since the last time.
    pub fn take_outlook(
        &mut self,
        policy: &TenantPolicy,
        departments: &[Department],
        now: Timestamp,
    ) -> Option<Outlook> {
        std::mem::take(&mut self.moved).then(|| self.outlook(policy, departments, now))
    }

    /// The queues as they are now.
    #[must_use]
    pub fn outlook(
        &self,
        policy: &TenantPolicy,
        departments: &[Department],
        now: Timestamp,
    ) -> Outlook {
        let mut queues = BTreeMap::new();
        for department in all(departments) {
            let line = Line {
                places: Vec::new(),
                unasked: Vec::new(),
                shared: Vec::new(),
                pace: self.pace(department, now),
                free: match Rules::of(policy, departments, department).routing.strategy {
                    // Somebody has to take it first.
                    Strategy::Pull => 0,
                    Strategy::RoundRobin | Strategy::LeastBusy => self.room(department),
                },
            };
            queues.insert(department, line);
        }
        for request in self.queue.values() {
            let line: &mut Line = queues.entry(request.department).or_default();
            let place = place(request, policy.aging);
            line.places.push(place);
            if request.offer.is_some() {
                // It has its room already.
                line.free = line.free.saturating_add(1);
            } else if !request.withheld {
                line.unasked.push(place);
            }
        }
        for line in queues.values_mut() {
            line.places.sort_unstable();
            line.unasked.sort_unstable();
        }
        for (department, shared) in self.shared(policy, departments, &queues, now) {
            if let Some(line) = queues.get_mut(&department) {
                line.shared = shared.into_iter().collect();
            }
        }
        Outlook { queues }
    }

    /// Which open queues with somebody to be asked for share those who work with which.
    fn shared(
        &self,
        policy: &TenantPolicy,
        departments: &[Department],
        queues: &BTreeMap<Option<DepartmentId>, Line>,
        now: Timestamp,
    ) -> BTreeMap<Option<DepartmentId>, BTreeSet<Option<DepartmentId>>> {
        let open = |id| Rules::of(policy, departments, id).is_open(now);
        let waited = queues.iter().filter(|(_, line)| !line.unasked.is_empty());
        let waited: Vec<_> = waited.map(|(id, _)| *id).filter(|id| open(*id)).collect();
        let mut shared: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for person in self.people.values().filter(|person| person.works()) {
            let serves = |id: &Option<DepartmentId>| person.attendant.serves(*id);
            let also: Vec<_> = waited.iter().copied().filter(serves).collect();
            for department in all(departments).filter(serves) {
                let others = also.iter().filter(|other| **other != department);
                shared.entry(department).or_default().extend(others);
            }
        }
        shared
    }

    /// Every queue, for those who look after them.
    #[must_use]
    pub fn queues(
        &self,
        policy: &TenantPolicy,
        departments: &[Department],
        now: Timestamp,
    ) -> Vec<QueueView> {
        let outlook = self.outlook(policy, departments, now);
        all(departments)
            .map(|department| {
                let rules = Rules::of(policy, departments, department);
                let waiting: Vec<_> = self
                    .queue
                    .values()
                    .filter(|request| request.department == department)
                    .collect();
                let offered = waiting.iter().filter(|request| request.offer.is_some());
                let line = outlook.queues.get(&department);
                let last = (Timestamp::MAX_UTC, HandoffId(Uuid::max()));
                let elsewhere = line.map_or(0, |line| outlook.elsewhere(line, last));
                let pace = line.and_then(|line| line.pace);
                let next = count(waiting.len())
                    .saturating_add(elsewhere)
                    .saturating_add(1);
                QueueView {
                    department,
                    strategy: rules.routing.strategy,
                    open: rules.is_open(now),
                    waiting: count(waiting.len()),
                    offered: count(offered.count()),
                    longest_since: waiting.iter().map(|request| request.since).min(),
                    minutes: pace.and_then(|pace| pace.minutes(next)),
                    people: self.people_of(department),
                }
            })
            .collect()
    }

    fn people_of(&self, department: Option<DepartmentId>) -> Vec<PersonView> {
        let people = self.people.iter();
        let people = people.filter(|(_, person)| person.attendant.serves(department));
        people
            .map(|(user, person)| PersonView {
                user: *user,
                name: person.attendant.name.clone(),
                availability: person.attendant.availability,
                online: person.presence == Presence::Here,
                load: self.load(*user),
                capacity: person.attendant.capacity,
            })
            .collect()
    }

    /// The median of what took place lately, and the room of those who are there.
    fn pace(&self, department: Option<DepartmentId>, now: Timestamp) -> Option<Pace> {
        let (usual, until) = median(self.services.get(&department)?, now)?;
        let at_once = self
            .workers(department)
            .map(|(_, person)| person.attendant.capacity)
            .fold(0, u32::saturating_add);
        (at_once > 0).then_some(Pace {
            usual,
            at_once,
            until,
        })
    }

    /// How many more could be asked of those who are there.
    fn room(&self, department: Option<DepartmentId>) -> u32 {
        self.workers(department)
            .map(|(user, person)| person.attendant.capacity.saturating_sub(self.load(*user)))
            .fold(0, u32::saturating_add)
    }

    /// Who works and is asked to serve this queue.
    fn workers(
        &self,
        department: Option<DepartmentId>,
    ) -> impl Iterator<Item = (&UserId, &Person)> {
        self.people
            .iter()
            .filter(move |(_, person)| person.works() && person.attendant.serves(department))
    }
}

/// Of what took place lately, and until when that is so of enough of it.
fn median(services: &VecDeque<Service>, now: Timestamp) -> Option<(TimeDelta, Timestamp)> {
    let lately =
        |service: &&Service| now.signed_duration_since(service.ended_at) <= SERVICES_WINDOW;
    let newest = services.iter().rev().filter(lately).nth(ENOUGH - 1)?;
    let until = later(newest.ended_at, SERVICES_WINDOW);
    let mut took: Vec<TimeDelta> = services.iter().filter(lately).map(|s| s.took).collect();
    took.sort_unstable();
    Some((took.get(took.len() / 2).copied()?, until))
}

/// Every queue there is: the tenant's own first.
fn all(departments: &[Department]) -> impl Iterator<Item = Option<DepartmentId>> {
    std::iter::once(None).chain(departments.iter().map(|department| Some(department.id)))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
