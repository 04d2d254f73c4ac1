//! The engine's storage: [`PgEngineStore`] implements the domain's port over the state lane and
//! a few readers. Role `papo_engine`; every write is fenced by a lease.

pub(crate) mod columns;
pub(crate) mod connection;
mod desk;
pub(crate) mod fault;
pub(crate) mod gather;
mod heads;
mod jobs;
mod leases;
pub(crate) mod link;
mod load;
mod maintenance;
mod port;
mod readers;
mod reads;
mod settings;
pub(crate) mod statement;
pub(crate) mod store;
mod templates;
#[cfg(test)]
mod tests;
mod wire;

pub use jobs::{ClaimedJob, JobEnd, JobsWanted};
pub use maintenance::{MaintenanceReport, Retention};
pub use settings::EngineSettings;
pub use store::PgEngineStore;
pub use templates::TemplateAccount;

/// Every statement of the readers.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static str> {
    [
        leases::SQL,
        reads::SQL,
        load::SQL,
        desk::SQL,
        heads::SQL,
        jobs::SQL,
        maintenance::SQL,
        templates::SQL,
        crate::lane::peers::LOOKUP_SQL,
        &[crate::lane::stream::HEADS],
    ]
    .concat()
}
