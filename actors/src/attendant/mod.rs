//! One attendant: presence and sockets of one person. A socket follows the tenant's stream
//! without gaps from its cursor on, filtered by what the person may see.

mod actor;
mod messages;
mod socket;
mod stream;
mod viewing;

pub(crate) use actor::AttendantActor;
pub use actor::FOLLOWED_MAX;
pub(crate) use messages::{
    AttachSocket, Batch, CutSockets, DetachSocket, Ephemeral, FollowTyping, Head, Passivate,
    TellPosition, UnfollowTyping,
};
pub(crate) use stream::FrameBatch;
pub use stream::{Attached, CutFlag, CutReason, Greeting, Joining, SocketId, Telling, ToSocket};
pub(crate) use viewing::Viewing;
