//! Refuses a client's frame by the length it announces. The framework's own limit is looked at
//! only once a whole frame has arrived, so a client that announces gigabytes could fill the
//! memory with them; this reads the announcements as the bytes come in.

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
use futures_util::Stream;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A client's bytes, up to the first frame that is too long.
pub(super) struct Guarded {
    payload: Payload,
    frames: Frames,
    too_long: Rc<Cell<bool>>,
}

impl Guarded {
    /// Lets frames of up to `limit` bytes of payload pass. Also returns what tells afterwards
    /// whether one was too long.
    pub(super) fn new(payload: Payload, limit: usize) -> (Self, Rc<Cell<bool>>) {
        let too_long = Rc::new(Cell::new(false));
        let guarded = Self {
            payload,
            frames: Frames::new(limit),
            too_long: Rc::clone(&too_long),
        };
        (guarded, too_long)
    }
}

impl Stream for Guarded {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.too_long.get() {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.payload).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled
            && !self.frames.pass(bytes)
        {
            self.too_long.set(true);
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
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

    /// Follows `bytes`. False once a frame announces more than the limit.
    fn pass(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.left > 0 {
                let skipped = usize::try_from(self.left)
                    .unwrap_or(usize::MAX)
                    .min(rest.len());
                self.left -= u64::try_from(skipped).unwrap_or(self.left);
                rest = rest.get(skipped..).unwrap_or_default();
                continue;
            }
            if let Some((byte, after)) = rest.split_first() {
                self.head.push(*byte);
                rest = after;
            }
            if let Some((length, mask)) = announced(&self.head) {
                if length > self.limit {
                    return false;
                }
                self.head.clear();
                self.left = length + mask;
            }
        }
        true
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
mod tests {
    use super::Frames;

    /// A masked frame.
    fn frame(length: usize) -> Vec<u8> {
        let mut bytes = vec![0x81];
        match length {
            0..=125 => bytes.push(0x80 | u8::try_from(length).unwrap()),
            126..=65_535 => {
                bytes.push(0x80 | 126);
                bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        bytes.extend(std::iter::repeat_n(0xFF, length));
        bytes
    }

    #[test]
    fn frames_up_to_the_limit_pass_however_they_are_cut() {
        let bytes: Vec<u8> = [0, 1, 125, 126, 300, 1_000]
            .into_iter()
            .flat_map(frame)
            .collect();
        for size in [1, 2, 3, 7, 128, bytes.len()] {
            let mut frames = Frames::new(1_000);
            assert!(
                bytes.chunks(size).all(|chunk| frames.pass(chunk)),
                "cut at {size}"
            );
            assert!(frames.head.is_empty() && frames.left == 0);
        }
    }

    #[test]
    fn a_longer_one_is_refused_before_it_comes() {
        for length in [1_001, 70_000] {
            let long = frame(length);
            let bytes = [frame(10), frame(1_000), long[..10].to_vec()].concat();
            for size in [1, 5, bytes.len()] {
                let mut frames = Frames::new(1_000);
                let passed = bytes.chunks(size).all(|chunk| frames.pass(chunk));
                assert!(!passed, "{length} cut at {size}");
            }
        }
        let mut frames = Frames::new(1_000);
        assert!(!frames.pass(&[0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
    }
}
