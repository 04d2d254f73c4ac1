//! Chance that can be repeated. A roll depends on the seed and on a key that names the occasion
//! (which chat, which message of it), never on the order in which threads happen to run: two
//! emulators with one seed that are asked the same things go wrong in the same places.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The rolls of one occasion.
pub(crate) struct Dice(StdRng);

impl Dice {
    /// `key` names the occasion; `nth` tells apart occasions of the same name.
    pub(crate) fn new(seed: u64, key: &[&str], nth: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        for part in key {
            hash.update(part.as_bytes());
            // Keeps ("ab", "c") apart from ("a", "bc").
            hash.update([0xff]);
        }
        hash.update(nth.to_le_bytes());
        Self(StdRng::from_seed(hash.finalize().into()))
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn percent(&mut self, percent: u8) -> bool {
        self.0.random_range(0..100u8) < percent
    }

    /// A number from 0 to `most`, both included.
    pub(crate) fn up_to(&mut self, most: u32) -> u32 {
        self.0.random_range(0..=most)
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    fn rolls(seed: u64, key: &[&str], nth: u64) -> Vec<u32> {
        let mut dice = Dice::new(seed, key, nth);
        (0..16).map(|_| dice.up_to(1_000_000)).collect()
    }

    #[test]
    fn same_seed_and_occasion_roll_the_same() {
        assert_eq!(rolls(7, &["send", "a"], 3), rolls(7, &["send", "a"], 3));
    }

    #[test]
    fn seed_key_and_count_each_matter() {
        let base = rolls(7, &["ab", "c"], 3);
        assert_ne!(base, rolls(8, &["ab", "c"], 3));
        assert_ne!(base, rolls(7, &["a", "bc"], 3));
        assert_ne!(base, rolls(7, &["ab", "c"], 4));
    }

    #[test]
    fn percent_keeps_its_promise_at_the_ends() {
        let mut dice = Dice::new(1, &[], 0);
        assert!((0..1_000).all(|_| dice.percent(100)));
        assert!(!(0..1_000).any(|_| dice.percent(0)));
    }
}
