//! What a session writes of the stream. The framework takes whatever an actor writes while it is
//! polled and keeps it all, encoded, until the peer has taken it; and a poll hands over the whole
//! mailbox. So a session writes a portion at a time: the rest waits here and counts as waiting,
//! and a cut or an expired token ends the socket after one portion, not after all that was there.

use super::{Ctx, Session};
use actix::fut::ActorFuture;
use bytestring::ByteString;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Bytes written in one poll. They are with the kernel before the next ones are asked for.
const PORTION: usize = 64 << 10;
/// Places for frames that are kept while nothing waits.
const KEPT: usize = 16;

/// Writes what waits, for as long as the actor lives.
pub(super) struct Outflow;

impl ActorFuture<Session> for Outflow {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        session: &mut Session,
        ctx: &mut Ctx,
        task: &mut Context<'_>,
    ) -> Poll<()> {
        session.write_portion(ctx);
        if !session.waiting.is_empty() {
            // The carrier comes back once this portion has gone; this leaves it no choice.
            task.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Session {
    fn write_portion(&mut self, ctx: &mut Ctx) {
        if self.waiting.is_empty() || !self.may_write(ctx) {
            return;
        }
        let (mut frames, mut bytes) = (0_u64, 0);
        while bytes < PORTION
            && let Some(text) = self.waiting.pop_front()
        {
            frames += 1;
            bytes += text.len();
            ctx.text(text);
        }
        self.cut.release(bytes);
        metrics::counter!("papo_ws_frames_total", "direction" => "out").increment(frames);
        if self.waiting.is_empty() {
            self.waiting.shrink_to(KEPT);
        }
    }
}

/// Frames that wait to be written, in order.
pub(super) type Waiting = VecDeque<ByteString>;
