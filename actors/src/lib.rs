//! The actor tree: engine, tenants, conversations, attendants, channels. Actors are where things
//! happen one at a time; the rules are the domain's, the effects are the ports'.
//!
//! ```text
//! EngineActor          leases, tenants
//! └─ TenantActor       inbox pump, directory and supervisor of its children, live stream
//!    ├─ ConversationActor   one commit in flight
//!    ├─ AttendantActor      sockets of one person
//!    └─ ChannelActor        sending through one number
//! ```

pub mod api;
mod arbiters;
mod attendant;
mod channel;
mod conversation;
mod engine;
mod lifecycle;
mod mailbox;
mod ports;
mod tenant;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use api::{Dispatch, DispatchError, EngineConfig, Outcome, Viewer};
pub use attendant::{
    Attached, CutFlag, CutReason, FOLLOWED_MAX, Greeting, Joining, SocketId, Telling, ToSocket,
};
pub use engine::{Engine, EngineHandle, EngineSink};
#[cfg(any(test, feature = "testing"))]
pub use ports::{DecideHook, DecideStep};
pub use ports::{FrameEncoder, Ports};
