//! `[server]`: where and how HTTP is served.

use super::Faults;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Settings of the HTTP server.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub host: String,
    /// 0 takes a free port.
    pub port: u16,
    /// 0 is one per core.
    pub workers: usize,
    /// Threads of the storage runtime; 0 is one per core.
    pub io_threads: usize,
    /// Without a slash at the end.
    pub public_url: String,
    /// The emulator's phone, which the dashboard shows the way to; empty where there is none.
    pub phone_url: String,
    /// Bytes.
    pub webhook_body_limit: usize,
    /// Bytes.
    pub body_limit: usize,
    /// Bytes of all webhook bodies that are being read or stored.
    pub webhook_memory: usize,
    /// Bytes of all other bodies that are being read.
    pub body_memory: usize,
    /// A body must arrive within this time.
    #[serde(with = "humantime_serde")]
    pub body_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub client_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub keep_alive: Duration,
    /// Per worker.
    pub max_connections: usize,
    /// How many entries of `X-Forwarded-For`, from the right, are our own proxies'.
    pub trusted_proxies: usize,
}

impl Server {
    pub(super) fn validate(&self, production: bool, faults: &mut Faults) {
        faults.not_empty("server.host", &self.host);
        faults.origin("server.public_url", &self.public_url);
        if production && !self.phone_url.is_empty() {
            faults.add("server.phone_url", "must be empty in production");
        } else if !self.phone_url.is_empty() {
            faults.origin("server.phone_url", &self.phone_url);
        }
        faults.range(
            "server.webhook_body_limit",
            self.webhook_body_limit,
            1024..=16 << 20,
        );
        faults.range("server.body_limit", self.body_limit, 1024..=16 << 20);
        for (field, memory, least) in [
            (
                "server.webhook_memory",
                self.webhook_memory,
                self.webhook_body_limit,
            ),
            ("server.body_memory", self.body_memory, self.body_limit),
        ] {
            // Or the largest body could never be taken.
            faults.range(field, memory, least.next_multiple_of(1024)..=1 << 40);
        }
        faults.positive("server.body_timeout", self.body_timeout);
        faults.range("server.workers", self.workers, 0..=256);
        faults.range("server.io_threads", self.io_threads, 0..=256);
        faults.range("server.max_connections", self.max_connections, 1..=1 << 20);
        faults.range("server.trusted_proxies", self.trusted_proxies, 0..=10);
        faults.positive("server.client_timeout", self.client_timeout);
        faults.positive("server.keep_alive", self.keep_alive);
    }

    /// Whether only this machine can connect.
    pub(super) fn only_local(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    pub(super) fn for_tests() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            workers: 1,
            io_threads: 2,
            public_url: "http://127.0.0.1:8080".to_owned(),
            phone_url: String::new(),
            webhook_body_limit: 3 << 20,
            body_limit: 256 << 10,
            webhook_memory: 128 << 20,
            body_memory: 64 << 20,
            body_timeout: Duration::from_secs(20),
            client_timeout: Duration::from_secs(5),
            keep_alive: Duration::from_secs(75),
            max_connections: 1024,
            trusted_proxies: 0,
        }
    }
}
