//! Fakes of every port, for tests of the actors under virtual time. Nothing here reads a real
//! clock, starts a thread or touches a disk; nothing outside of tests may depend on it.
//!
//! A [`World`] is the database that several nodes share. A test looks like this:
//!
//! ```ignore
//! #[actix::test]
//! async fn a_greeting_is_answered() {
//!     tokio::time::pause();                        // first: every wait is virtual from here on
//!     let world = World::new();
//!     let shop = world.tenant("shop");             // a tenant with one channel
//!     let store = world.node("a");                 // node a's connection: EngineStore, InboxWriter
//!     let gateway = FakeGateway::new(&world);
//!     let ports = world.ports(&store, &gateway);
//!     // … start the engine on `ports`, with 0 extra arbiters, and its sink …
//!     store.connect(sink);                         // where commits and doorbells are handed over
//!
//!     world.inbound_text(&shop, "5511988887777", "oi");   // durable, and the bell rings
//!     world.settle().await;                        // until nothing is left to run
//!
//!     let conversation = world.conversation(&shop, "5511988887777").unwrap();
//!     assert_eq!(world.texts(conversation).len(), 2);
//!     assert_eq!(gateway.sends().len(), 1);
//! }
//! ```
//!
//! **Time.** [`World::settle`] costs 1 ms of virtual time, [`World::run_for`] lets deadlines
//! fire in order. While a test waits for something, the clock jumps from timer to timer, so a
//! gate that is never opened lets leases run out rather than hanging the test.
//!
//! **Trouble.** [`InMemoryStore::faults`] delays, refuses, or loses the answer of chosen calls,
//! and [`Faults::hold`] stops them before or after they take effect until the [`Gate`] is let
//! go. [`InMemoryStore::kill`] and [`FakeGateway::kill`] are `kill -9`: nothing of that node
//! happens any more; a second `world.node("a")` is the restarted process. Writes go on when their
//! caller is dropped, as in a real lane. [`World::boom_hook`] crashes decisions about messages that say `boom`.
//!
//! **Invariants.** The fake refuses to store what the engine must never write (a gap in `seq`,
//! two commits of one conversation under way, the bot's sends left queued under an epoch that is
//! over, a send without a claim).
//! It panics on the spot, and since supervision would swallow that, again in the test at the
//! next [`World::settle`] or when the `World` is dropped.

mod boom;
mod builders;
mod bus;
mod clock;
mod commit;
mod customers;
mod delivery;
mod faults;
mod frames;
mod gate;
mod gateway;
mod inbox;
mod inbox_table;
mod inspect;
mod invariants;
mod leases;
mod node;
mod outbox;
mod outbox_table;
mod peers;
mod reads;
mod rows;
mod sink;
mod slots;
mod statuses;
mod store;
mod stream;
mod tables;
mod world;

#[cfg(test)]
mod tests;

pub use builders::Tenant;
pub use bus::FakeBus;
pub use clock::ManualClock;
pub use faults::{Fault, Faults, Point, Site};
pub use frames::PlainFrames;
pub use gate::Gate;
pub use gateway::{Answer, FakeGateway, ReadRecord, SendRecord};
pub use rows::{InboxEntry, InboxState, MessageRow, OutboxRow, SendState};
pub use sink::RecordingSink;
pub use store::InMemoryStore;
pub use world::World;
