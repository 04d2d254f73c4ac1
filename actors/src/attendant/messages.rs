//! What an attendant's actor understands.

use super::stream::{Attached, CutReason, FrameBatch, Joining, SocketId, Telling};
use actix::Message;
use bytestring::ByteString;
use papo_domain::{ConversationId, UserId};
use std::sync::Arc;

/// Contiguous events.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Batch(pub(crate) Arc<FrameBatch>);

/// The newest event's number.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Head(pub(crate) u64);

/// A socket of this person joins; what it is told first.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct AttachSocket(pub(crate) Joining, pub(crate) Attached);

/// Leave memory: the last socket has gone.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Passivate;

/// A socket of this person is gone.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct DetachSocket(pub(crate) SocketId);

/// All sockets of this person must go.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct CutSockets(pub(crate) CutReason);

/// Something worth knowing now or never.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct Ephemeral {
    pub(crate) text: ByteString,
    /// Only for sockets that follow who types in this conversation.
    pub(crate) conversation: Option<ConversationId>,
    /// Who caused it and need not hear it.
    pub(crate) except: Option<UserId>,
}

/// A socket follows who types in a conversation.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct FollowTyping(pub(crate) SocketId, pub(crate) ConversationId);

/// A socket stops following who types in a conversation.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct UnfollowTyping(pub(crate) SocketId, pub(crate) ConversationId);

/// A socket asks how far it was told; the answer takes its place among its frames.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TellPosition(pub(crate) SocketId, pub(crate) Telling);
