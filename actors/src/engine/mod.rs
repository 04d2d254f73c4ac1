//! The root of the tree: which shards this node holds, which tenants run here, and the door
//! through which everybody else comes in.

mod actor;
mod handle;
mod listener;
mod registry;
mod sink;
mod tenants;

pub(crate) use actor::{EngineActor, ShardLost};
pub use handle::{Engine, EngineHandle};
pub use sink::EngineSink;
pub(crate) use tenants::OfferToPassivate;
