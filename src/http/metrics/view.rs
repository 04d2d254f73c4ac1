//! Measures as clients see them.

use papo_storage::app::{Measures, Spread};
use serde::Serialize;
use utoipa::ToSchema;

/// How long something took, in whole seconds.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(super) struct SpreadView {
    /// How many were measured.
    pub(super) count: i64,
    /// Half took no longer; `null` where nothing was measured.
    pub(super) median_seconds: Option<i64>,
    /// Nine of ten took no longer.
    pub(super) p90_seconds: Option<i64>,
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
    /// Ended without a person: neither asked for nor leading.
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
    /// How long a person led.
    pub(super) handling: SpreadView,
    /// From beginning to lead to a person's first words.
    pub(super) own_answer: SpreadView,
    pub(super) satisfaction: SatisfactionView,
}

impl From<Spread> for SpreadView {
    fn from(spread: Spread) -> Self {
        Self {
            count: spread.count,
            median_seconds: spread.median.and_then(whole),
            p90_seconds: spread.p90.and_then(whole),
        }
    }
}

impl From<&Measures> for MeasuresView {
    fn from(row: &Measures) -> Self {
        Self {
            sessions: row.sessions,
            ended: row.ended,
            resolved: row.resolved,
            resolution_rate: rate(row.resolved, row.ended),
            contained: row.contained,
            containment_rate: rate(row.contained, row.ended),
            handoffs: row.handoffs,
            handoff_rate: rate(row.handoffs, row.sessions),
            transfers: row.transfers,
            messages: MessagesView {
                inbound: row.inbound,
                bot: row.bot,
                staff: row.staff,
            },
            waiting: row.waiting.into(),
            first_answer: row.first_answer.into(),
            duration: row.duration.into(),
            attended: row.attended,
            closed: row.closed,
            handed_on: row.handed_on,
            sent: row.sent,
            handling: row.handling.into(),
            own_answer: row.own_answer.into(),
            satisfaction: satisfaction(row.ratings),
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

/// Seconds, rounded; `None` for what no report can mean.
fn whole(seconds: f64) -> Option<i64> {
    let rounded = seconds.round();
    format!("{rounded:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{MeasuresView, SpreadView};
    use papo_storage::app::{Measures, Spread};

    #[test]
    fn nothing_measured_is_not_nought() {
        let view = MeasuresView::from(&Measures::default());
        assert_eq!(view.resolution_rate, None);
        assert_eq!(view.satisfaction.average, None);
        assert_eq!(view.waiting.median_seconds, None);
    }

    #[test]
    fn rates_and_spans_are_rounded() {
        let view = MeasuresView::from(&Measures {
            sessions: 4,
            ended: 3,
            resolved: 2,
            ratings: [1, 0, 0, 0, 2],
            ..Measures::default()
        });
        assert_eq!(view.resolution_rate, Some(0.667));
        assert_eq!(view.satisfaction.average, Some(3.67));
        assert_eq!(view.satisfaction.count, 3);
        let spread = SpreadView::from(Spread {
            count: 2,
            median: Some(61.5),
            p90: Some(119.4),
        });
        assert_eq!(
            (spread.median_seconds, spread.p90_seconds),
            (Some(62), Some(119))
        );
    }
}
