//! The tenant's live stream: one follower of the event table for all who are online. What the
//! lane hands over is only a hint; a missing range is read from the table before anything later
//! is passed on.

use super::actor::TenantActor;
use super::messages::Signal;
use super::person::Person;
use super::viewers::Viewers;
use crate::attendant::{
    Batch, CutReason, Ephemeral, FollowTyping, FrameBatch, Head, TellPosition, UnfollowTyping,
};
use crate::ports::FrameEncoder;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use bytestring::ByteString;
use papo_domain::ports::LiveEvent;
use papo_domain::{ConversationId, UserId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tracing::warn;

/// Events read at once when a range is missing.
const PAGE: u32 = 500;
/// So many who came or went are told one by one; of more it is only told that there were.
const PRESENCE_MAX: usize = 32;

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
    viewers: Viewers,
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
            viewers: Viewers::default(),
        }
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    pub(super) fn people(&self) -> impl Iterator<Item = (UserId, usize)> {
        self.people
            .iter()
            .map(|(user, person)| (*user, person.sockets()))
    }

    pub(super) fn person(&mut self, user: UserId) -> Option<&mut Person> {
        self.people.get_mut(&user)
    }

    /// Somebody comes who had no socket.
    pub(super) fn welcome(&mut self, user: UserId, person: Person) {
        self.people.insert(user, person);
        self.note_presence(user, true);
    }

    /// Cuts every socket of a person, whose rights are no longer what they were.
    pub(super) fn cut(&mut self, user: UserId) {
        if let Some(person) = self.person(user) {
            person.cut(CutReason::Revoked);
        }
    }

    /// Cuts everybody: this node does not serve the tenant any more, or nobody may look at it.
    pub(super) fn cut_all(&mut self, reason: CutReason) {
        for person in self.people.values_mut() {
            person.cut(reason);
        }
    }

    /// Makes the cuts that there was no room for, also of people whom nobody tells anything.
    fn make_cuts(&mut self) {
        for person in self.people.values_mut() {
            person.make_cut();
        }
    }

    pub(super) fn signal(&mut self, signal: Signal, frames: &dyn FrameEncoder) {
        match signal {
            Signal::List(list) => self.tell_everybody(frames.list_changed(list)),
            Signal::Position { user, socket, tell } => {
                if let Some(person) = self.person(user) {
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
            Signal::FollowTyping {
                user,
                socket,
                conversation,
            } => {
                if let Some(person) = self.person(user) {
                    person.tell(FollowTyping(socket, conversation));
                }
            }
            Signal::UnfollowTyping {
                user,
                socket,
                conversation,
            } => {
                if let Some(person) = self.person(user) {
                    person.tell(UnfollowTyping(socket, conversation));
                }
            }
        }
    }

    /// Tells everybody who is online something that may be lost.
    pub(super) fn tell_everybody(&mut self, text: ByteString) {
        self.tell_all(&Ephemeral {
            text,
            conversation: None,
            except: None,
        });
    }

    fn tell_all(&mut self, signal: &Ephemeral) {
        for person in self.people.values_mut() {
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
        if changes.len() > PRESENCE_MAX {
            return self.tell_everybody(frames.presence_changed());
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
            .is_some_and(|person| person.incarnation() == incarnation)
        {
            self.people.remove(&user);
            self.gone(user);
        }
    }

    /// Lets those leave memory whose last socket has gone; whoever is too busy to hear it goes
    /// later.
    fn passivate_idle(&mut self) {
        let gone: Vec<_> = self
            .people
            .extract_if(|_, person| person.sockets() == 0 && person.passivate())
            .map(|(user, _)| user)
            .collect();
        for user in gone {
            self.gone(user);
        }
    }

    fn gone(&mut self, user: UserId) {
        self.note_presence(user, false);
        self.viewers.gone(user);
    }

    /// Who looks at a conversation now.
    pub(super) fn viewers_of(&self, conversation: ConversationId) -> Vec<UserId> {
        let looks = |person: &Person| person.viewing().contains(conversation);
        let people = self.people.iter().filter(|(_, person)| looks(person));
        people.map(|(user, _)| *user).collect()
    }

    /// Tells those who joined who else looks, and who does no more.
    fn tell_viewers(&mut self, frames: &dyn FrameEncoder) {
        for (user, person) in &self.people {
            if let Some(now) = person.viewing().news() {
                self.viewers.note(*user, now);
            }
        }
        for (user, conversation, looks) in self.viewers.take() {
            let text = frames.viewing(user, conversation, looks);
            self.tell_all(&Ephemeral {
                text,
                conversation: Some(conversation),
                except: Some(user),
            });
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
        for person in self.people.values_mut() {
            // One that is too busy finds the gap at the next batch or head.
            person.tell(Batch(Arc::clone(&batch)));
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
            self.pass_events_on(&events);
        }
    }

    /// Passes on what follows what was passed on before: to the desk, and to whoever is online.
    fn pass_events_on(&mut self, events: &[Arc<LiveEvent>]) {
        self.tell_desk(events);
        let frames = Arc::clone(&self.shared.ports.frames);
        self.fanout.publish(events, frames.as_ref());
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
            .store()
            .events_after(self.shared.tenant, after, PAGE);
        ctx.spawn(read.into_actor(self).map(|events, actor, ctx| {
            actor.fanout.reading = false;
            match events {
                Ok(events) if !events.is_empty() => {
                    let events: Vec<_> = events.into_iter().map(Arc::new).collect();
                    actor.pass_events_on(&events);
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

    /// Once a second while anybody is online: cuts whoever had no room for it, tells who came and
    /// went and who looks at what, compares with the table, in case the last hand-over was lost, and tells everybody the
    /// newest number.
    pub(super) fn publish_head(&mut self, ctx: &mut Context<Self>) {
        self.fanout.make_cuts();
        self.fanout.passivate_idle();
        self.fanout.tell_presence(self.shared.ports.frames.as_ref());
        self.fanout.tell_viewers(self.shared.ports.frames.as_ref());
        if self.fanout.people.is_empty() || std::mem::replace(&mut self.fanout.checking, true) {
            return;
        }
        let head = self.shared.store().head(self.shared.tenant);
        ctx.spawn(head.into_actor(self).map(|head, actor, ctx| {
            actor.fanout.checking = false;
            if let Ok(head) = head {
                actor.fanout.target = actor.fanout.target.max(head);
                actor.repair(ctx);
            }
            let seq = actor.fanout.last_seq;
            for person in actor.fanout.people.values_mut() {
                person.tell(Head(seq));
            }
        }));
    }
}
