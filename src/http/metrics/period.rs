//! Which period and which part of the attendance a report is about.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, FieldFault};
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use papo_domain::{Permission, TenantId};
use papo_storage::app::{DaysQuery, RatingsQuery, Slice};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The most days of a report: a year and the day it may be longer.
const DAYS_MAX: i64 = 366;
/// Days of a report that does not say: today and the 29 before it.
const DAYS: u64 = 30;

/// The days of a report.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Period {
    /// First day.
    pub(super) from: NaiveDate,
    /// Last day.
    pub(super) to: NaiveDate,
    /// Zone whose days they are: that of the tenant's business hours.
    #[schema(value_type = String, example = "America/Sao_Paulo")]
    #[serde(serialize_with = "name")]
    pub(super) timezone: Tz,
}

fn name<S: serde::Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

/// Checks that the caller may see reports, and makes out the period.
pub(super) async fn open(
    app: &AppState,
    user: &CurrentUser,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<(TenantId, Period), ApiError> {
    user.must(Permission::HandoffManage)?;
    let tenant = user.tenant()?;
    let timezone = app
        .database
        .find_tenant_by_id(tenant)
        .await?
        .policy
        .business_hours
        .timezone;
    let today = app.clock.now().with_timezone(&timezone).date_naive();
    let to = to.unwrap_or(today);
    let from = from
        .or_else(|| to.checked_sub_days(Days::new(DAYS - 1)))
        .unwrap_or(to);
    let days = to.signed_duration_since(from).num_days() + 1;
    if days < 1 {
        let fault = FieldFault::new("to", "must not be before from");
        return Err(ApiError::Invalid(vec![fault]));
    }
    if days > DAYS_MAX {
        let fault = FieldFault::new("from", "must be at most 366 days before to");
        return Err(ApiError::Invalid(vec![fault]));
    }
    Ok((tenant, Period { from, to, timezone }))
}

impl Period {
    /// The days just before, as many.
    pub(super) fn before(self) -> Option<Self> {
        let days = self.to.signed_duration_since(self.from).num_days() + 1;
        let days = Days::new(u64::try_from(days).ok()?);
        Some(Self {
            from: self.from.checked_sub_days(days)?,
            to: self.to.checked_sub_days(days)?,
            timezone: self.timezone,
        })
    }

    /// Its days, of a slice or one of its parts.
    pub(super) fn days(self, slice: Slice, key: Option<Uuid>) -> DaysQuery {
        DaysQuery {
            slice,
            key,
            from: self.from,
            to: self.to,
        }
    }

    /// Its ratings, of a slice or one of its parts.
    pub(super) fn ratings(self, slice: Slice, key: Option<Uuid>) -> RatingsQuery {
        let until = self.to.checked_add_days(Days::new(1)).unwrap_or(self.to);
        RatingsQuery {
            slice,
            key,
            from: midnight(self.from, self.timezone),
            until: midnight(until, self.timezone),
            timezone: self.timezone.name().to_owned(),
        }
    }
}

/// When a day begins; where the clocks leave out midnight, after what they leave out.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    (0..4)
        .filter_map(|hour| day.and_hms_opt(hour, 0, 0))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(
            || DateTime::from_naive_utc_and_offset(day.into(), Utc),
            |at| at.with_timezone(&Utc),
        )
}

#[cfg(test)]
mod tests {
    use super::{Period, midnight};
    use chrono::NaiveDate;
    use chrono_tz::Tz;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a day")
    }

    #[test]
    fn a_day_begins_when_the_zone_says() {
        let zone = Tz::America__Sao_Paulo;
        let plain = midnight(day(2026, 11, 22), zone);
        assert_eq!(plain.to_rfc3339(), "2026-11-22T03:00:00+00:00");
        // Summer time began at midnight, which never was.
        let skipped = midnight(day(2018, 11, 4), zone);
        assert_eq!(skipped.to_rfc3339(), "2018-11-04T03:00:00+00:00");
    }

    #[test]
    fn the_period_before_is_as_long() {
        let period = Period {
            from: day(2026, 3, 1),
            to: day(2026, 3, 7),
            timezone: Tz::UTC,
        };
        let before = period.before().expect("before");
        assert_eq!(
            (before.from, before.to),
            (day(2026, 2, 22), day(2026, 2, 28))
        );
    }
}
