//! The root of the tree: which shards this node holds, which tenants run here, and the door
//! through which everybody else comes in.

mod actor;
mod handle;
mod leases;
mod listener;
mod registry;
mod sink;
mod tenants;

pub(crate) use actor::EngineActor;
pub use handle::{Engine, EngineHandle};
pub(crate) use leases::{GiveBack, ShardLost};
pub use sink::EngineSink;
pub(crate) use tenants::OfferToPassivate;
