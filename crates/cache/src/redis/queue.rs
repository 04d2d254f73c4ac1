//! What waits to be published. Bounded, and one entry per kind and tenant: under load, or while
//! Redis is away, the many signals of a busy tenant become one.

use papo_domain::TenantId;
use papo_domain::ports::{BusSignal, Heard};
use std::collections::{HashMap, VecDeque};
use std::mem::{self, Discriminant};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

type Key = (Discriminant<BusSignal>, TenantId);

/// Filled by whoever publishes, emptied by one task.
pub(super) struct Queue {
    bound: usize,
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Default)]
struct Waiting {
    /// Oldest first; each key once.
    order: VecDeque<Key>,
    signals: HashMap<Key, BusSignal>,
    /// Signals were lost that the others must be told of.
    lost: bool,
}

impl Queue {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound: bound.max(1),
            waiting: Mutex::default(),
            filled: Notify::new(),
        }
    }

    /// Takes a signal in, at the place of an earlier one of its kind about its tenant. If there
    /// is no room, all that wait are lost together: `Lagged` says as much as each of them.
    pub(super) fn push(&self, signal: BusSignal) {
        let mut waiting = self.waiting();
        let key = (mem::discriminant(&signal), signal.tenant());
        if let Some(earlier) = waiting.signals.get_mut(&key) {
            *earlier = later(*earlier, signal);
            return;
        }
        if waiting.order.len() >= self.bound {
            let lost = u64::try_from(waiting.order.len()).unwrap_or(u64::MAX);
            metrics::counter!("papo_bus_signals_lost_total", "at" => "queue").increment(lost);
            *waiting = Waiting::default();
            waiting.lost = true;
        }
        waiting.order.push_back(key);
        waiting.signals.insert(key, signal);
        drop(waiting);
        self.filled.notify_one();
    }

    /// Signals that were taken did not arrive.
    pub(super) fn lose(&self, taken: usize) {
        let lost = u64::try_from(taken).unwrap_or(u64::MAX);
        metrics::counter!("papo_bus_signals_lost_total", "at" => "publisher").increment(lost);
        self.waiting().lost = true;
        self.filled.notify_one();
    }

    /// Waits until there is something to take.
    pub(super) async fn filled(&self) {
        while self.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Takes the oldest, `limit` signals at most, after the news that others were lost.
    pub(super) fn take(&self, limit: usize) -> Vec<Heard> {
        let mut waiting = self.waiting();
        let mut taken = Vec::new();
        if mem::take(&mut waiting.lost) {
            taken.push(Heard::Lagged);
        }
        for _ in 0..limit {
            let Some(key) = waiting.order.pop_front() else {
                break;
            };
            taken.extend(waiting.signals.remove(&key).map(Heard::Signal));
        }
        taken
    }

    fn is_empty(&self) -> bool {
        let waiting = self.waiting();
        waiting.order.is_empty() && !waiting.lost
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of two signals of one kind about one tenant, what both say.
fn later(earlier: BusSignal, signal: BusSignal) -> BusSignal {
    match (earlier, signal) {
        (BusSignal::Events { head: before, .. }, BusSignal::Events { tenant, head }) => {
            BusSignal::Events {
                tenant,
                head: head.max(before),
            }
        }
        (_, signal) => signal,
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use papo_domain::TenantId;
    use papo_domain::ports::{BusSignal, Heard};
    use uuid::Uuid;

    fn bell(tenant: u128) -> BusSignal {
        let tenant = TenantId(Uuid::from_u128(tenant));
        BusSignal::InboxReady { tenant }
    }

    fn events(tenant: u128, head: u64) -> BusSignal {
        let tenant = TenantId(Uuid::from_u128(tenant));
        BusSignal::Events { tenant, head }
    }

    fn signals(heard: &[BusSignal]) -> Vec<Heard> {
        heard.iter().copied().map(Heard::Signal).collect()
    }

    #[test]
    fn one_entry_per_kind_and_tenant_at_the_place_of_the_first() {
        let queue = Queue::new(8);
        for signal in [
            events(1, 4),
            bell(1),
            bell(2),
            events(1, 9),
            bell(1),
            events(1, 7),
        ] {
            queue.push(signal);
        }
        assert_eq!(
            queue.take(8),
            signals(&[events(1, 9), bell(1), bell(2)]),
            "and heads never go back"
        );
        queue.push(bell(1));
        assert_eq!(queue.take(8), signals(&[bell(1)]), "once taken it is new");
    }

    #[test]
    fn an_overflow_becomes_lagged_and_the_bound_holds() {
        let queue = Queue::new(3);
        for tenant in 0..10 {
            queue.push(bell(tenant));
        }
        let mut left = vec![Heard::Lagged];
        left.extend(signals(&[bell(9)]));
        assert_eq!(queue.take(8), left);
    }

    #[test]
    fn a_batch_is_the_oldest_and_a_lost_one_is_told_first() {
        let queue = Queue::new(8);
        for tenant in 0..3 {
            queue.push(bell(tenant));
        }
        assert_eq!(queue.take(2), signals(&[bell(0), bell(1)]));
        queue.lose(2);
        assert_eq!(
            queue.take(2),
            [Heard::Lagged, Heard::Signal(bell(2))],
            "what was lost came first"
        );
        assert_eq!(queue.take(2), []);
    }

    #[tokio::test]
    async fn a_loss_alone_wakes_the_publisher() {
        let queue = Queue::new(8);
        queue.lose(1);
        queue.filled().await;
        assert_eq!(queue.take(1), [Heard::Lagged]);
    }
}
