//! Keeps within bounds what a client sends. A frame is refused by the length it announces: the
//! framework's own limit is looked at only once a whole frame has arrived, so a client that
//! announces gigabytes could fill the memory with them. And nothing is read while whole frames
//! wait to be handled: the framework takes all there is before it looks at the first of them.

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A client's bytes, up to the first frame that is too long.
pub(super) struct Guarded<P> {
    payload: P,
    frames: Frames,
    intake: Rc<Intake>,
}

/// What a session knows of its client's bytes.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// Frames that have come whole and are not handled yet.
    unhandled: Cell<usize>,
    too_long: Cell<bool>,
}

impl Intake {
    /// A frame was handled.
    pub(super) fn handled(&self) {
        self.unhandled.set(self.unhandled.get().saturating_sub(1));
    }

    /// Whether the client announced a frame that is too long.
    pub(super) fn too_long(&self) -> bool {
        self.too_long.get()
    }
}

impl<P> Guarded<P> {
    /// Lets frames of up to `limit` bytes of payload pass.
    pub(super) fn new(payload: P, limit: usize) -> (Self, Rc<Intake>) {
        let intake = Rc::<Intake>::default();
        let guarded = Self {
            payload,
            frames: Frames::new(limit),
            intake: Rc::clone(&intake),
        };
        (guarded, intake)
    }
}

impl<P> Stream for Guarded<P>
where
    P: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.intake.too_long() {
            return Poll::Ready(None);
        }
        if self.intake.unhandled.get() > 0 {
            // Whoever asks has a frame in hand, and asks again after each.
            return Poll::Pending;
        }
        let polled = Pin::new(&mut self.payload).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            match self.frames.pass(bytes) {
                Some(whole) => self.intake.unhandled.set(whole),
                None => {
                    self.intake.too_long.set(true);
                    return Poll::Ready(Some(Err(PayloadError::Overflow)));
                }
            }
        }
        polled
    }
}

/// Where in the sequence of frames a stream of bytes stands (RFC 6455 §5.2).
#[derive(Debug)]
struct Frames {
    limit: u64,
    /// The head of the next frame, as far as it has come.
    head: Vec<u8>,
    /// Bytes of the present frame's mask and payload that are still to come.
    left: u64,
}

impl Frames {
    fn new(limit: usize) -> Self {
        Self {
            limit: u64::try_from(limit).unwrap_or(u64::MAX),
            head: Vec::with_capacity(10),
            left: 0,
        }
    }

    /// Follows `bytes`, and tells how many frames ended in them. None once a frame announces
    /// more than the limit.
    fn pass(&mut self, bytes: &[u8]) -> Option<usize> {
        let (mut rest, mut whole) = (bytes, 0);
        while !rest.is_empty() {
            if self.left > 0 {
                let left = usize::try_from(self.left).unwrap_or(usize::MAX);
                let skipped = left.min(rest.len());
                self.left -= u64::try_from(skipped).unwrap_or(self.left);
                rest = rest.get(skipped..).unwrap_or_default();
            } else {
                if let Some((byte, after)) = rest.split_first() {
                    self.head.push(*byte);
                    rest = after;
                }
                let Some((length, mask)) = announced(&self.head) else {
                    continue;
                };
                if length > self.limit {
                    return None;
                }
                self.head.clear();
                self.left = length + mask;
            }
            whole += usize::from(self.left == 0);
        }
        Some(whole)
    }
}

/// Lengths of payload and mask, once the head of a frame has come far enough to tell.
fn announced(head: &[u8]) -> Option<(u64, u64)> {
    let (_, rest) = head.split_first()?;
    let (second, rest) = rest.split_first()?;
    let length = match second & 0x7F {
        126 => u64::from(u16::from_be_bytes(rest.try_into().ok()?)),
        127 => u64::from_be_bytes(rest.try_into().ok()?),
        short => u64::from(short),
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    Some((length, mask))
}

#[cfg(test)]
mod tests;
