//! How fast a client may speak: a token bucket for its frames, and typing signals of which only
//! one in a while is passed on. Moments come from the caller; nothing here waits.

use papo_domain::ConversationId;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A person who types on is shown as typing by one signal in this time.
const TYPING_EVERY: Duration = Duration::from_secs(2);

/// So many frames a second, twice as many at once.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    burst: Duration,
    /// When the bucket is full again.
    full_at: Instant,
}

impl Pace {
    /// A full bucket; zero counts as one a second.
    pub(super) fn per_second(frames: u32, now: Instant) -> Self {
        let every = Duration::from_secs(1) / frames.max(1);
        Self {
            every,
            burst: Duration::from_secs(2),
            full_at: now,
        }
    }

    /// Counts a frame. Whether it was allowed.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let full_at = self.full_at.max(now) + self.every;
        let allowed = full_at.saturating_duration_since(now) <= self.burst;
        if allowed {
            self.full_at = full_at;
        }
        allowed
    }
}

/// The conversations in which a socket types.
#[derive(Debug, Default)]
pub(super) struct Typing {
    told: HashMap<ConversationId, Instant>,
}

impl Typing {
    /// Whether a signal about `conversation` is worth passing on now.
    pub(super) fn is_news(&mut self, conversation: ConversationId, now: Instant) -> bool {
        let fresh = |told: &Instant| now.saturating_duration_since(*told) < TYPING_EVERY;
        if self.told.get(&conversation).is_some_and(fresh) {
            return false;
        }
        // What is no longer fresh says nothing; so this holds a few seconds' conversations only.
        self.told.retain(|_, told| fresh(told));
        self.told.insert(conversation, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, Typing};
    use papo_domain::ConversationId;
    use std::time::{Duration, Instant};
    use uuid::Uuid;

    #[test]
    fn a_burst_is_allowed_and_a_flood_is_not() {
        let start = Instant::now();
        let mut pace = Pace::per_second(20, start);
        let burst = (0..1_000).filter(|_| pace.take(start)).count();
        assert_eq!(burst, 40);
        assert!(!pace.take(start + Duration::from_millis(49)));
        assert!(pace.take(start + Duration::from_millis(50)));
        // The sustained rate over ten seconds, tried a hundred times a second.
        let later = start + Duration::from_millis(50);
        let sustained = (1..=1_000)
            .filter(|i| pace.take(later + Duration::from_millis(10) * *i))
            .count();
        assert_eq!(sustained, 200);
    }

    #[test]
    fn refused_frames_do_not_prolong_the_wait() {
        let start = Instant::now();
        let mut pace = Pace::per_second(1, start);
        while pace.take(start) {}
        for _ in 0..100 {
            assert!(!pace.take(start));
        }
        assert!(pace.take(start + Duration::from_secs(1)));
    }

    #[test]
    fn typing_is_told_once_in_two_seconds_for_each_conversation() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let (one, other) = (
            ConversationId(Uuid::from_u128(1)),
            ConversationId(Uuid::from_u128(2)),
        );
        let mut typing = Typing::default();
        assert!(typing.is_news(one, at(0)));
        assert!(!typing.is_news(one, at(1)));
        assert!(typing.is_news(other, at(1)));
        assert!(!typing.is_news(one, at(1_999)));
        assert!(typing.is_news(one, at(2_000)));
        assert!(!typing.is_news(one, at(3_999)));
    }

    #[test]
    fn old_typing_is_forgotten() {
        let start = Instant::now();
        let mut typing = Typing::default();
        for i in 0..1_000 {
            let id = ConversationId(Uuid::from_u128(i));
            let at = start + Duration::from_secs(3) * u32::try_from(i).unwrap();
            assert!(typing.is_news(id, at));
            assert_eq!(typing.told.len(), 1);
        }
    }
}
