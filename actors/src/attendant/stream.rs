//! What flows to sockets, and the rules of who sees it.

use crate::api::Viewer;
use crate::ports::FrameEncoder;
use actix::{Message, Recipient};
use bytestring::ByteString;
use papo_domain::conversation::Audience;
use papo_domain::ports::LiveEvent;
use papo_domain::{ConversationId, Role};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// One socket of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u64);

/// What a socket is told.
#[derive(Clone, Debug, Default, Message)]
#[rtype(result = "()")]
pub struct ToSocket {
    /// Text frames, in order.
    pub texts: Vec<ByteString>,
    /// Conversations that its user can see no more, as the frames say: who types there is none
    /// of its business any more, and nothing it says there is passed on.
    pub revoked: Vec<ConversationId>,
}

impl From<Vec<ByteString>> for ToSocket {
    fn from(texts: Vec<ByteString>) -> Self {
        Self {
            texts,
            ..Self::default()
        }
    }
}

/// Why a socket is cut. The codes are those of the protocol (`docs/REALTIME.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutReason {
    /// It could not keep up; the client comes back with its cursor.
    Resync,
    /// Its user's rights changed or ended.
    Revoked,
    /// The server is going away; the client comes back elsewhere.
    Away,
}

/// What both ends of a socket look at: whether it must not be written to any more, and how much
/// waits for it. A socket whose peer has stopped reading runs no handler, so it is not sent this;
/// it checks before every write.
#[derive(Clone, Debug, Default)]
pub struct CutFlag(Arc<Ends>);

#[derive(Debug, Default)]
struct Ends {
    reason: AtomicU8,
    held: AtomicUsize,
}

impl CutFlag {
    /// Cuts; the first reason stays.
    pub fn cut(&self, reason: CutReason) {
        let code = match reason {
            CutReason::Resync => 1,
            CutReason::Revoked => 2,
            CutReason::Away => 3,
        };
        let first = self
            .0
            .reason
            .compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
        if first.is_ok() {
            metrics::counter!("papo_ws_cuts_total").increment(1);
        }
    }

    /// The reason, once cut.
    #[must_use]
    pub fn reason(&self) -> Option<CutReason> {
        match self.0.reason.load(Ordering::Acquire) {
            1 => Some(CutReason::Resync),
            2 => Some(CutReason::Revoked),
            3 => Some(CutReason::Away),
            _ => None,
        }
    }

    /// The socket has written this many bytes of what it was given.
    pub fn release(&self, bytes: usize) {
        let lighter = |held: usize| Some(held.saturating_sub(bytes));
        // Never refuses.
        let _ = self
            .0
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, lighter);
    }

    pub(crate) fn hold(&self, texts: &[ByteString]) {
        let bytes = texts.iter().map(|text| text.len()).sum();
        self.0.held.fetch_add(bytes, Ordering::AcqRel);
    }

    /// Bytes that the socket was given and has not written.
    pub(crate) fn held(&self) -> usize {
        self.0.held.load(Ordering::Acquire)
    }
}

/// A socket that wants to follow.
pub struct Joining {
    pub viewer: Viewer,
    pub socket: SocketId,
    /// `seq` of the last event the client has; `None` starts at the head.
    pub cursor: Option<u64>,
    pub to: Recipient<ToSocket>,
    pub cut: CutFlag,
    /// Makes the first frame it is sent.
    pub greet: Greeting,
}

/// Tells a client how its following begins.
pub type Greeting = Box<dyn FnOnce(Attached) -> ByteString + Send>;

/// Makes the frame that tells a client how far it was told.
pub type Telling = Box<dyn FnOnce(u64) -> ByteString + Send>;

/// How the following begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Newest event of the tenant.
    pub head: u64,
    /// The cursor is too old to be replayed, or from another history: the client must load
    /// everything anew and follows from `head` on.
    pub resync: bool,
}

/// One event, encoded once for all who may see it.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) seq: u64,
    pub(crate) conversation: ConversationId,
    pub(crate) audience: Audience,
    pub(crate) prior: Option<Audience>,
    pub(crate) texts: Vec<ByteString>,
}

/// Events with contiguous numbers.
#[derive(Debug)]
pub(crate) struct FrameBatch {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) frames: Vec<Frame>,
}

impl FrameBatch {
    /// Encodes `events`, which are contiguous and not empty; `None` if they are empty.
    pub(crate) fn encode<'a>(
        events: impl IntoIterator<Item = &'a LiveEvent>,
        encoder: &dyn FrameEncoder,
    ) -> Option<Self> {
        let frames: Vec<_> = events
            .into_iter()
            .map(|event| Frame {
                seq: event.seq,
                conversation: event.conversation,
                audience: event.audience,
                prior: event.prior,
                texts: encoder.encode(event),
            })
            .collect();
        let (first, last) = (frames.first()?.seq, frames.last()?.seq);
        Some(Self {
            first,
            last,
            frames,
        })
    }

    /// What `viewer` receives of the events after `after`.
    pub(crate) fn visible_to(
        &self,
        viewer: &Viewer,
        after: u64,
        encoder: &dyn FrameEncoder,
    ) -> Vec<ByteString> {
        let mut texts = Vec::new();
        for frame in self.frames.iter().filter(|frame| frame.seq > after) {
            let sees = can_see(viewer, frame.audience);
            let saw = frame.prior.map_or(sees, |prior| can_see(viewer, prior));
            if sees && !saw {
                texts.push(encoder.granted(frame.conversation, frame.seq));
            }
            if sees {
                texts.extend(frame.texts.iter().cloned());
            } else if saw {
                texts.push(encoder.revoked(frame.conversation, frame.seq));
            }
        }
        texts
    }
}

/// Whether `viewer` belongs to `audience`: supervisors and above see everything of
/// their tenant, attendants their own and what nobody has yet in their departments.
pub(crate) fn can_see(viewer: &Viewer, audience: Audience) -> bool {
    if let Audience::Only(user) = audience {
        return viewer.user == user;
    }
    if viewer.role >= Role::Supervisor {
        return true;
    }
    if viewer.role < Role::Attendant {
        return false;
    }
    match audience {
        Audience::Staff => true,
        Audience::Department(department) => viewer.departments.contains(&department),
        Audience::User(user) | Audience::Only(user) => viewer.user == user,
        Audience::Supervisors => false,
    }
}
