//! One attendant: presence and sockets of one person. A socket follows the tenant's stream
//! without gaps from its cursor on, filtered by what the person may see.

mod actor;
mod messages;
mod stream;

pub(crate) use actor::AttendantActor;
pub(crate) use messages::{
    AttachSocket, Batch, CutSockets, Depart, DetachSocket, Ephemeral, Head, Join, Leave,
    TellPosition,
};
pub(crate) use stream::FrameBatch;
pub use stream::{Attached, CutFlag, CutReason, Greeting, Joining, SocketId, Telling, ToSocket};
