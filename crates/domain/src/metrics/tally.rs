//! What a day came to: counts that add up, and how long things took, in a shape that adds up too.
//! Tallies of days are merged into those of any period; a fact that changes is taken away as it was
//! and counted as it is.

use super::ledger::{SessionFacts, StretchEnd, StretchFacts};
use crate::Timestamp;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a part of the attendance came to in some days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Sessions that were opened.
    pub sessions: i64,
    /// Of these, how many have ended.
    pub ended: i64,
    /// See [`SessionFacts::is_resolved`].
    pub resolved: i64,
    /// See [`SessionFacts::is_contained`].
    pub contained: i64,
    /// Sessions in which a person was asked for.
    pub handoffs: i64,
    pub transfers: i64,
    pub inbound: i64,
    pub bot: i64,
    pub staff: i64,
    /// Stretches that began.
    pub attended: i64,
    /// Of these, how many ended with the session.
    pub closed: i64,
    /// Of these, how many ended with somebody else or in a queue.
    pub handed_on: i64,
    /// What those who led said.
    pub sent: i64,
    /// From the first request to the first person who came after it.
    pub waiting: Spans,
    /// From the first request, or the takeover, to the first words of a person.
    pub first_answer: Spans,
    /// From opening to end.
    pub duration: Spans,
    /// How long a person led, while it was not put out of the way.
    pub handling: Spans,
    /// From beginning to lead to one's first words.
    pub own_answer: Spans,
}

/// How often each span of time was measured. Spans are kept to one part in 32, those below 32
/// seconds exactly, so that a year of them is as small as a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u16, i64)>", into = "Vec<(u16, i64)>")]
pub struct Spans {
    buckets: BTreeMap<u16, i64>,
}

/// Spans below this many seconds, a power of two, are kept exactly; longer ones by their first
/// so many parts.
const FINE: u64 = 32;
const FINE_BITS: u32 = 5;
/// Spans are cut at 2^31 seconds, 68 years.
const LONGEST: u64 = (1 << 31) - 1;

impl Tally {
    /// Counts a session, or takes it away where `times` is -1.
    pub fn count_session(&mut self, facts: &SessionFacts, times: i64) {
        let one = |fits: bool| times * i64::from(fits);
        self.sessions += times;
        self.ended += one(facts.ended.is_some());
        self.resolved += one(facts.is_resolved());
        self.contained += one(facts.is_contained());
        self.handoffs += one(facts.asked_at.is_some());
        self.transfers += times * i64::from(facts.transfers);
        self.inbound += times * i64::from(facts.inbound);
        self.bot += times * i64::from(facts.bot);
        self.staff += times * i64::from(facts.staff);
        self.waiting.measure(facts.asked_at, facts.served_at, times);
        let since = [facts.asked_at, facts.taken_at].into_iter().flatten().min();
        self.first_answer.measure(since, facts.answered_at, times);
        let ended = facts.ended.map(|(at, _)| at);
        self.duration.measure(Some(facts.opened_at), ended, times);
    }

    /// Counts a stretch, or takes it away where `times` is -1.
    pub fn count_stretch(&mut self, facts: &StretchFacts, times: i64) {
        let how = facts.ended.map(|(_, how)| how);
        let one = |fits: bool| times * i64::from(fits);
        self.attended += times;
        self.closed += one(how == Some(StretchEnd::Closed));
        self.handed_on += one(matches!(
            how,
            Some(StretchEnd::Transferred | StretchEnd::Requeued)
        ));
        self.sent += times * i64::from(facts.sent);
        let began = Some(facts.began_at);
        let away = TimeDelta::seconds(i64::from(facts.away));
        let ended = facts.ended.and_then(|(at, _)| at.checked_sub_signed(away));
        self.handling.measure(began, ended, times);
        self.own_answer.measure(began, facts.answered_at, times);
    }

    /// Adds another one to it.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.sessions, other.sessions),
            (&mut self.ended, other.ended),
            (&mut self.resolved, other.resolved),
            (&mut self.contained, other.contained),
            (&mut self.handoffs, other.handoffs),
            (&mut self.transfers, other.transfers),
            (&mut self.inbound, other.inbound),
            (&mut self.bot, other.bot),
            (&mut self.staff, other.staff),
            (&mut self.attended, other.attended),
            (&mut self.closed, other.closed),
            (&mut self.handed_on, other.handed_on),
            (&mut self.sent, other.sent),
        ] {
            *own = own.saturating_add(more);
        }
        self.waiting.merge(&other.waiting);
        self.first_answer.merge(&other.first_answer);
        self.duration.merge(&other.duration);
        self.handling.merge(&other.handling);
        self.own_answer.merge(&other.own_answer);
    }
}

impl Spans {
    /// How many were measured.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.buckets.values().sum()
    }

    /// The span, in seconds, that `percent` of 100 do not exceed; `None` where none was measured.
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        let count = self.count();
        // Rounded up: the median of three is the second.
        let rank = (count * i64::from(percent) + 99).div_euclid(100).max(1);
        let mut seen = 0;
        self.buckets
            .iter()
            .find(|(_, times)| {
                seen += **times;
                seen >= rank
            })
            .map(|(bucket, _)| middle(*bucket))
    }

    /// Measures from one moment to another, if both are there. Clocks that disagree make nothing
    /// shorter than nothing.
    fn measure(&mut self, from: Option<Timestamp>, to: Option<Timestamp>, times: i64) {
        if let (Some(from), Some(to)) = (from, to) {
            let seconds = to.signed_duration_since(from).num_seconds();
            self.add(u64::try_from(seconds).unwrap_or_default(), times);
        }
    }

    fn add(&mut self, seconds: u64, times: i64) {
        self.put(bucket(seconds), times);
    }

    fn put(&mut self, bucket: u16, times: i64) {
        let count = self.buckets.entry(bucket).or_default();
        *count += times;
        if *count == 0 {
            self.buckets.remove(&bucket);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (bucket, times) in &other.buckets {
            self.put(*bucket, *times);
        }
    }
}

impl From<Vec<(u16, i64)>> for Spans {
    fn from(buckets: Vec<(u16, i64)>) -> Self {
        Self {
            buckets: buckets.into_iter().collect(),
        }
    }
}

impl From<Spans> for Vec<(u16, i64)> {
    fn from(spans: Spans) -> Self {
        spans.buckets.into_iter().collect()
    }
}

/// How far a span is shifted until its first parts are left.
fn shift(seconds: u64) -> u32 {
    seconds
        .checked_ilog2()
        .unwrap_or_default()
        .saturating_sub(FINE_BITS)
}

/// Where a span is counted.
fn bucket(seconds: u64) -> u16 {
    let seconds = seconds.min(LONGEST);
    let shift = shift(seconds);
    let place = u64::from(shift) * FINE + (seconds >> shift);
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// The middle of the spans that are counted there.
fn middle(bucket: u16) -> u64 {
    let place = u64::from(bucket);
    let shift = (place / FINE).saturating_sub(1);
    let first = (place - shift * FINE) << shift;
    first + ((1_u64 << shift) - 1) / 2
}

#[cfg(test)]
mod tests {
    use super::{FINE, LONGEST, Spans, Tally, bucket, middle};
    use crate::conversation::CloseReason;
    use crate::metrics::SessionFacts;
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::{any, prop, proptest};

    #[test]
    fn places_grow_with_spans_and_are_near_them() {
        let mut before = 0;
        let spans = (0..2_000).chain((11..31).map(|n| (1_u64 << n) - 1));
        for seconds in spans.chain([LONGEST]) {
            let place = bucket(seconds);
            assert!(place >= before, "{seconds}");
            before = place;
            let off = middle(place).abs_diff(seconds);
            assert!(
                off * FINE <= seconds,
                "{seconds} is shown as {}",
                middle(place)
            );
            assert_eq!(bucket(middle(place)), place);
        }
        assert_eq!(bucket(u64::MAX), bucket(LONGEST));
    }

    #[test]
    fn percentiles_are_spans_that_were_measured() {
        let mut spans = Spans::default();
        assert_eq!(spans.percentile(50), None);
        for seconds in [5, 1, 9] {
            spans.add(seconds, 1);
        }
        assert_eq!(spans.percentile(50), Some(5));
        assert_eq!(spans.percentile(90), Some(9));
        spans.add(9, -1);
        assert_eq!((spans.count(), spans.percentile(50)), (2, Some(1)));
    }

    fn session(ended: Option<CloseReason>, minutes: i64) -> SessionFacts {
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        SessionFacts {
            session: 1,
            opened_at: at(0),
            ended: ended.map(|reason| (at(minutes), reason)),
            department: None,
            asked_at: Some(at(1)),
            taken_at: Some(at(minutes)),
            served_at: Some(at(minutes)),
            answered_at: Some(at(minutes + 1)),
            transfers: 1,
            inbound: 2,
            bot: 3,
            staff: 4,
            last_user: None,
            stretches: 1,
        }
    }

    #[test]
    fn what_is_taken_away_leaves_nothing() {
        let (before, after) = (session(None, 2), session(Some(CloseReason::Staff), 5));
        let mut tally = Tally::default();
        tally.count_session(&before, 1);
        tally.count_session(&before, -1);
        assert_eq!(tally, Tally::default());
        tally.count_session(&after, 1);
        assert_eq!((tally.sessions, tally.resolved, tally.inbound), (1, 1, 2));
        assert_eq!(tally.waiting.percentile(50), Some(middle(bucket(240))));
        assert_eq!(tally.first_answer.count(), 1);
    }

    proptest! {
        /// Days can be tallied apart and merged, in any division.
        #[test]
        fn parts_add_up(spans in prop::collection::vec(any::<u32>(), 1..200), cut in any::<prop::sample::Index>()) {
            let tally = |spans: &[u32]| {
                let mut all = Spans::default();
                spans.iter().for_each(|span| all.add(u64::from(*span), 1));
                all
            };
            let (one, two) = spans.split_at(cut.index(spans.len()));
            let mut merged = tally(one);
            merged.merge(&tally(two));
            assert_eq!(&merged, &tally(&spans));
            let mut sorted = spans.clone();
            sorted.sort_unstable();
            let half = sorted[(sorted.len() - 1) / 2];
            assert_eq!(merged.percentile(50), Some(middle(bucket(u64::from(half)))));
            let stored = serde_json::to_string(&merged).expect("json");
            assert_eq!(serde_json::from_str::<Spans>(&stored).expect("spans"), merged);
        }
    }
}
