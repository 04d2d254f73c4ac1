//! How sockets come to the tenant's live stream and go. A socket with a cursor goes on after it
//! if all that came since can still be replayed, or is told that it cannot.

use super::actor::TenantActor;
use super::messages::{Attach, Detach};
use super::person::Person;
use crate::api::DispatchError;
use crate::attendant::{AttachSocket, Attached, AttendantActor, DetachSocket, Joining, Viewing};
use crate::lifecycle::{Child, Watch};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use papo_domain::UserId;
use papo_domain::ports::LiveEvent;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::sync::oneshot;
use tokio::time::Instant;

impl TenantActor {
    fn attach(
        &mut self,
        mut joining: Joining,
        resync: bool,
        reply: oneshot::Sender<Result<Attached, DispatchError>>,
        ctx: &mut Context<Self>,
    ) {
        let user = joining.viewer.user;
        let head = self.fanout.last_seq();
        let most = self.shared.config.sockets_per_user;
        if self.fanout.person(user).is_none() {
            self.welcome(user, ctx);
        }
        let Some(person) = self.fanout.person(user) else {
            return;
        };
        if resync {
            joining.cursor = None;
        }
        let attached = Attached { head, resync };
        let answer = if person.attach(AttachSocket(joining, attached), most) {
            self.see_people();
            Ok(attached)
        } else {
            Err(DispatchError::Busy)
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
        let (shared, last_seq) = (Arc::clone(&self.shared), self.fanout.last_seq());
        let sockets = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sockets);
        let viewing = Arc::new(Viewing::default());
        let looks = Arc::clone(&viewing);
        let addr = self.pool.start(user, AttendantActor::MAILBOX, move |_| {
            AttendantActor::new(shared, last_seq, count, looks, watch)
        });
        let person = Person::new(addr, incarnation, sockets, viewing);
        self.fanout.welcome(user, person);
    }

    /// Whether the event after a cursor is gone or too old to be replayed.
    fn is_too_old(&self, cursor: u64, next: Option<&LiveEvent>) -> bool {
        let Some(next) = next else {
            return cursor != self.fanout.last_seq();
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
        if self.draining {
            drop(reply.send(Err(DispatchError::Draining)));
            return;
        }
        self.used = Instant::now();
        if self.is_resting(joining.viewer.user) {
            drop(reply.send(Err(DispatchError::Busy)));
            return;
        }
        let head = self.fanout.last_seq();
        let Some(cursor) = joining.cursor.filter(|cursor| *cursor != head) else {
            return self.attach(joining, false, reply, ctx);
        };
        let missed = head.checked_sub(cursor);
        if missed.is_none_or(|missed| missed > self.shared.config.replay.max_rows) {
            return self.attach(joining, true, reply, ctx);
        }
        let next = self
            .shared
            .store()
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
        if let Some(person) = self.fanout.person(user) {
            person.tell(DetachSocket(socket));
        }
    }
}
