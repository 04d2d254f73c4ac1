//! The engine's storage: [`PgEngineStore`] implements the domain's port over the state lane and
//! a few readers. Role `papo_engine`; every write is fenced by a lease.

pub(crate) mod columns;
pub(crate) mod fault;
pub(crate) mod gather;
mod leases;
pub(crate) mod link;
mod load;
mod maintenance;
mod readers;
mod reads;
mod store;

pub use maintenance::{Kept, Retention};
#[cfg(test)]
pub(crate) use store::statements;
pub use store::{EngineSettings, PgEngineStore};
