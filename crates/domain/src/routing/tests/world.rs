//! A tenant in memory: conversations that really decide, a commit that counts as the database
//! does, people, and a desk that is told what happened, sooner or later.

use crate::Timestamp;
use crate::bot::{Flow, default_flow};
use crate::conversation::{
    Command, Context, DeadlineKind, Decision, Effect, Event, Mode, Owner, Priority, Rejection,
    Slot, State, decide, decode, encode, evolve, fold,
};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::role::Role;
use crate::routing::{
    Attendant, Availability, Desk, DeskRecord, Led, Move, MoveEnd, Outlook, Routing, Strategy,
};
use crate::tenant::{Department, TenantPolicy};
use chrono::{DateTime, TimeDelta};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use uuid::Uuid;

pub(super) const ANA: UserId = UserId(Uuid::from_u128(0xa));
pub(super) const BIA: UserId = UserId(Uuid::from_u128(0xb));
pub(super) const CAU: UserId = UserId(Uuid::from_u128(0xc));
pub(super) const SALES: DepartmentId = DepartmentId(Uuid::from_u128(0xf1));
pub(super) const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Decides about whom nobody asks.
pub(super) const CHIEF: UserId = UserId(Uuid::from_u128(0xff));

pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) policy: TenantPolicy,
    pub(super) departments: Vec<Department>,
    flow: Flow,
    pub(super) states: BTreeMap<ConversationId, State>,
    pub(super) people: BTreeMap<UserId, Attendant>,
    pub(super) here: BTreeSet<UserId>,
    pub(super) desk: Desk,
    /// What the desk was not told yet.
    late: VecDeque<(ConversationId, Event)>,
}

pub(super) fn conversation(number: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(0xc000 + number))
}

pub(super) fn attendant(user: UserId, capacity: u32) -> Attendant {
    Attendant {
        user,
        name: String::new(),
        role: Role::Attendant,
        departments: vec![SALES],
        availability: Availability::Available,
        capacity,
        skills: Vec::new(),
    }
}

impl World {
    /// Two queues of this strategy, and nobody.
    pub(super) fn new(strategy: Strategy) -> Self {
        let noon = DateTime::parse_from_rfc3339("2026-11-25T15:00:00Z").unwrap();
        let now = noon.to_utc();
        let routing = Routing {
            strategy,
            ..Routing::default()
        };
        let sales = Department {
            id: SALES,
            name: "Vendas".to_owned(),
            business_hours: None,
            routing: routing.clone(),
        };
        Self {
            now,
            policy: TenantPolicy {
                routing,
                waiting_too_long: 0,
                human_idle: 0,
                ..TenantPolicy::default()
            },
            departments: vec![sales],
            flow: default_flow(),
            states: BTreeMap::new(),
            people: BTreeMap::new(),
            here: BTreeSet::new(),
            desk: Desk::restore(DeskRecord::default(), GRACE, now),
            late: VecDeque::new(),
        }
    }

    /// With these people at work.
    pub(super) fn with(strategy: Strategy, people: Vec<Attendant>) -> Self {
        let mut world = Self::new(strategy);
        for attendant in people {
            world.here.insert(attendant.user);
            world.people.insert(attendant.user, attendant);
        }
        world.tell_people();
        world
    }

    pub(super) fn tell_people(&mut self) {
        let people = self.people.values().cloned().collect();
        self.desk.set_people(people, self.now);
        self.desk.see(&self.here, self.now);
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    /// A customer asks for a person.
    pub(super) fn arrives(&mut self, number: u128, priority: Priority) {
        self.asks(number, None, priority, &[]);
    }

    pub(super) fn asks(
        &mut self,
        number: u128,
        department: Option<DepartmentId>,
        priority: Priority,
        skills: &[&str],
    ) {
        let command = Command::RequestHandoff {
            by: CHIEF,
            department,
            priority: Some(priority),
            skills: Some(skills.iter().map(|skill| (*skill).to_owned()).collect()),
            reason: None,
        };
        drop(self.run(conversation(number), &command));
    }

    /// Decides and commits, as far as there is room, but does not tell the desk.
    pub(super) fn run(
        &mut self,
        conversation: ConversationId,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        let state = self.states.get(&conversation).cloned();
        let state = state.unwrap_or_else(|| State::new(conversation));
        let outlook = Outlook::default();
        let ctx = Context {
            now: self.now,
            served: true,
            policy: &self.policy,
            flow: &self.flow,
            flow_since: None,
            departments: &self.departments,
            customer_name: None,
            recent: &[],
            outlook: &outlook,
        };
        let decision = decide(&state, command, &ctx)?;
        for effect in &decision.effects {
            if let Effect::TakeSlot(slot) = effect {
                self.has_room(conversation, slot)?;
            }
        }
        let events = decision.events.iter().cloned();
        self.late.extend(events.map(|event| (conversation, event)));
        let state = fold(state, &decision.events);
        // What a restart would find.
        let state = decode(&encode(&state).unwrap()).unwrap();
        self.states.insert(conversation, state);
        Ok(decision)
    }

    fn has_room(&self, conversation: ConversationId, slot: &Slot) -> Result<(), Rejection> {
        let user = slot.user;
        let person = &self.people[&user];
        let others = self.held(user).filter(|held| *held != conversation).count();
        let missing = person.lacks(&slot.skills);
        if person.availability == Availability::Away {
            Err(Rejection::AttendantAway { user })
        } else if others >= usize::try_from(person.capacity).unwrap() {
            let capacity = person.capacity;
            Err(Rejection::AtCapacity { user, capacity })
        } else if !missing.is_empty() {
            let skills = missing;
            Err(Rejection::SkillsMissing { user, skills })
        } else {
            Ok(())
        }
    }

    /// What somebody leads or is offered, as stored.
    pub(super) fn held(&self, user: UserId) -> impl Iterator<Item = ConversationId> {
        let of = move |state: &&State| {
            state.attendant() == Some(user) || state.offer().is_some_and(|offer| offer.to == user)
        };
        self.states
            .values()
            .filter(of)
            .map(|state| state.conversation)
    }

    /// The desk is told everything.
    pub(super) fn tell(&mut self) {
        for (conversation, event) in std::mem::take(&mut self.late) {
            self.desk.follow(conversation, &event);
        }
    }

    /// What the desk would do now.
    pub(super) fn moves(&mut self) -> Vec<Move> {
        self.desk
            .next_moves(&self.policy, &self.departments, self.now)
    }

    /// Makes a move, and says how it ended.
    pub(super) fn make(&mut self, wanted: &Move) -> MoveEnd {
        let end = match self.run(wanted.conversation, &wanted.command()) {
            Ok(_) => MoveEnd::Done,
            Err(rejection) => MoveEnd::Refused(rejection),
        };
        self.desk.settle(wanted, &end, self.now);
        end
    }

    /// Whom the desk would tell their place now: which conversation, and which place.
    pub(super) fn tellings(&mut self) -> Vec<(ConversationId, u32)> {
        self.tell();
        let tellings = self
            .desk
            .tellings(&self.policy, &self.departments, self.now);
        let told = tellings.iter();
        told.map(|telling| (telling.conversation, telling.place.position))
            .collect()
    }

    /// The customer is told.
    pub(super) fn told(&mut self, number: u128, position: u32) {
        let conversation = conversation(number);
        let event = Event::PlaceTold {
            handoff: self.handoff(conversation),
            at: self.now,
            position,
            minutes: None,
        };
        let state = self.states.get_mut(&conversation).unwrap();
        evolve(state, &event);
        self.late.push_back((conversation, event));
    }

    /// The desk, told everything, does all it can at this moment. Returns who was asked, in order.
    pub(super) fn works(&mut self) -> Vec<(ConversationId, UserId)> {
        let mut asked = Vec::new();
        loop {
            self.tell();
            let moves = self.moves();
            if moves.is_empty() {
                return asked;
            }
            for wanted in moves {
                assert_eq!(self.make(&wanted), MoveEnd::Done, "{wanted:?}");
                if wanted.seconds.is_some() {
                    asked.push((wanted.conversation, wanted.user));
                }
            }
        }
    }

    pub(super) fn answers(&mut self, number: u128, by: UserId, yes: bool) -> bool {
        let handoff = self.handoff(conversation(number));
        let name = String::new();
        let command = if yes {
            Command::AcceptOffer { by, handoff, name }
        } else {
            Command::RejectOffer { by, handoff }
        };
        self.run(conversation(number), &command).is_ok()
    }

    pub(super) fn closes(&mut self, number: u128) {
        let command = Command::Close {
            by: CHIEF,
            force: true,
            handoff: None,
            resolution: None,
            satisfaction: None,
        };
        drop(self.run(conversation(number), &command));
    }

    /// The request that waits, or that led to whoever leads.
    pub(super) fn handoff(&self, conversation: ConversationId) -> HandoffId {
        match self.states.get(&conversation).map(|state| &state.mode) {
            Some(Mode::Waiting { handoff, .. }) => *handoff,
            _ => HandoffId(Uuid::nil()),
        }
    }

    /// Every timer that is due rings.
    pub(super) fn ring(&mut self) {
        let kind = DeadlineKind::OfferTimeout;
        let due: Vec<_> = self
            .states
            .values()
            .filter_map(|state| Some((state.conversation, *state.deadline(kind)?)))
            .filter(|(_, deadline)| deadline.at <= self.now)
            .collect();
        for (conversation, deadline) in due {
            let generation = deadline.generation;
            let command = Command::DeadlineFired { kind, generation };
            self.run(conversation, &command).unwrap();
        }
    }

    /// The process ends and comes back: only what is stored is left.
    pub(super) fn crash(&mut self) {
        self.late.clear();
        let waiting = |state: &&State| matches!(state.mode, Mode::Waiting { .. });
        let led = self.states.values().filter_map(|state| match state.mode {
            Mode::Human {
                owner: Owner::User(user),
                since,
                ..
            } => Some(Led {
                conversation: state.conversation,
                user,
                department: state.department,
                since,
                paused: false,
            }),
            _ => None,
        });
        let record = DeskRecord {
            waiting: self.states.values().filter(waiting).cloned().collect(),
            led: led.collect(),
            services: Vec::new(),
            given: Vec::new(),
            dismissed: Vec::new(),
        };
        self.desk = Desk::restore(record, GRACE, self.now);
        self.tell_people();
    }
}
