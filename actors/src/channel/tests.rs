use super::outcome::{Number, judge};
use super::pauses::Pauses;
use crate::api::ChannelConfig;
use chrono::TimeDelta;
use papo_domain::Timestamp;
use papo_domain::ports::{SendError, SendOutcome};
use std::time::Duration;

fn config() -> ChannelConfig {
    ChannelConfig {
        concurrency: 32,
        start_within: Duration::from_secs(2),
        max_attempts: 5,
        backoff: Duration::from_secs(1),
        backoff_max: Duration::from_secs(60),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(second)
}

#[test]
fn refusals_in_a_row_rest_longer_and_longer_until_one_goes_through() {
    let (config, mut pauses, mut now) = (config(), Pauses::default(), 0);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        pauses.refused(None, at(now), &config);
        assert_eq!(pauses.until(at(now)), Some(at(now + pause)));
        now += pause;
        assert_eq!(pauses.until(at(now)), None);
    }
    pauses.works(at(now));
    pauses.refused(None, at(now), &config);
    assert_eq!(pauses.until(at(now)), Some(at(now + 1)));
}

#[test]
fn requests_that_were_under_way_together_are_one_refusal() {
    let (config, mut pauses) = (config(), Pauses::default());
    for _ in 0..32 {
        pauses.refused(None, at(0), &config);
    }
    assert_eq!(pauses.until(at(0)), Some(at(1)));
    // One of them was taken: that was before the refusal.
    pauses.works(at(0));
    pauses.refused(None, at(1), &config);
    assert_eq!(pauses.until(at(1)), Some(at(3)));
}

#[test]
fn a_pause_is_never_shortened() {
    let (config, mut pauses) = (config(), Pauses::default());
    let secs = |n| Some(Duration::from_secs(n));
    pauses.refused(secs(30), at(0), &config);
    pauses.refused(secs(5), at(1), &config);
    pauses.refused(None, at(2), &config);
    for _ in 0..5 {
        assert!(!pauses.failed(at(2), &config));
    }
    assert_eq!(pauses.until(at(2)), Some(at(30)));
    pauses.refused(secs(90), at(3), &config);
    assert_eq!(pauses.until(at(3)), Some(at(93)));
}

#[test]
fn five_failures_in_a_row_rest_the_number_and_each_later_one_longer() {
    let (config, mut pauses) = (config(), Pauses::default());
    for _ in 0..4 {
        assert!(!pauses.failed(at(0), &config));
    }
    pauses.works(at(0));
    for _ in 0..4 {
        assert!(!pauses.failed(at(0), &config));
    }
    assert!(pauses.failed(at(0), &config));
    assert_eq!(pauses.until(at(0)), Some(at(1)));
    assert!(pauses.failed(at(1), &config));
    assert_eq!(pauses.until(at(1)), Some(at(3)));
}

#[test]
fn a_refused_rate_is_not_a_try_of_the_message() {
    let after = Some(Duration::from_secs(7));
    let error = SendError::NumberRate {
        code: 130_429,
        after,
    };
    let judged = judge(Err(error), 4, at(0), &config());
    assert_eq!(judged.number, Number::Refused { after });
    let back = SendOutcome::Requeue {
        at: at(0),
        counted: false,
    };
    assert_eq!(judged.outcome, back);
}
