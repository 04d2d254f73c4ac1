//! The tenant's live stream: one follower of the event table for all who are online. What the
//! lane hands over is only a hint; a missing range is read from the table before anything later
//! is passed on.

use super::actor::TenantActor;
use super::messages::{Attach, Detach, Signal};
use crate::api::DispatchError;
use crate::attendant::{
    AttachSocket, Attached, AttendantActor, Batch, CutReason, CutSockets, Depart, DetachSocket,
    Ephemeral, FrameBatch, Head, Join, Joining, Leave, TellPosition,
};
use crate::lifecycle::{Child, Watch};
use crate::mailbox::{Refused, offer};
use crate::ports::FrameEncoder;
use actix::{ActorFutureExt, Addr, AsyncContext, Context, Handler, WrapFuture};
use papo_domain::UserId;
use papo_domain::ports::LiveEvent;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::warn;

/// Events read at once when a range is missing.
const PAGE: u32 = 500;
/// Sockets of one person.
const SOCKETS: usize = 20;
/// So many who came or went are told one by one; of more it is only told that there were.
const PRESENCE: usize = 32;

/// Who is online, and how far they were told.
pub(super) struct Fanout {
    last_seq: u64,
    /// The newest number heard of; beyond `last_seq` while something is missing.
    target: u64,
    reading: bool,
    checking: bool,
    people: HashMap<UserId, Person>,
    /// Who came (true) or went since it was last told. Everybody is told of everybody, so it is
    /// done together, once a second: a company that logs in at nine must not drown itself.
    presence: BTreeMap<UserId, bool>,
}

struct Person {
    addr: Addr<AttendantActor>,
    incarnation: u64,
    sockets: Arc<AtomicUsize>,
}

impl Fanout {
    pub(super) fn new(head: u64) -> Self {
        Self {
            last_seq: head,
            target: head,
            reading: false,
            checking: false,
            people: HashMap::new(),
            presence: BTreeMap::new(),
        }
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    pub(super) fn people(&self) -> impl Iterator<Item = (UserId, usize)> {
        self.people
            .iter()
            .map(|(user, person)| (*user, person.sockets.load(Ordering::Acquire)))
    }

    /// Cuts every socket of a person, whose rights are no longer what they were.
    pub(super) fn cut(&self, user: UserId) {
        if let Some(person) = self.people.get(&user) {
            person.tell(CutSockets(CutReason::Revoked));
        }
    }

    /// Cuts everybody: this node does not serve the tenant any more.
    pub(super) fn cut_all(&self) {
        for person in self.people.values() {
            person.tell(CutSockets(CutReason::Away));
        }
    }

    pub(super) fn signal(&self, signal: Signal, frames: &dyn FrameEncoder) {
        match signal {
            Signal::Position { user, socket, tell } => {
                if let Some(person) = self.people.get(&user) {
                    person.tell(TellPosition(socket, tell));
                }
            }
            Signal::Typing {
                viewer,
                conversation,
            } => {
                let text = frames.typing(viewer.user, conversation);
                self.tell_all(&Ephemeral {
                    text,
                    conversation: Some(conversation),
                    except: Some(viewer.user),
                });
            }
            Signal::Join {
                user,
                socket,
                conversation,
            } => {
                if let Some(person) = self.people.get(&user) {
                    person.tell(Join(socket, conversation));
                }
            }
            Signal::Leave {
                user,
                socket,
                conversation,
            } => {
                if let Some(person) = self.people.get(&user) {
                    person.tell(Leave(socket, conversation));
                }
            }
        }
    }

    fn tell_all(&self, signal: &Ephemeral) {
        for person in self.people.values() {
            person.tell(signal.clone());
        }
    }

    /// Notes that somebody came or went. Who did both was never away.
    fn note_presence(&mut self, user: UserId, online: bool) {
        if self.presence.remove(&user) != Some(!online) {
            self.presence.insert(user, online);
        }
    }

    /// Tells who came and went.
    fn tell_presence(&mut self, frames: &dyn FrameEncoder) {
        let changes = std::mem::take(&mut self.presence);
        if changes.len() > PRESENCE {
            let text = frames.presence_changed();
            return self.tell_all(&Ephemeral {
                text,
                conversation: None,
                except: None,
            });
        }
        for (user, online) in changes {
            let text = frames.presence(user, online);
            self.tell_all(&Ephemeral {
                text,
                conversation: None,
                except: Some(user),
            });
        }
    }

    /// An attendant's actor has ended.
    pub(super) fn attendant_down(&mut self, user: UserId, incarnation: u64) {
        if self
            .people
            .get(&user)
            .is_some_and(|person| person.incarnation == incarnation)
        {
            self.people.remove(&user);
            self.note_presence(user, false);
        }
    }

    /// Lets those go whose last socket went.
    fn part(&mut self) {
        let alone: Vec<_> = self
            .people()
            .filter(|(_, sockets)| *sockets == 0)
            .map(|(user, _)| user)
            .collect();
        for user in alone {
            if let Some(person) = self.people.remove(&user) {
                person.tell(Depart);
                self.note_presence(user, false);
            }
        }
    }

    /// Passes on events that follow what was passed on before.
    fn publish(&mut self, events: &[Arc<LiveEvent>], frames: &dyn FrameEncoder) {
        let Some(last) = events.last() else { return };
        let after = std::mem::replace(&mut self.last_seq, last.seq);
        self.target = self.target.max(last.seq);
        if self.people.is_empty() {
            return;
        }
        let fresh = events
            .iter()
            .map(AsRef::as_ref)
            .filter(|event| event.seq > after);
        let Some(batch) = FrameBatch::encode(fresh, frames) else {
            return;
        };
        let batch = Arc::new(batch);
        for person in self.people.values() {
            // One that is too busy finds the gap at the next batch or head.
            person.tell(Batch(Arc::clone(&batch)));
        }
    }
}

impl Person {
    /// Offers something that may be lost: signals, or hints that the next head repeats.
    fn tell<M>(&self, message: M)
    where
        M: actix::Message<Result = ()> + Send + 'static,
        AttendantActor: Handler<M>,
        Context<AttendantActor>: actix::dev::ToEnvelope<AttendantActor, M>,
    {
        if let Err(Refused::Full(_)) = offer(&self.addr, message) {
            metrics::counter!("papo_attendant_mailbox_full_total").increment(1);
        }
    }
}

impl TenantActor {
    /// Takes over what a lane has committed.
    pub(super) fn follow(&mut self, events: Vec<Arc<LiveEvent>>, ctx: &mut Context<Self>) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return;
        };
        self.fanout.target = self.fanout.target.max(last.seq);
        if self.fanout.reading || first.seq > self.fanout.last_seq + 1 {
            return self.repair(ctx);
        }
        if last.seq > self.fanout.last_seq {
            let frames = Arc::clone(&self.shared.ports.frames);
            self.fanout.publish(&events, frames.as_ref());
        }
    }

    /// Reads the missing range.
    fn repair(&mut self, ctx: &mut Context<Self>) {
        if self.fanout.reading || self.fanout.target <= self.fanout.last_seq {
            return;
        }
        self.fanout.reading = true;
        metrics::counter!("papo_stream_repairs_total", "at" => "tenant").increment(1);
        let after = self.fanout.last_seq;
        let read = self
            .shared
            .ports
            .store
            .events_after(self.shared.tenant, after, PAGE);
        ctx.spawn(read.into_actor(self).map(|events, actor, ctx| {
            actor.fanout.reading = false;
            match events {
                Ok(events) if !events.is_empty() => {
                    let frames = Arc::clone(&actor.shared.ports.frames);
                    let events: Vec<_> = events.into_iter().map(Arc::new).collect();
                    actor.fanout.publish(&events, frames.as_ref());
                    actor.repair(ctx);
                }
                // The next head tries again.
                Ok(_) => {}
                Err(fault) => {
                    warn!(tenant.id = %actor.shared.tenant, %fault, "events could not be read");
                }
            }
        }));
    }

    /// Once a second while anybody is online: tells who came and went, compares with the table,
    /// in case the last hand-over was lost, and tells everybody the newest number.
    pub(super) fn publish_head(&mut self, ctx: &mut Context<Self>) {
        self.fanout.part();
        self.fanout.tell_presence(self.shared.ports.frames.as_ref());
        if self.fanout.people.is_empty() || std::mem::replace(&mut self.fanout.checking, true) {
            return;
        }
        let head = self.shared.ports.store.head(self.shared.tenant);
        ctx.spawn(head.into_actor(self).map(|head, actor, ctx| {
            actor.fanout.checking = false;
            if let Ok(head) = head {
                actor.fanout.target = actor.fanout.target.max(head);
                actor.repair(ctx);
            }
            let seq = actor.fanout.last_seq;
            for person in actor.fanout.people.values() {
                person.tell(Head(seq));
            }
        }));
    }

    fn attach(
        &mut self,
        mut joining: Joining,
        resync: bool,
        reply: oneshot::Sender<Result<Attached, DispatchError>>,
        ctx: &mut Context<Self>,
    ) {
        let user = joining.viewer.user;
        let head = self.fanout.last_seq;
        if !self.fanout.people.contains_key(&user) {
            self.welcome(user, ctx);
        }
        let Some(person) = self.fanout.people.get(&user) else {
            return;
        };
        if resync {
            joining.cursor = None;
        }
        if person.sockets.load(Ordering::Acquire) >= SOCKETS {
            drop(reply.send(Err(DispatchError::Busy)));
            return;
        }
        let attached = Attached { head, resync };
        let answer = match offer(&person.addr, AttachSocket(joining, attached)) {
            Ok(()) => {
                // Counted here as well, or the person could be sent home before the actor counts.
                person.sockets.fetch_add(1, Ordering::AcqRel);
                Ok(attached)
            }
            Err(_) => Err(DispatchError::Busy),
        };
        drop(reply.send(answer));
    }

    fn welcome(&mut self, user: UserId, ctx: &mut Context<Self>) {
        let incarnation = self.directory.next_incarnation();
        let watch = Watch {
            parent: ctx.address().recipient(),
            child: Child::Attendant(user),
            incarnation,
            reason: None,
            in_hand: None,
        };
        let (shared, last_seq) = (Arc::clone(&self.shared), self.fanout.last_seq);
        let sockets = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sockets);
        let addr = self.pool.start(user, move |_| {
            AttendantActor::new(shared, last_seq, count, watch)
        });
        self.fanout.people.insert(
            user,
            Person {
                addr,
                incarnation,
                sockets,
            },
        );
        self.fanout.note_presence(user, true);
    }

    /// Whether the event after a cursor is gone or too old to be replayed.
    fn is_too_old(&self, cursor: u64, next: Option<&LiveEvent>) -> bool {
        let Some(next) = next else {
            return cursor != self.fanout.last_seq;
        };
        let age = self.shared.ports.clock.now().signed_duration_since(next.at);
        let too_old = age
            .to_std()
            .is_ok_and(|age| age > self.shared.config.replay.max_age);
        too_old || next.seq != cursor + 1
    }
}

impl Handler<Attach> for TenantActor {
    type Result = ();

    fn handle(&mut self, Attach { joining, reply }: Attach, ctx: &mut Self::Context) {
        if self.is_draining() {
            drop(reply.send(Err(DispatchError::Draining)));
            return;
        }
        self.used = Instant::now();
        if self.is_resting(joining.viewer.user) {
            drop(reply.send(Err(DispatchError::Busy)));
            return;
        }
        let head = self.fanout.last_seq;
        let Some(cursor) = joining.cursor.filter(|cursor| *cursor != head) else {
            return self.attach(joining, false, reply, ctx);
        };
        let missed = head.checked_sub(cursor);
        if missed.is_none_or(|missed| missed > self.shared.config.replay.max_rows) {
            return self.attach(joining, true, reply, ctx);
        }
        let next = self
            .shared
            .ports
            .store
            .events_after(self.shared.tenant, cursor, 1);
        ctx.spawn(
            next.into_actor(self)
                .map(move |next, actor, ctx| match next {
                    Ok(next) => {
                        let resync = actor.is_too_old(cursor, next.first());
                        actor.attach(joining, resync, reply, ctx);
                    }
                    Err(fault) => drop(reply.send(Err(DispatchError::Store(fault)))),
                }),
        );
    }
}

impl Handler<Detach> for TenantActor {
    type Result = ();

    fn handle(&mut self, Detach { user, socket }: Detach, _: &mut Self::Context) {
        if let Some(person) = self.fanout.people.get(&user) {
            person.tell(DetachSocket(socket));
        }
    }
}
