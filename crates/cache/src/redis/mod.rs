//! The event bus over Redis: a pool for calls, a connection of its own for listening. Everything
//! has a timeout, everything is tried again, nothing here is ever waited for by anybody else.

mod bus;
mod listener;
mod pool;
mod publisher;
mod queue;
mod retry;

pub use bus::{BusSettings, RedisBus};
pub use pool::{BadRedisSettings, RedisPool, RedisSettings};
