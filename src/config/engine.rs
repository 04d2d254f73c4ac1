//! `[engine]`, `[supervision.*]` and `[sending]`: the actors, how their crashes are met, and the
//! pace of sending. Turned into the engine's own types by [`super::Config::engine`].

use super::Faults;
use crate::engine::{Backoff, ChannelConfig, OnExhausted, RestartPolicy};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Settings of the engine.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Stable over restarts and unique in the cluster: a node takes its own leases back at once.
    pub node: String,
    /// 0 is one per core.
    pub arbiters: usize,
    #[serde(with = "humantime_serde")]
    pub command_timeout: Duration,
    pub conversation_queue: usize,
    pub tenant_in_hand: usize,
    pub conversation_in_hand: usize,
    pub pump_page: u32,
    pub loading: usize,
    #[serde(with = "humantime_serde")]
    pub passivate_after: Duration,
    #[serde(with = "humantime_serde")]
    pub retire_after: Duration,
    #[serde(with = "humantime_serde")]
    pub offer_grace: Duration,
    #[serde(with = "humantime_serde")]
    pub lease_renewal: Duration,
    #[serde(with = "humantime_serde")]
    pub drain: Duration,
    pub inbox_queue: usize,
    pub inbox_batch: usize,
    #[serde(with = "humantime_serde")]
    pub inbox_linger: Duration,
    pub state_writers: usize,
    pub state_queue: usize,
    pub state_batch: usize,
    #[serde(with = "humantime_serde")]
    pub state_linger: Duration,
}

/// A provider waits for an answer, and a customer behind it: more than this is no pause any more.
const LINGER_MAX: Duration = Duration::from_millis(100);

impl Engine {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.not_empty("engine.node", &self.node);
        faults.range("engine.arbiters", self.arbiters, 0..=256);
        faults.range(
            "engine.conversation_queue",
            self.conversation_queue,
            1..=1 << 16,
        );
        faults.range("engine.tenant_in_hand", self.tenant_in_hand, 1..=1 << 20);
        faults.range(
            "engine.conversation_in_hand",
            self.conversation_in_hand,
            1..=self.tenant_in_hand.max(1),
        );
        faults.range("engine.pump_page", self.pump_page, 1..=10_000);
        faults.range("engine.loading", self.loading, 1..=10_000);
        faults.range("engine.inbox_queue", self.inbox_queue, 1..=1 << 20);
        faults.range("engine.inbox_batch", self.inbox_batch, 1..=10_000);
        faults.at_most("engine.inbox_linger", self.inbox_linger, LINGER_MAX);
        faults.at_most("engine.state_linger", self.state_linger, LINGER_MAX);
        faults.range("engine.state_writers", self.state_writers, 1..=64);
        faults.range("engine.state_queue", self.state_queue, 1..=1 << 20);
        faults.range("engine.state_batch", self.state_batch, 1..=10_000);
        faults.positive("engine.command_timeout", self.command_timeout);
        faults.positive("engine.passivate_after", self.passivate_after);
        faults.positive("engine.retire_after", self.retire_after);
        faults.positive("engine.lease_renewal", self.lease_renewal);
        faults.positive("engine.drain", self.drain);
    }

    pub(super) fn for_tests() -> Self {
        Self {
            node: "test-1".to_owned(),
            arbiters: 1,
            command_timeout: Duration::from_secs(10),
            conversation_queue: 256,
            tenant_in_hand: 1024,
            conversation_in_hand: 16,
            pump_page: 512,
            loading: 64,
            passivate_after: Duration::from_secs(120),
            offer_grace: Duration::from_secs(2),
            retire_after: Duration::from_secs(600),
            lease_renewal: Duration::from_secs(5),
            drain: Duration::from_secs(15),
            inbox_queue: 4096,
            inbox_batch: 512,
            inbox_linger: Duration::ZERO,
            state_writers: 2,
            state_queue: 4096,
            state_batch: 256,
            state_linger: Duration::ZERO,
        }
    }
}

/// One policy per kind of actor.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Supervision {
    pub conversations: Policy,
    pub tenants: Policy,
    pub channels: Policy,
    pub attendants: Policy,
}

impl Supervision {
    pub(super) fn validate(&self, faults: &mut Faults) {
        self.conversations
            .validate("supervision.conversations", faults);
        let others = [
            ("supervision.tenants", &self.tenants),
            ("supervision.channels", &self.channels),
            ("supervision.attendants", &self.attendants),
        ];
        for (at, policy) in others {
            policy.validate(at, faults);
            if policy.on_exhausted == OnExhausted::Quarantine {
                let fault = "only conversations can be quarantined";
                faults.add(&format!("{at}.on_exhausted"), fault);
            }
        }
    }

    pub(super) fn for_tests() -> Self {
        let policy = |on_exhausted| Policy {
            max_restarts: 5,
            window: Duration::from_secs(60),
            backoff_initial: Duration::from_millis(5),
            backoff_max: Duration::from_millis(100),
            jitter: 0.2,
            max_attempts: 3,
            on_exhausted,
        };
        Self {
            conversations: policy(OnExhausted::Quarantine),
            tenants: policy(OnExhausted::KeepTrying),
            channels: policy(OnExhausted::KeepTrying),
            attendants: policy(OnExhausted::KeepTrying),
        }
    }
}

/// How crashes of one kind of actor are met.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub max_restarts: u32,
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    #[serde(with = "humantime_serde")]
    pub backoff_initial: Duration,
    #[serde(with = "humantime_serde")]
    pub backoff_max: Duration,
    /// 0 to 1.
    pub jitter: f64,
    pub max_attempts: u32,
    pub on_exhausted: OnExhausted,
}

impl Policy {
    fn validate(&self, at: &str, faults: &mut Faults) {
        faults.range(&format!("{at}.max_restarts"), self.max_restarts, 1..=1_000);
        faults.range(&format!("{at}.max_attempts"), self.max_attempts, 1..=100);
        faults.positive(&format!("{at}.window"), self.window);
        faults.positive(&format!("{at}.backoff_initial"), self.backoff_initial);
        if self.backoff_max < self.backoff_initial {
            faults.add(
                &format!("{at}.backoff_max"),
                "must not be less than backoff_initial",
            );
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            faults.add(&format!("{at}.jitter"), "must be between 0 and 1");
        }
    }

    pub(super) fn restart_policy(&self) -> RestartPolicy {
        RestartPolicy {
            max_restarts: self.max_restarts,
            window: self.window,
            backoff: Backoff {
                initial: self.backoff_initial,
                max: self.backoff_max,
                jitter: self.jitter,
            },
            max_attempts: self.max_attempts,
            on_exhausted: self.on_exhausted,
        }
    }
}

/// Settings of sending, per number.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    pub concurrency: usize,
    /// Messages per second of a new number, unless its own figure is given.
    pub throughput: u32,
    #[serde(with = "humantime_serde")]
    pub start_within: Duration,
    pub max_attempts: u32,
    #[serde(with = "humantime_serde")]
    pub backoff: Duration,
    #[serde(with = "humantime_serde")]
    pub backoff_max: Duration,
}

impl Sending {
    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.range("sending.concurrency", self.concurrency, 1..=10_000);
        // A number is never allowed more than 1,000 messages a second (docs/META.md, "Limits").
        faults.range("sending.throughput", self.throughput, 1..=1_000);
        faults.range("sending.max_attempts", self.max_attempts, 1..=100);
        faults.positive("sending.start_within", self.start_within);
        faults.positive("sending.backoff", self.backoff);
        if self.backoff_max < self.backoff {
            faults.add("sending.backoff_max", "must not be less than backoff");
        }
    }

    pub(super) fn for_tests() -> Self {
        Self {
            concurrency: 32,
            throughput: 1_000,
            start_within: Duration::from_secs(2),
            max_attempts: 6,
            backoff: Duration::from_millis(20),
            backoff_max: Duration::from_secs(1),
        }
    }

    pub(super) fn channel(&self) -> ChannelConfig {
        ChannelConfig {
            concurrency: self.concurrency,
            start_within: self.start_within,
            max_attempts: self.max_attempts,
            backoff: self.backoff,
            backoff_max: self.backoff_max,
        }
    }
}
