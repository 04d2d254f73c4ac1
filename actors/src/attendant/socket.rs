//! One socket of a person: what it was given, and what it can still take.

use super::stream::{CutFlag, CutReason, FrameBatch, SocketId, ToSocket, can_see};
use crate::api::Viewer;
use crate::mailbox::offer_to;
use crate::ports::FrameEncoder;
use actix::Recipient;
use papo_domain::ConversationId;
use std::collections::HashSet;

/// Bytes that may wait for one socket before it counts as too slow.
pub(super) const BACKLOG: usize = 4 << 20;

pub(super) struct Socket {
    pub(super) id: SocketId,
    /// Rights as of when this socket came; a change cuts it.
    pub(super) viewer: Viewer,
    pub(super) to: Recipient<ToSocket>,
    pub(super) cut: CutFlag,
    /// The last event that it was given or may not see.
    pub(super) position: u64,
    /// It is being given older events; live ones wait in the table.
    pub(super) behind: bool,
    /// Where it follows who types and who looks.
    pub(super) followed: HashSet<ConversationId>,
}

impl Socket {
    /// Gives it what it may see of `batch` and has not had. Whether it took it.
    pub(super) fn follow(&mut self, batch: &FrameBatch, frames: &dyn FrameEncoder) -> bool {
        let texts = batch.visible_to(&self.viewer, self.position, frames);
        let mut revoked = Vec::new();
        for frame in batch.frames.iter().filter(|frame| frame.prior.is_some()) {
            if !can_see(&self.viewer, frame.audience) {
                self.followed.remove(&frame.conversation);
                revoked.push(frame.conversation);
            }
        }
        self.position = self.position.max(batch.last);
        self.push(ToSocket { texts, revoked })
    }

    /// Whether the socket took it. One that did not is cut and must come back.
    pub(super) fn push(&self, told: impl Into<ToSocket>) -> bool {
        let told = told.into();
        if self.cut.reason().is_some() {
            return false;
        }
        if told.texts.is_empty() && told.revoked.is_empty() {
            return true;
        }
        if self.cut.held() <= BACKLOG {
            self.cut.hold(&told.texts);
            if offer_to(&self.to, told).is_ok() {
                return true;
            }
        }
        metrics::counter!("papo_ws_slow_consumers_total").increment(1);
        self.end(CutReason::Resync);
        false
    }

    /// Cuts it, and wakes the session so that it sees the cut now. One whose mailbox is full sees
    /// it with the next message in there.
    pub(super) fn end(&self, reason: CutReason) {
        self.cut.cut(reason);
        drop(offer_to(&self.to, ToSocket::default()));
    }
}

#[cfg(test)]
mod tests;
