//! Measures as clients see them.

use papo_domain::metrics::{Spans, Tally};
use serde::Serialize;
use utoipa::ToSchema;

/// How long something took, in whole seconds.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(super) struct SpreadView {
    /// How many were measured.
    pub(super) count: i64,
    /// Half took no longer, to one part in 32; `null` where nothing was measured.
    pub(super) median_seconds: Option<u64>,
    /// Nine of ten took no longer.
    pub(super) p90_seconds: Option<u64>,
}

/// What customers said.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(super) struct SatisfactionView {
    pub(super) count: i64,
    /// 1 to 5, to two decimals.
    pub(super) average: Option<f64>,
    /// How often 1, 2, 3, 4 and 5 were given.
    pub(super) given: [i64; 5],
}

/// Messages of sessions.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(super) struct MessagesView {
    pub(super) inbound: i64,
    pub(super) bot: i64,
    pub(super) staff: i64,
}

/// The measures of a part of the attendance. Sessions count where they were opened, stretches of
/// attendance where they began.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(super) struct MeasuresView {
    /// Service sessions that were opened.
    pub(super) sessions: i64,
    /// Of these, how many have ended.
    pub(super) ended: i64,
    /// Ended by staff or by the flow, not because the customer fell silent.
    pub(super) resolved: i64,
    /// `resolved` of `ended`, 0 to 1, to three decimals; `null` if none has ended.
    pub(super) resolution_rate: Option<f64>,
    /// Ended without a person: none asked for, none leading, none ending it.
    pub(super) contained: i64,
    /// `contained` of `ended`.
    pub(super) containment_rate: Option<f64>,
    /// In which a person was asked for.
    pub(super) handoffs: i64,
    /// `handoffs` of `sessions`.
    pub(super) handoff_rate: Option<f64>,
    /// From one person to another person or to a queue.
    pub(super) transfers: i64,
    pub(super) messages: MessagesView,
    /// From the first request for a person until one leads.
    pub(super) waiting: SpreadView,
    /// From that request, or from the takeover, to a person's first words.
    pub(super) first_answer: SpreadView,
    /// From opening to end.
    pub(super) duration: SpreadView,
    /// How often a person led.
    pub(super) attended: i64,
    /// How often it ended with the session.
    pub(super) closed: i64,
    /// How often it ended with somebody else, or in a queue.
    pub(super) handed_on: i64,
    /// What those who led said.
    pub(super) sent: i64,
    /// How long a person led, while it was not put out of the way.
    pub(super) handling: SpreadView,
    /// From beginning to lead to a person's first words.
    pub(super) own_answer: SpreadView,
    pub(super) satisfaction: SatisfactionView,
}

impl From<&Spans> for SpreadView {
    fn from(spans: &Spans) -> Self {
        Self {
            count: spans.count(),
            median_seconds: spans.percentile(50),
            p90_seconds: spans.percentile(90),
        }
    }
}

impl MeasuresView {
    /// `ratings`: how often 1 to 5 stars were given.
    pub(super) fn of(tally: &Tally, ratings: [i64; 5]) -> Self {
        Self {
            sessions: tally.sessions,
            ended: tally.ended,
            resolved: tally.resolved,
            resolution_rate: rate(tally.resolved, tally.ended),
            contained: tally.contained,
            containment_rate: rate(tally.contained, tally.ended),
            handoffs: tally.handoffs,
            handoff_rate: rate(tally.handoffs, tally.sessions),
            transfers: tally.transfers,
            messages: MessagesView {
                inbound: tally.inbound,
                bot: tally.bot,
                staff: tally.staff,
            },
            waiting: (&tally.waiting).into(),
            first_answer: (&tally.first_answer).into(),
            duration: (&tally.duration).into(),
            attended: tally.attended,
            closed: tally.closed,
            handed_on: tally.handed_on,
            sent: tally.sent,
            handling: (&tally.handling).into(),
            own_answer: (&tally.own_answer).into(),
            satisfaction: satisfaction(ratings),
        }
    }
}

fn satisfaction(given: [i64; 5]) -> SatisfactionView {
    let count = given.iter().sum();
    let sum: i64 = (1..).zip(given).map(|(stars, given)| stars * given).sum();
    SatisfactionView {
        count,
        average: part(sum, count).map(|average| round(average, 100.0)),
        given,
    }
}

fn rate(some: i64, all: i64) -> Option<f64> {
    part(some, all).map(|rate| round(rate, 1_000.0))
}

fn part(some: i64, all: i64) -> Option<f64> {
    let (some, all) = (i32::try_from(some).ok()?, i32::try_from(all).ok()?);
    (all > 0).then(|| f64::from(some) / f64::from(all))
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::MeasuresView;
    use papo_domain::metrics::Tally;

    #[test]
    fn nothing_measured_is_not_nought() {
        let view = MeasuresView::of(&Tally::default(), [0; 5]);
        assert_eq!(view.resolution_rate, None);
        assert_eq!(view.satisfaction.average, None);
        assert_eq!(view.waiting.median_seconds, None);
    }

    #[test]
    fn rates_are_rounded() {
        let tally = Tally {
            sessions: 4,
            ended: 3,
            resolved: 2,
            ..Tally::default()
        };
        let view = MeasuresView::of(&tally, [1, 0, 0, 0, 2]);
        assert_eq!(view.resolution_rate, Some(0.667));
        assert_eq!(view.satisfaction.average, Some(3.67));
        assert_eq!(view.satisfaction.count, 3);
    }
}
