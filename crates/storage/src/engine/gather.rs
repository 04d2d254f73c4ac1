//! How a lane forms its batches. A commit costs about the same for one item as for ten, so a lane
//! waits a moment for company where company is likely.

use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// With so many in hand, more company changes little (docs/adr/0003).
const ENOUGH: usize = 32;
/// How often a lane that waits looks whether enough have come. To be woken by each costs more.
const LOOK: Duration = Duration::from_millis(2);

/// Collects batches from a queue.
pub(crate) struct Gather<T> {
    queue: mpsc::Receiver<T>,
    most: usize,
    company: Company,
    /// Whether there was a batch before.
    begun: bool,
}

/// When an item is likely to have company, and how long to wait for it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Company {
    /// Items come one by one: while the lane is busy, which it is when something came within
    /// this time of the batch before.
    WhenBusy(Duration),
    /// Items come in flocks, with pauses between them: always.
    Always(Duration),
}

impl<T> Gather<T> {
    /// Batches of at most `most` from `queue`, waiting for company.
    pub(crate) fn new(queue: mpsc::Receiver<T>, most: usize, company: Company) -> Self {
        Self {
            queue,
            most: most.max(1),
            company,
            begun: false,
        }
    }

    /// The next batch; `None` when every sender is gone and the queue is empty. To be called
    /// when the batch before is worked off.
    pub(crate) async fn next(&mut self) -> Option<Vec<T>> {
        let asked = Instant::now();
        let mut batch = Vec::new();
        if self.queue.recv_many(&mut batch, self.most).await == 0 {
            return None;
        }
        let begun = std::mem::replace(&mut self.begun, true);
        let linger = match self.company {
            Company::WhenBusy(linger) if !begun || asked.elapsed() >= linger => Duration::ZERO,
            Company::WhenBusy(linger) | Company::Always(linger) => linger,
        };
        if !linger.is_zero() {
            self.wait(batch.len(), Instant::now() + linger).await;
            while batch.len() < self.most
                && let Ok(item) = self.queue.try_recv()
            {
                batch.push(item);
            }
        }
        Some(batch)
    }

    /// Waits until enough have come, or for so long.
    async fn wait(&self, taken: usize, until: Instant) {
        while taken + self.queue.len() < ENOUGH.min(self.most) {
            let now = Instant::now();
            if now >= until {
                return;
            }
            tokio::time::sleep_until(until.min(now + LOOK)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Company, ENOUGH, Gather, LOOK};
    use std::time::Duration;
    use tokio::sync::mpsc;
    use tokio::time::{Instant, sleep};

    const LINGER: Duration = Duration::from_millis(2);

    #[tokio::test(start_paused = true)]
    async fn an_idle_lane_takes_what_comes_at_once() {
        let (sender, queue) = mpsc::channel(100);
        let mut gather = Gather::new(queue, 100, Company::WhenBusy(LINGER));
        tokio::spawn(async move {
            for _ in 0..3 {
                sender.send(Instant::now()).await.unwrap();
                sleep(LINGER * 2).await;
            }
        });
        while let Some(batch) = gather.next().await {
            assert_eq!(batch, [Instant::now()]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_lane_waits_for_company() {
        let (sender, queue) = mpsc::channel(1000);
        let mut gather = Gather::new(queue, 50, Company::WhenBusy(LINGER));
        sender.send(0).await.unwrap();
        assert_eq!(gather.next().await, Some(vec![0]));
        sender.send(1).await.unwrap();
        let late = sender.clone();
        tokio::spawn(async move {
            sleep(LINGER / 2).await;
            late.send(2).await.unwrap();
        });
        assert_eq!(gather.next().await, Some(vec![1, 2]));
        // Enough of them do not wait, and no batch is larger than asked for.
        for n in 0..60 {
            sender.send(n).await.unwrap();
        }
        let begun = Instant::now();
        assert_eq!(gather.next().await.unwrap().len(), 50);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        drop(sender);
        assert_eq!(gather.next().await.unwrap().len(), 10);
        assert_eq!(gather.next().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn enough_of_them_are_not_kept_waiting() {
        let (sender, queue) = mpsc::channel(100);
        let mut gather = Gather::new(queue, 100, Company::Always(LOOK * 10));
        tokio::spawn(async move {
            for n in 0..ENOUGH {
                sender.send(n).await.unwrap();
                if n == ENOUGH / 2 {
                    sleep(LOOK / 2).await;
                }
            }
            sleep(LOOK * 20).await;
        });
        let begun = Instant::now();
        assert_eq!(gather.next().await.unwrap().len(), ENOUGH);
        assert_eq!(begun.elapsed(), LOOK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flock_is_waited_for_also_after_a_pause() {
        let (sender, queue) = mpsc::channel(100);
        let mut gather = Gather::new(queue, 100, Company::Always(LINGER));
        tokio::spawn(async move {
            for n in 0..4 {
                sender.send(n).await.unwrap();
                sleep(if n % 2 == 0 { LINGER / 2 } else { LINGER * 5 }).await;
            }
        });
        assert_eq!(gather.next().await, Some(vec![0, 1]));
        assert_eq!(gather.next().await, Some(vec![2, 3]));
        assert_eq!(gather.next().await, None);
    }
}
