//! Nodes that share a bus, over each implementation.

use crate::proxy::Proxy;
use papo_cache::{BusSettings, InProcessBus, RedisBus, RedisPool, RedisSettings};
use papo_domain::ports::EventBus;
use redis::{ConnectionAddr, IntoConnectionInfo};
use std::time::Duration;
use tokio::runtime::Handle;
use uuid::Uuid;

/// Signals that a subscriber may fall behind in these tests.
pub(crate) const BACKLOG: usize = 64;
/// Signals that may wait to be published.
pub(crate) const QUEUE: usize = 1_024;

/// Nodes that hear each other, and nobody else.
pub(crate) trait Cluster {
    type Bus: EventBus;

    /// Another node, which hears the others from now on.
    async fn join(&self, node: &str) -> Self::Bus;
}

/// A bus in this process. The first end belongs to nobody who speaks.
pub(crate) struct InProcess(InProcessBus);

impl InProcess {
    pub(crate) fn new() -> Self {
        Self(InProcessBus::new(BACKLOG))
    }
}

impl Cluster for InProcess {
    type Bus = InProcessBus;

    async fn join(&self, _: &str) -> InProcessBus {
        self.0.peer(BACKLOG)
    }
}

/// A bus over the Redis of `PAPO_TEST_REDIS_URL`, under a prefix of its own.
pub(crate) struct OverRedis {
    prefix: String,
}

impl OverRedis {
    pub(crate) fn new() -> Self {
        let prefix = format!("test-{}", Uuid::new_v4().simple());
        Self { prefix }
    }

    /// The name on which its nodes meet, as docs and operators know it.
    pub(crate) fn channel(&self) -> String {
        format!("papo:{}:bus", self.prefix)
    }

    /// A node that reaches Redis at `url`, which may be away.
    pub(crate) fn start(&self, node: &str, url: &str, settings: BusSettings) -> RedisBus {
        self.start_within(Duration::from_secs(10), node, url, settings)
    }

    /// A node that waits no longer than `timeout` for an answer of Redis.
    pub(crate) fn start_within(
        &self,
        timeout: Duration,
        node: &str,
        url: &str,
        settings: BusSettings,
    ) -> RedisBus {
        let mut redis = RedisSettings::new(url.into());
        redis.prefix.clone_from(&self.prefix);
        redis.timeout = timeout;
        let pool = RedisPool::new(&redis).unwrap();
        RedisBus::start(&pool, node, settings, &Handle::current())
    }

    /// A node behind a proxy, and the proxy.
    pub(crate) async fn join_by_proxy(&self, node: &str) -> (RedisBus, Proxy) {
        let proxy = Proxy::before(&redis_address()).await;
        let bus = self.start(node, &url_through(&proxy), settings());
        bus.connected().await;
        (bus, proxy)
    }
}

impl Cluster for OverRedis {
    type Bus = RedisBus;

    async fn join(&self, node: &str) -> RedisBus {
        let bus = self.start(node, &redis_url(), settings());
        bus.connected().await;
        bus
    }
}

/// Quick to try again, so that tests are.
pub(crate) fn settings() -> BusSettings {
    BusSettings {
        queue: QUEUE,
        backlog: BACKLOG,
        probe: Duration::from_secs(5),
        retry: Duration::from_millis(5),
        retry_max: Duration::from_millis(20),
    }
}

pub(crate) fn redis_url() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration; the test script sets this one variable"
    )]
    let url = std::env::var("PAPO_TEST_REDIS_URL");
    url.expect("PAPO_TEST_REDIS_URL is not set")
}

/// Where Redis listens.
pub(crate) fn redis_address() -> String {
    let info = redis_url().into_connection_info().unwrap();
    match info.addr() {
        ConnectionAddr::Tcp(host, port) => format!("{host}:{port}"),
        other => panic!("the tests need Redis on TCP, not on {other}"),
    }
}

/// The same Redis, as seen through `proxy`.
pub(crate) fn url_through(proxy: &Proxy) -> String {
    redis_url().replace(&redis_address(), &proxy.address())
}
