//! `[realtime]`: sockets and what they may be replayed.

use super::Faults;
use crate::engine::ReplayConfig;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of WebSockets.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Realtime {
    #[serde(with = "humantime_serde")]
    pub replay_max_age: Duration,
    pub replay_max_rows: u64,
    /// Frames.
    pub socket_queue: usize,
    /// Bytes.
    pub max_frame: usize,
    pub client_frames_per_second: u32,
    pub sockets_per_user: usize,
    #[serde(with = "humantime_serde")]
    pub hello_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub ping_interval: Duration,
    #[serde(with = "humantime_serde")]
    pub idle_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub tcp_user_timeout: Duration,
}

impl Realtime {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.positive("realtime.replay_max_age", self.replay_max_age);
        faults.range(
            "realtime.replay_max_rows",
            self.replay_max_rows,
            1..=1_000_000,
        );
        faults.range("realtime.socket_queue", self.socket_queue, 1..=1 << 16);
        faults.range("realtime.max_frame", self.max_frame, 256..=1 << 20);
        faults.range(
            "realtime.client_frames_per_second",
            self.client_frames_per_second,
            1..=10_000,
        );
        faults.range(
            "realtime.sockets_per_user",
            self.sockets_per_user,
            1..=1_000,
        );
        faults.positive("realtime.hello_timeout", self.hello_timeout);
        faults.positive("realtime.ping_interval", self.ping_interval);
        faults.positive("realtime.tcp_user_timeout", self.tcp_user_timeout);
        if self.idle_timeout <= self.ping_interval {
            faults.add(
                "realtime.idle_timeout",
                "must be longer than realtime.ping_interval",
            );
        }
    }

    pub(super) fn for_tests() -> Self {
        Self {
            replay_max_age: Duration::from_secs(24 * 3600),
            replay_max_rows: 10_000,
            socket_queue: 256,
            max_frame: 64 << 10,
            client_frames_per_second: 1_000,
            sockets_per_user: 100,
            hello_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            idle_timeout: Duration::from_secs(60),
            tcp_user_timeout: Duration::from_secs(30),
        }
    }

    pub(super) fn replay(&self) -> ReplayConfig {
        ReplayConfig {
            max_rows: self.replay_max_rows,
            max_age: self.replay_max_age,
        }
    }
}
