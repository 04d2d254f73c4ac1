//! How a lane forms its batches. A commit costs about the same for one item as for ten, so while
//! a lane is busy it waits a moment for company; an idle one takes what comes at once.

use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// With so many in hand, more company changes little (docs/adr/0003).
const COMPANY: usize = 32;

/// Collects batches from a queue.
pub(crate) struct Gather<T> {
    queue: mpsc::Receiver<T>,
    most: usize,
    linger: Duration,
    /// Whether there was a batch before.
    begun: bool,
}

impl<T> Gather<T> {
    /// Batches of at most `most` from `queue`, waiting up to `linger` for company.
    pub(crate) fn new(queue: mpsc::Receiver<T>, most: usize, linger: Duration) -> Self {
        Self {
            queue,
            most: most.max(1),
            linger,
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
        // Something came right after the last batch: more will.
        let busy = std::mem::replace(&mut self.begun, true) && asked.elapsed() < self.linger;
        if busy && batch.len() < COMPANY.min(self.most) {
            tokio::time::sleep(self.linger).await;
            while batch.len() < self.most
                && let Ok(item) = self.queue.try_recv()
            {
                batch.push(item);
            }
        }
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::Gather;
    use std::time::Duration;
    use tokio::sync::mpsc;
    use tokio::time::{Instant, sleep};

    const LINGER: Duration = Duration::from_millis(2);

    #[tokio::test(start_paused = true)]
    async fn an_idle_lane_takes_what_comes_at_once() {
        let (sender, queue) = mpsc::channel(100);
        let mut gather = Gather::new(queue, 100, LINGER);
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
        let mut gather = Gather::new(queue, 50, LINGER);
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
}
