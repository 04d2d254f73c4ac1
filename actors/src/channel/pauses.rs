//! When the whole number rests, and for how long next time: pure. A pause is never shortened by
//! what is learned while it lasts, and the requests that were under way when it began teach
//! nothing new: all of them met the same trouble.

use super::outcome::add;
use crate::api::ChannelConfig;
use papo_domain::Timestamp;
use papo_domain::channel::Backoff;
use std::time::Duration;

/// Failures of the way to the provider, in a row, before the number rests.
const FAILURES: u32 = 5;

/// The rests of one number.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    until: Option<Timestamp>,
    /// The way to the provider failed so often in a row.
    failures: u32,
    /// The provider refused the number's rate so often in a row.
    refusals: u32,
}

impl Pauses {
    /// The end of the pause, if the number rests at `now`.
    pub(super) fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| now < *until)
    }

    /// A message was taken.
    pub(super) fn works(&mut self, now: Timestamp) {
        self.failures = 0;
        if self.until(now).is_none() {
            self.refusals = 0;
        }
    }

    /// The way to the provider failed. Tells whether the number rests now because of it.
    pub(super) fn failed(&mut self, now: Timestamp, config: &ChannelConfig) -> bool {
        if self.until(now).is_some() {
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        let Some(over) = self.failures.checked_sub(FAILURES) else {
            return false;
        };
        self.extend(add(now, backoff(config).pause(over)));
        true
    }

    /// The provider refused the number's rate, and maybe said for how long.
    pub(super) fn refused(
        &mut self,
        after: Option<Duration>,
        now: Timestamp,
        config: &ChannelConfig,
    ) {
        let pause = backoff(config).pause(self.refusals);
        if self.until(now).is_none() {
            self.refusals = self.refusals.saturating_add(1);
            self.extend(add(now, after.unwrap_or(pause)));
        } else if let Some(after) = after {
            self.extend(add(now, after));
        }
    }

    fn extend(&mut self, until: Timestamp) {
        self.until = self.until.max(Some(until));
    }
}

fn backoff(config: &ChannelConfig) -> Backoff {
    Backoff {
        first: config.backoff,
        factor: 2,
        max: config.backoff_max,
    }
}
