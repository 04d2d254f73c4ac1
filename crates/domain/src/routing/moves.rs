//! What to do next. Whoever does it tells how it ended; until then the request counts as if it
//! were done, so that nobody is given more than they can take.

use super::desk::{Desk, Flight, Person, Presence, Request};
use super::people::Availability;
use super::rules::{Routing, Strategy, arrival};
use crate::Timestamp;
use crate::conversation::{Command, Rejection};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::tenant::{BusinessHours, Department, TenantPolicy};
use chrono::TimeDelta;
use std::cmp::Ordering;

/// Who let a request go is asked again after this, if nobody else can serve it.
pub const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);
/// A request is left alone for this long after a move that could not be made.
const RETRY_AFTER: TimeDelta = TimeDelta::seconds(5);
/// A move of which nothing was heard for this long has failed.
const FLIGHT_MAX: TimeDelta = TimeDelta::seconds(60);
/// Pauses are looked at this often.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(1);
/// Requests that somebody who takes one may be refused in a row.
const CHOICES: usize = 5;

/// Something to be done about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub conversation: ConversationId,
    pub handoff: HandoffId,
    /// Whom it concerns.
    pub user: UserId,
    /// How long they are asked, in seconds; `None`: they are not asked any more.
    pub seconds: Option<u32>,
}

/// How a move ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveEnd {
    /// It is committed; its event is here or on its way.
    Done,
    Refused(Rejection),
    /// Nobody knows.
    Failed,
}

impl Move {
    /// As the conversation is told.
    #[must_use]
    pub fn command(&self) -> Command {
        let (handoff, to) = (self.handoff, self.user);
        match self.seconds {
            Some(seconds) => Command::Offer {
                handoff,
                to,
                seconds,
            },
            None => Command::RescindOffer { handoff, to },
        }
    }
}

/// The rules of one queue.
pub(super) struct Rules<'r> {
    pub(super) routing: &'r Routing,
    hours: &'r BusinessHours,
}

impl<'r> Rules<'r> {
    /// Without a department, or with an unknown one, the tenant's own.
    pub(super) fn of(
        policy: &'r TenantPolicy,
        departments: &'r [Department],
        department: Option<DepartmentId>,
    ) -> Self {
        let own = department.and_then(|id| departments.iter().find(|d| d.id == id));
        Self {
            routing: own.map_or(&policy.routing, |own| &own.routing),
            hours: own
                .and_then(|own| own.business_hours.as_ref())
                .unwrap_or(&policy.business_hours),
        }
    }

    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        self.hours.is_open(now)
    }
}

impl Desk {
    /// Whom to ask now, and whom not to ask any more. Empty where nothing has changed since the
    /// last look.
    pub fn next_moves(
        &mut self,
        policy: &TenantPolicy,
        departments: &[Department],
        now: Timestamp,
    ) -> Vec<Move> {
        if !std::mem::take(&mut self.stirred) && (self.queue.is_empty() || now < self.look_at) {
            return Vec::new();
        }
        self.look_at = crate::later(now, LOOK_EVERY);
        self.forget_flights(now);
        let mut moves = self.rescinds(now);
        moves.extend(self.offers(policy, departments, now));
        moves
    }

    /// A move has come to its end.
    pub fn settle(&mut self, done: &Move, end: &MoveEnd, now: Timestamp) {
        let Some(request) = self.queue.get_mut(&done.conversation) else {
            return;
        };
        if request.handoff != done.handoff || request.flight.is_none() {
            return;
        }
        if *end == MoveEnd::Done {
            // Unless it was so before, the event that ends the flight is still to come.
            let stands = match done.seconds {
                Some(_) => request.offer.is_some_and(|offer| offer.to == done.user),
                None => request.offer.is_none(),
            };
            if stands {
                request.flight = None;
            }
            return;
        }
        request.flight = None;
        let again = crate::later(now, RETRY_AFTER);
        match end {
            // Not what they said: they have not let the request go, and it keeps its place for
            // them. Others are asked meanwhile.
            MoveEnd::Refused(Rejection::AtCapacity { .. } | Rejection::AttendantAway { .. }) => {
                if let Some(person) = self.people.get_mut(&done.user) {
                    person.not_before = Some(again);
                }
            }
            MoveEnd::Refused(Rejection::SkillsMissing { .. }) => request.pass(done.user, now),
            _ => request.not_before = Some(again),
        }
        let holder = request.offer.map(|offer| offer.to);
        self.hold(done.conversation, holder);
        self.stirred = true;
    }

    /// What somebody would be given who asks for the next one, the best first. What was let go
    /// comes last; what is being offered to others does not come at all.
    #[must_use]
    pub fn choices(&self, user: UserId, policy: &TenantPolicy) -> Vec<(ConversationId, HandoffId)> {
        let Some(Person { attendant, .. }) = self.people.get(&user) else {
            return Vec::new();
        };
        let free = |request: &Request| {
            let asked = request.offer.map(|offer| offer.to);
            let asked = asked.or(request.flight.and_then(|flight| flight.to));
            asked.is_none_or(|asked| asked == user) && !request.withheld
        };
        let mut choices: Vec<_> = self
            .queue
            .iter()
            .filter(|(_, request)| {
                free(request)
                    && attendant.may_take(request.department)
                    && attendant.can_do(&request.skills)
            })
            .map(|(conversation, request)| {
                let mine = request.offer.is_some_and(|offer| offer.to == user);
                let passed = request.passed.iter().any(|(passed, _)| *passed == user);
                let place = place(request, policy.aging);
                ((!mine, passed, place), (*conversation, request.handoff))
            })
            .collect();
        choices.sort_unstable();
        choices.truncate(CHOICES);
        choices.into_iter().map(|(_, choice)| choice).collect()
    }

    /// Offers whose person is not there to answer, or serves such requests no more.
    fn rescinds(&mut self, now: Timestamp) -> Vec<Move> {
        let (people, grace) = (&self.people, self.grace);
        let mut moves = Vec::new();
        for (conversation, request) in &mut self.queue {
            let Some(offer) = request.offer.filter(|_| request.flight.is_none()) else {
                continue;
            };
            let stays = people
                .get(&offer.to)
                .is_some_and(|person| person.keeps_offers(grace, now) && person.can_serve(request));
            if stays || request.not_before.is_some_and(|at| at > now) {
                continue;
            }
            request.flight = Some(Flight {
                to: None,
                since: now,
            });
            moves.push(Move {
                conversation: *conversation,
                handoff: request.handoff,
                user: offer.to,
                seconds: None,
            });
        }
        moves
    }

    fn offers(
        &mut self,
        policy: &TenantPolicy,
        departments: &[Department],
        now: Timestamp,
    ) -> Vec<Move> {
        let mut free: Vec<UserId> = self
            .people
            .iter()
            .filter(|(user, person)| {
                person.works() && person.is_rested(now) && self.has_room(**user, person)
            })
            .map(|(user, _)| *user)
            .collect();
        if free.is_empty() {
            return Vec::new();
        }
        let mut queue: Vec<_> = self
            .queue
            .iter()
            .filter(|(_, request)| request.can_be_offered(now))
            .map(|(conversation, request)| (place(request, policy.aging), *conversation))
            .collect();
        queue.sort_unstable();
        let mut moves = Vec::new();
        for (_, conversation) in queue {
            if free.is_empty() {
                break;
            }
            let Some(request) = self.queue.get(&conversation) else {
                continue;
            };
            let rules = Rules::of(policy, departments, request.department);
            if rules.routing.strategy == Strategy::Pull || !rules.is_open(now) {
                continue;
            }
            let Some(to) = self.choose(request, &free, rules.routing.strategy, now) else {
                continue;
            };
            let (handoff, seconds) = (request.handoff, rules.routing.offer_seconds);
            self.send_off(conversation, to, now);
            let person = self.people.get(&to);
            if !person.is_some_and(|person| self.has_room(to, person)) {
                free.retain(|user| *user != to);
            }
            moves.push(Move {
                conversation,
                handoff,
                user: to,
                seconds: Some(seconds),
            });
        }
        moves
    }

    /// Who is asked next, of those who have room. Who let it go is asked again, after a pause,
    /// only if nobody else can serve it.
    fn choose(
        &self,
        request: &Request,
        free: &[UserId],
        strategy: Strategy,
        now: Timestamp,
    ) -> Option<UserId> {
        let able = free.iter().copied().filter(|user| {
            let person = self.people.get(user);
            person.is_some_and(|person| person.can_serve(request))
        });
        let (passed, fresh): (Vec<_>, Vec<_>) =
            able.partition(|user| request.passed.iter().any(|(passed, _)| passed == user));
        if fresh.is_empty() {
            let rested = |at: Timestamp| now.signed_duration_since(at) >= ASK_AGAIN_AFTER;
            let mut again = request.passed.iter();
            let (user, _) = again.find(|(user, at)| passed.contains(user) && rested(*at))?;
            return Some(*user);
        }
        if let Some(preferred) = request.preferred.filter(|user| fresh.contains(user)) {
            return Some(preferred);
        }
        let longest_without = |a: &UserId, b: &UserId| {
            let last = |user: &UserId| (self.given.get(user).copied(), *user);
            last(a).cmp(&last(b))
        };
        fresh.into_iter().min_by(|a, b| match strategy {
            Strategy::LeastBusy => self.compare_loads(*a, *b).then(longest_without(a, b)),
            Strategy::RoundRobin | Strategy::Pull => longest_without(a, b),
        })
    }

    /// By the part of their capacity that is in use.
    fn compare_loads(&self, a: UserId, b: UserId) -> Ordering {
        let part = |user: UserId, of: UserId| {
            let capacity = self.people.get(&of).map_or(1, |p| p.attendant.capacity);
            u64::from(self.load(user)) * u64::from(capacity)
        };
        part(a, b).cmp(&part(b, a))
    }

    fn has_room(&self, user: UserId, person: &Person) -> bool {
        self.load(user) < person.attendant.capacity
    }

    fn send_off(&mut self, conversation: ConversationId, to: UserId, now: Timestamp) {
        if let Some(request) = self.queue.get_mut(&conversation) {
            request.flight = Some(Flight {
                to: Some(to),
                since: now,
            });
            self.give_to(conversation, to);
        }
    }

    /// Moves of which nothing was heard any more.
    fn forget_flights(&mut self, now: Timestamp) {
        let lost = |flight: Flight| now.signed_duration_since(flight.since) >= FLIGHT_MAX;
        let mut free = Vec::new();
        for (conversation, request) in &mut self.queue {
            if request.flight.is_some_and(lost) {
                request.flight = None;
                free.push((*conversation, request.offer.map(|offer| offer.to)));
            }
        }
        for (conversation, holder) in free {
            self.hold(conversation, holder);
        }
    }
}

impl Person {
    pub(super) fn works(&self) -> bool {
        self.presence == Presence::Here && self.attendant.availability == Availability::Available
    }

    /// Whether they may be asked again after they could not be.
    pub(super) fn is_rested(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|at| at <= now)
    }

    /// Whether they are among those who are asked to serve a request.
    fn can_serve(&self, request: &Request) -> bool {
        self.attendant.serves(request.department) && self.attendant.can_do(&request.skills)
    }

    /// Whether what they are asked may stay with them: they are there, or were a moment ago.
    fn keeps_offers(&self, grace: TimeDelta, now: Timestamp) -> bool {
        let reachable = match self.presence {
            Presence::Here => true,
            Presence::GoneSince(at) => now.signed_duration_since(at) < grace,
        };
        reachable && self.attendant.availability == Availability::Available
    }
}

impl Request {
    fn can_be_offered(&self, now: Timestamp) -> bool {
        self.offer.is_none()
            && self.flight.is_none()
            && !self.withheld
            && self.not_before.is_none_or(|at| at <= now)
    }
}

/// The place in the order of service: no two have the same.
pub(super) fn place(request: &Request, aging: u32) -> (Timestamp, HandoffId) {
    let arrival = arrival(request.since, request.priority, aging);
    (arrival, request.handoff)
}
