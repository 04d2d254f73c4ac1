//! A log that keeps the newest entries and numbers them all, so that a reader can ask for what
//! came after the last one it saw.

use serde::Serialize;
use std::collections::VecDeque;

/// An entry and its place in the log, counted from 1 over everything ever pushed.
#[derive(Clone, Debug, Serialize)]
pub struct Numbered<T> {
    pub index: u64,
    #[serde(flatten)]
    pub entry: T,
}

#[derive(Debug)]
pub(crate) struct Ring<T> {
    kept: VecDeque<Numbered<T>>,
    pushed: u64,
    bound: usize,
}

impl<T: Clone> Ring<T> {
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            pushed: 0,
            bound,
        }
    }

    pub(crate) fn push(&mut self, entry: T) -> u64 {
        self.pushed += 1;
        self.kept.push_back(Numbered {
            index: self.pushed,
            entry,
        });
        while self.kept.len() > self.bound {
            self.kept.pop_front();
        }
        self.pushed
    }

    /// Up to `most` entries after `index`, oldest first.
    pub(crate) fn after(&self, index: u64, most: usize) -> Vec<Numbered<T>> {
        let from = self.kept.partition_point(|kept| kept.index <= index);
        self.kept.iter().skip(from).take(most).cloned().collect()
    }

    /// Forgets the entries; the count goes on.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;

    #[test]
    fn keeps_the_newest_and_their_numbers() {
        let mut ring = Ring::new(3);
        (1..=5).for_each(|n| {
            ring.push(n);
        });
        let seen: Vec<_> = ring
            .after(0, 10)
            .iter()
            .map(|e| (e.index, e.entry))
            .collect();
        assert_eq!(seen, [(3, 3), (4, 4), (5, 5)]);
        let seen: Vec<_> = ring.after(3, 1).iter().map(|e| e.index).collect();
        assert_eq!(seen, [4]);
    }
}
