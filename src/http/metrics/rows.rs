//! Days added up: by day, by part, or all together.

use super::period::Period;
use super::view::MeasuresView;
use crate::app::AppState;
use crate::error::ApiError;
use chrono::NaiveDate;
use papo_domain::TenantId;
use papo_domain::metrics::Tally;
use papo_storage::app::{DayTally, Slice};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What was done, and how often customers gave one to five stars.
type Sums<K> = BTreeMap<K, (Tally, [i64; 5])>;

/// What some days came to, by whatever they were added up by.
pub(super) struct Rows<K> {
    rows: Sums<K>,
}

/// The days of a period, added up by what `key` makes of day and part.
pub(super) async fn add_up<K: Ord + Send>(
    app: &AppState,
    tenant: TenantId,
    period: Period,
    (slice, part): (Slice, Option<Uuid>),
    key: impl Fn(NaiveDate, Uuid) -> K + Sync,
) -> Result<Rows<K>, ApiError> {
    let days = period.days(slice, part);
    let add = |rows: &mut Sums<K>, day: DayTally| {
        let (tally, _) = rows.entry(key(day.day, day.key)).or_default();
        tally.merge(&day.tally);
    };
    let mut rows = app
        .database
        .fold_days(tenant, &days, Sums::new(), add)
        .await?;
    let ratings = period.ratings(slice, part);
    let ratings = app.database.ratings(tenant, &ratings).await?;
    for rated in ratings {
        let (_, given) = rows.entry(key(rated.day, rated.key)).or_default();
        let place = usize::try_from(rated.stars - 1).ok();
        if let Some(count) = place.and_then(|place| given.get_mut(place)) {
            *count += rated.given;
        }
    }
    Ok(Rows { rows })
}

impl<K: Ord> Rows<K> {
    /// The measures of one row; of nothing where there is none.
    pub(super) fn get(&self, key: &K) -> MeasuresView {
        self.rows
            .get(key)
            .map(|(tally, ratings)| MeasuresView::of(tally, *ratings))
            .unwrap_or_default()
    }

    /// The measures of all rows together.
    pub(super) fn total(&self) -> MeasuresView {
        let mut all = (Tally::default(), [0; 5]);
        for (tally, ratings) in self.rows.values() {
            all.0.merge(tally);
            for (sum, given) in all.1.iter_mut().zip(ratings) {
                *sum += given;
            }
        }
        MeasuresView::of(&all.0, all.1)
    }

    /// Every row, in the order of the keys.
    pub(super) fn into_views(self) -> impl Iterator<Item = (K, MeasuresView)> {
        self.rows
            .into_iter()
            .map(|(key, (tally, ratings))| (key, MeasuresView::of(&tally, ratings)))
    }
}

/// All that was done, or one part of it: at most one of the ids may be given.
pub(super) fn part(
    department: Option<Uuid>,
    channel: Option<Uuid>,
    attendant: Option<Uuid>,
) -> Result<(Slice, Option<Uuid>), ApiError> {
    match (department, channel, attendant) {
        (None, None, None) => Ok((Slice::Whole, None)),
        (Some(id), None, None) => Ok((Slice::Department, Some(id))),
        (None, Some(id), None) => Ok((Slice::Channel, Some(id))),
        (None, None, Some(id)) => Ok((Slice::Attendant, Some(id))),
        _ => Err(ApiError::invalid(
            "department_id",
            "only one of department_id, channel_id and user_id can be given",
        )),
    }
}
