//! The two rates that Meta puts on a business number: messages a second of the number, and
//! messages towards one customer. Pure counters; time comes in.

use crate::config::PairRule;

/// Messages a second of one number, inbound and outbound together: a bucket that holds one
/// second's worth.
#[derive(Debug, Default)]
pub(crate) struct Throughput {
    /// Thousandths of a message still to be had.
    level: i64,
    at_ms: Option<i64>,
}

impl Throughput {
    /// Takes one outbound message; `false` is 130429.
    pub(crate) fn take(&mut self, now_ms: i64, per_second: u32) -> bool {
        self.refill(now_ms, per_second);
        if self.level < 1_000 {
            return false;
        }
        self.level -= 1_000;
        true
    }

    /// An inbound message uses the rate up too, but is never refused.
    pub(crate) fn count_inbound(&mut self, now_ms: i64, per_second: u32) {
        self.refill(now_ms, per_second);
        self.level = (self.level - 1_000).max(0);
    }

    fn refill(&mut self, now_ms: i64, per_second: u32) {
        // A rate of one message a second is one thousandth of a message per millisecond.
        let full = i64::from(per_second).saturating_mul(1_000);
        let elapsed = self
            .at_ms
            .map_or(full, |at| now_ms.saturating_sub(at).max(0));
        self.level = self
            .level
            .saturating_add(elapsed.saturating_mul(i64::from(per_second)))
            .min(full);
        self.at_ms = Some(now_ms);
    }
}

/// Messages from one number to one customer: a burst, then as long a silence as the burst would
/// have taken at the steady rate (docs/META.md, "Limits").
#[derive(Debug, Default)]
pub(crate) struct PairRate {
    started_ms: i64,
    sent: u32,
}

impl PairRate {
    /// Takes one message; `false` is 131056.
    pub(crate) fn take(&mut self, now_ms: i64, rule: &PairRule) -> bool {
        let interval = i64::from(rule.interval_ms);
        let since = now_ms.saturating_sub(self.started_ms).max(0);
        if self.sent == 0 || since >= interval.saturating_mul(i64::from(self.sent)) {
            *self = Self {
                started_ms: now_ms,
                sent: 1,
            };
            return true;
        }
        if since < interval && self.sent < rule.burst {
            self.sent += 1;
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{PairRate, Throughput};
    use crate::config::PairRule;

    #[test]
    fn a_burst_of_45_is_taken_and_the_46th_refused() {
        let (mut pair, rule) = (PairRate::default(), PairRule::default());
        assert!((0..45).all(|n| pair.take(1_000 + n, &rule)));
        assert!(!pair.take(1_050, &rule));
    }

    #[test]
    fn twenty_at_once_cost_two_minutes() {
        let (mut pair, rule) = (PairRate::default(), PairRule::default());
        assert!((0..20).all(|_| pair.take(5_000, &rule)));
        assert!(!pair.take(5_000 + 6_000, &rule), "burst is over");
        assert!(!pair.take(5_000 + 119_999, &rule));
        assert!(pair.take(5_000 + 120_000, &rule));
    }

    #[test]
    fn one_every_six_seconds_goes_on_for_ever() {
        let (mut pair, rule) = (PairRate::default(), PairRule::default());
        assert!((0..1_000).all(|n| pair.take(n * 6_000, &rule)));
    }

    #[test]
    fn throughput_is_80_at_once_and_then_80_a_second() {
        let mut number = Throughput::default();
        assert!((0..80).all(|_| number.take(10_000, 80)));
        assert!(!number.take(10_000, 80));
        assert!(!number.take(10_012, 80), "12 ms are 0.96 of a message");
        assert!(number.take(10_013, 80));
        assert!((0..80).all(|_| number.take(20_000, 80)), "full again");
        assert!(!number.take(20_000, 80), "and no fuller");
    }

    #[test]
    fn inbound_uses_the_rate_up() {
        let mut number = Throughput::default();
        (0..79).for_each(|_| number.count_inbound(10_000, 80));
        assert!(number.take(10_000, 80));
        assert!(!number.take(10_000, 80));
    }
}
