use super::{Backoff, Bucket, Pairs, Rate};
use crate::Timestamp;
use crate::ids::ConversationId;
use chrono::TimeDelta;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

fn at(millis: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::milliseconds(millis)
}

fn conversation(n: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(n))
}

#[test]
fn a_burst_is_borrowed_and_paid_back_six_seconds_each() {
    let mut pair = Bucket::full(Rate::PAIR);
    for _ in 0..45 {
        pair.take(at(0)).unwrap();
    }
    assert_eq!(pair.take(at(0)), Err(at(6_000)));
    assert_eq!(pair.take(at(5_999)), Err(at(6_000)));
    pair.take(at(6_000)).unwrap();
    assert_eq!(pair.take(at(6_000)), Err(at(12_000)));
    assert_eq!(pair.available(at(46 * 6_000 - 1)), 44);
    assert_eq!(pair.available(at(46 * 6_000)), 45);
}

#[test]
fn twenty_at_once_are_paid_back_in_two_minutes() {
    let mut pair = Bucket::full(Rate::PAIR);
    for _ in 0..20 {
        pair.take(at(0)).unwrap();
    }
    assert_eq!(pair.available(at(0)), 25);
    assert_eq!(pair.available(at(119_999)), 44);
    assert_eq!(pair.available(at(120_000)), 45);
}

#[test]
fn a_number_sends_its_rate_and_no_more_than_a_tenth_beyond_it() {
    let mut number = Bucket::full(Rate::per_second(80));
    let sent = (0..1_000).map(|ms| {
        let open = number.available(at(ms));
        for _ in 0..open {
            number.take(at(ms)).unwrap();
        }
        open
    });
    let sent: u32 = sent.sum();
    assert!((80..=88).contains(&sent), "{sent} in the first second");
}

#[test]
fn extreme_rates_and_moments_do_not_overflow() {
    let mut slow = Bucket::full(Rate::new(Duration::MAX, u32::MAX));
    slow.take(Timestamp::MAX_UTC).unwrap();
    let _ = slow.take(Timestamp::MIN_UTC);
    let mut fast = Bucket::full(Rate::new(Duration::ZERO, 0));
    fast.take(at(0)).unwrap();
    let _ = fast.available(Timestamp::MIN_UTC);
}

#[test]
fn pairs_do_not_disturb_each_other() {
    let mut pairs = Pairs::new(Rate::PAIR, Pairs::CAPACITY);
    for _ in 0..45 {
        pairs.take(conversation(1), at(0)).unwrap();
    }
    assert_eq!(pairs.take(conversation(1), at(0)), Err(at(6_000)));
    pairs.take(conversation(2), at(0)).unwrap();

    pairs.refused(conversation(2), at(4_000), at(0));
    assert_eq!(pairs.take(conversation(2), at(3_999)), Err(at(4_000)));
    pairs.take(conversation(2), at(4_000)).unwrap();
}

#[test]
fn after_a_refusal_a_person_is_left_alone_until_all_is_paid_back() {
    let (mut pairs, ana) = (Pairs::new(Rate::PAIR, Pairs::CAPACITY), conversation(1));
    for _ in 0..20 {
        pairs.take(ana, at(0)).unwrap();
    }
    // The 21st is tried, and what it would have owed is not.
    pairs.take(ana, at(1_000)).unwrap();
    pairs.refused(ana, at(2_000), at(1_000));
    assert_eq!(pairs.take(ana, at(2_000)), Err(at(120_000)));
    assert_eq!(pairs.take(ana, at(119_999)), Err(at(120_000)));
    pairs.take(ana, at(120_000)).unwrap();
    pairs.take(ana, at(120_001)).unwrap();

    // A longer pause counts, a shorter one later does not shorten it.
    pairs.refused(ana, at(500_000), at(121_000));
    pairs.refused(ana, at(130_000), at(121_000));
    assert_eq!(pairs.take(ana, at(499_999)), Err(at(500_000)));
    pairs.take(ana, at(500_000)).unwrap();
}

#[test]
fn quick_words_are_not_held_back_before_the_provider_does() {
    let (mut pairs, ana) = (Pairs::new(Rate::PAIR, Pairs::CAPACITY), conversation(1));
    for n in 0..40 {
        pairs.take(ana, at(n * 3_000)).unwrap();
    }
}

#[test]
fn pairs_forget_the_full_first_and_never_exceed_their_capacity() {
    let mut pairs = Pairs::new(Rate::PAIR, 3);
    for _ in 0..45 {
        pairs.take(conversation(1), at(0)).unwrap();
    }
    pairs.take(conversation(2), at(0)).unwrap();
    pairs.take(conversation(3), at(0)).unwrap();
    // 2 and 3 are full again, 1 is not.
    pairs.take(conversation(4), at(7_000)).unwrap();
    assert_eq!(pairs.len(), 2);
    // None is full: the least indebted goes, the burst stays remembered.
    pairs.take(conversation(5), at(7_000)).unwrap();
    pairs.take(conversation(6), at(7_000)).unwrap();
    assert_eq!(pairs.len(), 3);
    pairs.take(conversation(1), at(7_000)).unwrap();
    assert_eq!(pairs.take(conversation(1), at(7_000)), Err(at(12_000)));
}

#[test]
fn pair_refusals_wait_four_to_the_power_of_x() {
    let pauses: Vec<u64> = (0..7).map(|x| Backoff::PAIR.pause(x).as_secs()).collect();
    assert_eq!(pauses, [1, 4, 16, 64, 256, 1024, 1024]);
    assert_eq!(Backoff::PAIR.pause(u32::MAX), Backoff::PAIR.max);
}

proptest! {
    /// In any stretch of time no more goes out than its length allows plus one burst, and a
    /// refusal names exactly the moment at which the next one may go.
    #[test]
    fn no_stretch_of_time_exceeds_the_rate(
        every in 1_u32..500,
        burst in 1_u32..20,
        gaps in proptest::collection::vec(0_i64..700, 1..200),
    ) {
        let mut bucket = Bucket::full(Rate::new(Duration::from_millis(every.into()), burst));
        let mut now = 0;
        let mut taken: Vec<i64> = Vec::new();
        for gap in gaps {
            now += gap;
            let open = bucket.available(at(now));
            match bucket.take(at(now)) {
                Ok(()) => {
                    prop_assert!(open > 0);
                    prop_assert_eq!(bucket.available(at(now)), open - 1);
                    taken.push(now);
                }
                Err(ready) => {
                    prop_assert_eq!(open, 0);
                    prop_assert!(ready > at(now));
                    let mut early = bucket;
                    prop_assert!(early.take(ready - TimeDelta::nanoseconds(1)).is_err());
                    prop_assert!(early.take(ready).is_ok());
                }
            }
        }
        for (i, from) in taken.iter().enumerate() {
            for (n, to) in (1_i64..).zip(&taken[i..]) {
                prop_assert!(n <= i64::from(burst) + (to - from) / i64::from(every));
            }
        }
    }

    /// As long as no more than `capacity` pairs owe anything, each behaves as if it were alone,
    /// though the full ones are forgotten.
    #[test]
    fn forgetting_full_buckets_changes_nothing(
        steps in proptest::collection::vec((0_u128..16, 0_i64..8_000), 1..200),
    ) {
        let mut pairs = Pairs::new(Rate::PAIR, 8);
        let mut apart: HashMap<u128, Bucket> = HashMap::new();
        let mut now = 0;
        for (who, gap) in steps {
            now += gap;
            let alone = apart.entry(who).or_insert(Bucket::full(Rate::PAIR)).take(at(now));
            if apart.values().filter(|b| b.full_at() > at(now)).count() > 8 {
                break;
            }
            prop_assert_eq!(pairs.take(conversation(who), at(now)), alone);
            prop_assert!(pairs.len() <= 8);
        }
    }
}
