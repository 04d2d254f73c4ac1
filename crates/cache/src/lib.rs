//! What nodes share without keeping it: the event bus, in one process or over Redis.
//!
//! Nothing that must survive may ever live here. **Losing Redis, or all it holds, loses no data:**
//! whatever is committed lies in PostgreSQL, and a [`papo_domain::ports::BusSignal`] only says
//! "look now". What a lost one costs is time: until the owner's next sweep for a doorbell, until
//! the follower's next look at the table for a head.
//!
//! Where signals may be lost, and who is told:
//!
//! | Where | When | Told |
//! |---|---|---|
//! | publisher's queue | more tenants wait than it has room for | all others: `Lagged`, once it can be sent |
//! | on the way to Redis | the call fails or gets no answer in time | all others: `Lagged`, once it can be sent |
//! | on the way from Redis | the subscribing connection ends or falls silent | this node's subscribers: `Lagged`, once connected again |
//! | subscriber's backlog | it takes nothing for too long | that subscriber: `Lagged` in place of the oldest |
//! | before the first connection | Redis is away when the process starts | this node's subscribers: `Lagged`, once connected |
//!
//! Publishing never waits for any of it. Waiting signals of one kind about one tenant become one.

mod in_process;
mod keys;
mod redis;
mod subscription;
mod wire;

pub use self::redis::{BadRedisSettings, BusSettings, RedisBus, RedisPool, RedisSettings};
pub use in_process::InProcessBus;
