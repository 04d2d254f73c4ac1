//! What a tenant's actor understands.

use crate::api::{DispatchError, IdempotencyKey, Listed, TenantReport, Viewer};
use crate::attendant::{Attached, Joining, SocketId, Telling};
use crate::conversation::Reply;
use actix::Message;
use papo_domain::conversation::Command;
use papo_domain::ports::{CustomerChange, CustomerOutcome, EventBatch, PeerQuery, ResolvedPeer};
use papo_domain::routing::QueueView;
use papo_domain::{ChannelId, ConversationId, HandoffId, UserId};
use tokio::sync::oneshot;

/// A command for one conversation. Turned away through its own reply channel.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Route {
    pub(crate) conversation: ConversationId,
    pub(crate) command: Box<Command>,
    pub(crate) idempotency: Option<IdempotencyKey>,
    pub(crate) reply: Reply,
}

/// New inbox rows are committed. A hint.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Doorbell;

/// Something of this tenant is due by the table's account.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Sweep;

/// Events are committed. A hint.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Events(pub(crate) EventBatch);

/// The tenant's rules or channels changed.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Reload {
    /// The channel that somebody changed, if that is what happened.
    pub(crate) channel: Option<ChannelId>,
    pub(crate) reply: oneshot::Sender<Result<(), DispatchError>>,
}

/// What is known of customers changes.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct ChangeCustomer {
    pub(crate) change: Box<CustomerChange>,
    pub(crate) reply: oneshot::Sender<Result<CustomerOutcome, DispatchError>>,
}

/// Whose conversation is it? It is made if there is none.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Resolve {
    pub(crate) query: Box<PeerQuery>,
    pub(crate) reply: oneshot::Sender<Result<ResolvedPeer, DispatchError>>,
}

/// A socket wants to follow the stream.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Attach {
    pub(crate) joining: Joining,
    pub(crate) reply: oneshot::Sender<Result<Attached, DispatchError>>,
}

/// A socket is gone.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Detach {
    pub(crate) user: UserId,
    pub(crate) socket: SocketId,
}

/// A person is typing, or follows who does, or a socket asks how far it was told, or a list changed.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) enum Signal {
    List(Listed),
    Position {
        user: UserId,
        socket: SocketId,
        tell: Telling,
    },
    Typing {
        viewer: Viewer,
        conversation: ConversationId,
    },
    FollowTyping {
        user: UserId,
        socket: SocketId,
        conversation: ConversationId,
    },
    UnfollowTyping {
        user: UserId,
        socket: SocketId,
        conversation: ConversationId,
    },
}

/// A user's rights changed or ended: their sockets must come again.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct UserChanged(pub(crate) UserId);

/// Nobody of the tenant may go on as they are: every socket must come again.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct EverybodyChanged;

/// Who is online?
#[derive(Message)]
#[rtype(result = "Vec<UserId>")]
pub(crate) struct Online;

/// What would this user be given who asks for the next one? The best first.
#[derive(Message)]
#[rtype(result = "Vec<(ConversationId, HandoffId)>")]
pub(crate) struct Choices(pub(crate) UserId);

/// How do the queues stand?
#[derive(Message)]
#[rtype(result = "Vec<QueueView>")]
pub(crate) struct Queues;

/// Who looks at this conversation?
#[derive(Message)]
#[rtype(result = "Vec<UserId>")]
pub(crate) struct Viewers(pub(crate) ConversationId);

/// What does it look like inside?
#[derive(Message)]
#[rtype(result = "Box<TenantReport>")]
pub(crate) struct Describe;

/// Take nothing new from now on, and say when nothing is in hand any more.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Drain(pub(crate) oneshot::Sender<()>);

/// Leave memory, unless something has come meanwhile. The answer is whether it leaves.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Passivate(pub(crate) oneshot::Sender<bool>);

/// The shard is lost: stop at once. Whatever is in flight will be refused by the fence.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Retire;

/// For tests that need what its children share.
#[cfg(test)]
#[derive(Message)]
#[rtype(result = "std::sync::Arc<super::Shared>")]
pub(crate) struct Look;
