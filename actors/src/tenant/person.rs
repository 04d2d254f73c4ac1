//! One person who is online, as the tenant knows them: the way to their actor, and what must
//! reach it.

use crate::attendant::{AttachSocket, AttendantActor, CutReason, CutSockets, Passivate, Viewing};
use crate::mailbox::{Refused, offer};
use actix::dev::ToEnvelope;
use actix::{Addr, Context, Handler, Message};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A person with a living actor.
pub(super) struct Person {
    addr: Addr<AttendantActor>,
    incarnation: u64,
    /// Sockets there are and sockets on their way: counted up here, counted down by the actor.
    sockets: Arc<AtomicUsize>,
    /// What the person looks at, by the actor.
    viewing: Arc<Viewing>,
    /// A cut that there was no room for. Nothing is told before it: what comes later is not for
    /// these sockets, and a socket that comes later must outlive it.
    due: Option<CutReason>,
}

impl Person {
    /// `sockets` is the count that the actor lowers, `viewing` what it says the person looks at.
    pub(super) fn new(
        addr: Addr<AttendantActor>,
        incarnation: u64,
        sockets: Arc<AtomicUsize>,
        viewing: Arc<Viewing>,
    ) -> Self {
        Self {
            addr,
            incarnation,
            sockets,
            viewing,
            due: None,
        }
    }

    pub(super) fn incarnation(&self) -> u64 {
        self.incarnation
    }

    pub(super) fn sockets(&self) -> usize {
        self.sockets.load(Ordering::Acquire)
    }

    pub(super) fn viewing(&self) -> &Viewing {
        &self.viewing
    }

    /// Gives the actor one more socket, unless the person has `most` already. Whether it took it.
    pub(super) fn attach(&mut self, socket: AttachSocket, most: usize) -> bool {
        if self.sockets() >= most {
            return false;
        }
        // Before it is on its way, or the actor could count it down first.
        self.sockets.fetch_add(1, Ordering::AcqRel);
        let taken = self.offer(socket).is_ok();
        if !taken {
            self.sockets.fetch_sub(1, Ordering::AcqRel);
        }
        taken
    }

    /// Offers something that may be lost: signals, or hints that the next head repeats.
    pub(super) fn tell<M>(&mut self, message: M)
    where
        M: Message<Result = ()> + Send + 'static,
        AttendantActor: Handler<M>,
        Context<AttendantActor>: ToEnvelope<AttendantActor, M>,
    {
        if let Err(Refused::Full(_)) = self.offer(message) {
            metrics::counter!("papo_attendant_mailbox_full_total").increment(1);
        }
    }

    /// Asks the actor to leave memory. Whether it goes: one that is not told so would seem to have
    /// crashed.
    pub(super) fn passivate(&mut self) -> bool {
        !matches!(self.offer(Passivate), Err(Refused::Full(_)))
    }

    /// Cuts every socket there is, now or as soon as the actor takes something. A cut that is
    /// due already keeps its reason.
    pub(super) fn cut(&mut self, reason: CutReason) {
        self.due.get_or_insert(reason);
        if !self.make_cut() {
            metrics::counter!("papo_attendant_mailbox_full_total").increment(1);
        }
    }

    /// Makes the cut that is due, if one is. Whether none is any more.
    pub(super) fn make_cut(&mut self) -> bool {
        let Some(reason) = self.due else { return true };
        if let Err(Refused::Full(_)) = offer(&self.addr, CutSockets(reason)) {
            return false;
        }
        // Told, or gone, and an actor that goes cuts its sockets itself.
        self.due = None;
        true
    }

    fn offer<M>(&mut self, message: M) -> Result<(), Refused<M>>
    where
        M: Message<Result = ()> + Send + 'static,
        AttendantActor: Handler<M>,
        Context<AttendantActor>: ToEnvelope<AttendantActor, M>,
    {
        if self.make_cut() {
            offer(&self.addr, message)
        } else {
            Err(Refused::Full(message))
        }
    }
}
