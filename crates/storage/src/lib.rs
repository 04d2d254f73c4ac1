//! Papo's storage: PostgreSQL behind the ports of the domain, and the queries of the HTTP side.
//!
//! Two roads lead to the database. [`Database`] is the HTTP side's: role `papo_app`, diesel, one
//! transaction inside one tenant's scope. The engine's is role `papo_engine`: group-commit lanes
//! and a few readers on connections of their own, with every statement prepared once.
//!
//! Nothing here decides anything about conversations, and no framework is known here. All I/O
//! runs on the tokio runtime whose handle the root hands in.

pub mod app;
mod clock;
mod engine;
mod error;
mod followers;
mod inbox;
mod lane;
pub mod migrations;
mod pool;
pub mod roles;
pub mod schema;
mod session;
pub mod setup;
mod tenant_scope;

pub use clock::{ClockError, PgClock};
pub use engine::{
    ClaimedJob, EngineSettings, JobEnd, JobsWanted, MaintenanceReport, PgEngineStore, Retention,
    TemplateAccount,
};
pub use error::{ConstraintKind, DbError};
pub use followers::Follower;
pub use inbox::{InboxSettings, PgInbox};
pub use pool::{Database, PoolSettings};
pub use session::{BadAddress, SessionLimits, check_address};
pub use tenant_scope::{ChannelFound, ScopedWork, TenantFound};
