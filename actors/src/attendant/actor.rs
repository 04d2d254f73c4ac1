//! The actor of one attendant who has at least one socket. It knows the unfiltered number of the
//! last event it has passed on; whatever is missing it reads from the table before it goes on.

use super::messages::{
    AttachSocket, Batch, CutSockets, DetachSocket, Ephemeral, FollowTyping, Head, Passivate,
    TellPosition, UnfollowTyping,
};
use super::socket::{BACKLOG, Socket};
use super::stream::{CutReason, FrameBatch, Joining, SocketId, can_see};
use super::viewing::Viewing;
use crate::lifecycle::{Reason, Watch};
use crate::tenant::Shared;
use actix::WrapFuture;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler};
use papo_domain::conversation::Audience;
use papo_domain::ports::{LiveEvent, StoreError};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tracing::warn;

/// Events read at once when catching up.
const PAGE: u32 = 500;
/// Conversations in which one socket may follow who types. The session tells a client that wants
/// more; whatever comes here beyond it is dropped.
pub const FOLLOWED_MAX: usize = 50;
/// Older events read at once for a socket that comes back. They go out only while less than a
/// quarter of the backlog waits, and even of the largest messages (32 kB each) a page is half of
/// it, so that a replay never makes its own socket too slow.
const REPLAY_PAGE: u32 = 64;
/// How soon it is looked again whether a returning socket has room.
const ROOM_POLL: Duration = Duration::from_millis(50);
/// Pause after the table could not be read.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// One person.
pub(crate) struct AttendantActor {
    shared: Arc<Shared>,
    /// Up to here every live socket has been given what its viewer may see.
    last_seq: u64,
    /// The newest number heard of; beyond `last_seq` while something is missing.
    target: u64,
    /// What is missing is being read, or will be after a pause.
    reading: bool,
    /// One, mostly, so a list without spare room.
    sockets: Vec<Socket>,
    /// How many sockets there are or are on their way. The parent counts up, this counts down: what
    /// waits in the mailbox is not known here.
    count: Arc<AtomicUsize>,
    /// What the sockets have joined, for the parent to tell.
    viewing: Arc<Viewing>,
    watch: Watch,
}

impl AttendantActor {
    /// Batches that may wait; what does not fit is read from the table later.
    pub(crate) const MAILBOX: usize = 256;

    pub(crate) fn new(
        shared: Arc<Shared>,
        last_seq: u64,
        count: Arc<AtomicUsize>,
        viewing: Arc<Viewing>,
        watch: Watch,
    ) -> Self {
        Self {
            shared,
            last_seq,
            target: last_seq,
            reading: false,
            sockets: Vec::new(),
            count,
            viewing,
            watch,
        }
    }

    fn give(&mut self, batch: &FrameBatch) {
        let frames = Arc::clone(&self.shared.ports.frames);
        self.keep(|socket| socket.behind || socket.follow(batch, frames.as_ref()));
        if batch.frames.iter().any(|frame| frame.prior.is_some()) {
            self.note_viewing();
        }
        self.last_seq = self.last_seq.max(batch.last);
        self.target = self.target.max(self.last_seq);
    }

    fn socket(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.sockets.iter_mut().find(|socket| socket.id == id)
    }

    /// Forgets the sockets that `wanted` turns down.
    fn keep(&mut self, mut wanted: impl FnMut(&mut Socket) -> bool) {
        let before = self.sockets.len();
        self.sockets.retain_mut(|socket| wanted(socket));
        let gone = before - self.sockets.len();
        self.count.fetch_sub(gone, Ordering::AcqRel);
        if gone > 0 {
            self.note_viewing();
        }
    }

    /// What this person looks at may have changed.
    fn note_viewing(&self) {
        let followed = self.sockets.iter().flat_map(|socket| &socket.followed);
        self.viewing.set(followed.copied().collect());
    }

    /// Reads what is missing, if something is and nothing reads already.
    fn catch_up(&mut self, ctx: &mut Context<Self>) {
        if self.reading || self.target <= self.last_seq {
            return;
        }
        self.reading = true;
        metrics::counter!("papo_stream_repairs_total", "at" => "attendant").increment(1);
        let read = self
            .shared
            .store()
            .events_after(self.shared.tenant, self.last_seq, PAGE);
        ctx.spawn(read.into_actor(self).map(|events, actor, ctx| {
            if let Some(batch) = actor.encode(events) {
                actor.reading = false;
                actor.give(&batch);
                actor.catch_up(ctx);
            } else {
                ctx.run_later(RETRY_AFTER, |actor, ctx| {
                    actor.reading = false;
                    actor.catch_up(ctx);
                });
            }
        }));
    }

    fn encode(&self, events: Result<Vec<LiveEvent>, StoreError>) -> Option<FrameBatch> {
        match events {
            Ok(events) => FrameBatch::encode(&events, self.shared.ports.frames.as_ref()),
            Err(fault) => {
                warn!(tenant.id = %self.shared.tenant, %fault, "events could not be read");
                None
            }
        }
    }

    /// Gives a returning socket what it missed, page by page, until it is where the others are.
    fn replay(&mut self, id: SocketId, ctx: &mut Context<Self>) {
        let last_seq = self.last_seq;
        let Some(socket) = self.socket(id) else {
            return;
        };
        socket.behind = socket.position < last_seq;
        if !socket.behind {
            return;
        }
        if !socket.to.connected() {
            return self.forget(id);
        }
        if socket.cut.held() > BACKLOG / 4 {
            ctx.run_later(ROOM_POLL, move |actor, ctx| actor.replay(id, ctx));
            return;
        }
        let after = socket.position;
        let read = self
            .shared
            .store()
            .events_after(self.shared.tenant, after, REPLAY_PAGE);
        ctx.spawn(read.into_actor(self).map(move |events, actor, ctx| {
            let Some(page) = actor.encode(events) else {
                ctx.run_later(RETRY_AFTER, move |actor, ctx| actor.replay(id, ctx));
                return;
            };
            let frames = Arc::clone(&actor.shared.ports.frames);
            let Some(socket) = actor.socket(id) else {
                return;
            };
            if socket.follow(&page, frames.as_ref()) {
                actor.note_viewing();
                actor.replay(id, ctx);
            } else {
                actor.forget(id);
            }
        }));
    }

    fn forget(&mut self, id: SocketId) {
        self.keep(|socket| socket.id != id);
    }
}

impl Drop for AttendantActor {
    /// Nobody feeds these sockets any more: they must come again, not stay open in silence.
    fn drop(&mut self) {
        for socket in &self.sockets {
            socket.end(CutReason::Away);
        }
    }
}

impl Actor for AttendantActor {
    type Context = Context<Self>;
}

impl Handler<Batch> for AttendantActor {
    type Result = ();

    fn handle(&mut self, Batch(batch): Batch, ctx: &mut Self::Context) {
        self.target = self.target.max(batch.last);
        if !self.reading && batch.first <= self.last_seq + 1 {
            if batch.last > self.last_seq {
                self.give(&batch);
            }
        } else {
            self.catch_up(ctx);
        }
    }
}

impl Handler<Head> for AttendantActor {
    type Result = ();

    fn handle(&mut self, Head(seq): Head, ctx: &mut Self::Context) {
        self.target = self.target.max(seq);
        self.catch_up(ctx);
    }
}

impl Handler<AttachSocket> for AttendantActor {
    type Result = ();

    fn handle(&mut self, message: AttachSocket, ctx: &mut Self::Context) {
        let AttachSocket(
            Joining {
                viewer,
                socket: id,
                cursor,
                to,
                cut,
                greet,
            },
            attached,
        ) = message;
        let position = cursor.unwrap_or(attached.head);
        let socket = Socket {
            id,
            viewer,
            to,
            cut,
            position,
            behind: false,
            followed: HashSet::new(),
        };
        // The greeting comes first: everything after it is numbered.
        if socket.push(vec![greet(attached)]) {
            self.sockets.reserve_exact(1);
            self.sockets.push(socket);
            self.replay(id, ctx);
        } else {
            self.count.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Handler<DetachSocket> for AttendantActor {
    type Result = ();

    fn handle(&mut self, DetachSocket(socket): DetachSocket, _: &mut Self::Context) {
        self.forget(socket);
    }
}

impl Handler<CutSockets> for AttendantActor {
    type Result = ();

    fn handle(&mut self, CutSockets(reason): CutSockets, _: &mut Self::Context) {
        self.keep(|socket| {
            socket.end(reason);
            false
        });
    }
}

impl Handler<Ephemeral> for AttendantActor {
    type Result = ();

    fn handle(&mut self, signal: Ephemeral, _: &mut Self::Context) {
        self.keep(|socket| {
            let follows = signal
                .conversation
                .is_none_or(|id| socket.followed.contains(&id));
            let wanted = follows
                && Some(socket.viewer.user) != signal.except
                && can_see(&socket.viewer, Audience::Staff);
            !wanted || socket.push(vec![signal.text.clone()])
        });
    }
}

impl Handler<Passivate> for AttendantActor {
    type Result = ();

    fn handle(&mut self, _: Passivate, ctx: &mut Self::Context) {
        self.watch.reason = Some(Reason::Passivated);
        ctx.stop();
    }
}

impl Handler<FollowTyping> for AttendantActor {
    type Result = ();

    fn handle(&mut self, FollowTyping(socket, conversation): FollowTyping, _: &mut Self::Context) {
        if let Some(socket) = self.socket(socket)
            && socket.followed.len() < FOLLOWED_MAX
        {
            socket.followed.insert(conversation);
            self.note_viewing();
        }
    }
}

impl Handler<UnfollowTyping> for AttendantActor {
    type Result = ();

    fn handle(
        &mut self,
        UnfollowTyping(socket, conversation): UnfollowTyping,
        _: &mut Self::Context,
    ) {
        if let Some(socket) = self.socket(socket) {
            socket.followed.remove(&conversation);
            self.note_viewing();
        }
    }
}

impl Handler<TellPosition> for AttendantActor {
    type Result = ();

    fn handle(&mut self, TellPosition(id, tell): TellPosition, _: &mut Self::Context) {
        let Some(socket) = self.socket(id) else {
            return;
        };
        if !socket.push(vec![tell(socket.position)]) {
            self.forget(id);
        }
    }
}
