//! Opening times: intervals by ISO weekday in the tenant's own time zone, and closed dates.
//! Stored and returned in one spelling ([`super::hours_format`]); accepted in several, since
//! tenants bring configurations that name the days in Portuguese. Knows moments and dates only:
//! what is said to a customer outside of them is the policy's business.

use super::policy::{PolicyFault, fault};
use crate::Timestamp;
use chrono::{Datelike, Days, NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The most intervals of one weekday.
const INTERVALS_MAX: usize = 8;
/// The most closed dates.
const HOLIDAYS_MAX: usize = 400;
/// How many days ahead the next opening is looked for.
const HORIZON_DAYS: u64 = 31;

/// Opening times by ISO weekday, in the tenant's own time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    /// Whether the intervals count at all; without them it is always open but on holidays.
    pub active: bool,
    /// IANA zone of the intervals and of the holidays.
    pub timezone: Tz,
    /// Opening intervals by ISO weekday, 1 (Monday) to 7. A day without any is closed, unless
    /// no day has any.
    pub weekly: BTreeMap<u8, Vec<Interval>>,
    /// Dates on which it is closed all day.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Default for BusinessHours {
    /// Always open, in the time of São Paulo.
    fn default() -> Self {
        Self {
            active: true,
            timezone: Tz::America__Sao_Paulo,
            weekly: BTreeMap::new(),
            holidays: BTreeSet::new(),
        }
    }
}

/// From–to within one day; `from` belongs to it, `to` does not. Never empty and never across
/// midnight: a night shift is two intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    from: TimeOfDay,
    to: TimeOfDay,
}

/// A minute of a day, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

/// No time of day, or no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseTimeError {
    #[error("not a time of day (hh:mm)")]
    Time,
    #[error("must end after it begins, on the same day")]
    Order,
}

impl BusinessHours {
    /// Whether it is always open, holidays aside.
    #[must_use]
    pub fn always_open(&self) -> bool {
        !self.active || self.weekly.values().all(Vec::is_empty)
    }

    /// Whether somebody is there at `at`.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = at.with_timezone(&self.timezone);
        let minute = local
            .hour()
            .saturating_mul(60)
            .saturating_add(local.minute());
        self.intervals(local.date_naive())
            .iter()
            .any(|i| (i.from.minute()..i.to.minute()).contains(&minute))
    }

    /// When it opens next, strictly after `at`; `None` when that is more than a month away.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        let today = at.with_timezone(&self.timezone).date_naive();
        (0..HORIZON_DAYS)
            .filter_map(|ahead| today.checked_add_days(Days::new(ahead)))
            .flat_map(|day| {
                self.intervals(day)
                    .into_iter()
                    .filter_map(move |i| self.moment(day, i.from))
            })
            .find(|opening| *opening > at)
    }

    /// What cannot be used, by field.
    #[must_use]
    pub fn check(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        if !self.weekly.is_empty() && self.weekly.values().all(Vec::is_empty) {
            faults.push(fault("weekly", "names days but no hours"));
        }
        for (day, intervals) in &self.weekly {
            let field = format!("weekly.{day}");
            if !(1..=7).contains(day) {
                faults.push(fault(&field, "is not an ISO weekday (1 to 7)"));
            }
            if intervals.len() > INTERVALS_MAX {
                faults.push(fault(&field, "has more than 8 intervals"));
            }
            let mut sorted = intervals.clone();
            sorted.sort_unstable();
            if sorted.windows(2).any(|pair| match pair {
                [earlier, later] => later.from < earlier.to,
                _ => false,
            }) {
                faults.push(fault(&field, "has overlapping intervals"));
            }
        }
        if self.holidays.len() > HOLIDAYS_MAX {
            faults.push(fault("holidays", "has more than 400 dates"));
        }
        faults
    }

    fn intervals(&self, day: NaiveDate) -> Vec<Interval> {
        if self.holidays.contains(&day) {
            return Vec::new();
        }
        if self.always_open() {
            return vec![Interval::WHOLE_DAY];
        }
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        let mut intervals = self.weekly.get(&weekday).cloned().unwrap_or_default();
        intervals.sort_unstable();
        intervals
    }

    /// A clock change may skip this minute; the place then opens at the next one that exists.
    fn moment(&self, day: NaiveDate, time: TimeOfDay) -> Option<Timestamp> {
        (time.minute()..time.minute().saturating_add(180)).find_map(|minute| {
            let naive = day.and_hms_opt(minute / 60, minute % 60, 0)?;
            let local = self.timezone.from_local_datetime(&naive).earliest()?;
            Some(local.to_utc())
        })
    }
}

impl Interval {
    const WHOLE_DAY: Self = Self {
        from: TimeOfDay(0),
        to: TimeOfDay(24 * 60),
    };

    /// The interval between two times of one day.
    ///
    /// # Errors
    /// [`ParseTimeError::Order`] unless `from` comes before `to`.
    pub fn new(from: TimeOfDay, to: TimeOfDay) -> Result<Self, ParseTimeError> {
        if from < to {
            Ok(Self { from, to })
        } else {
            Err(ParseTimeError::Order)
        }
    }

    /// The first minute.
    #[must_use]
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// The minute after the last.
    #[must_use]
    pub fn to(self) -> TimeOfDay {
        self.to
    }
}

impl FromStr for Interval {
    type Err = ParseTimeError;

    /// `09:00-18:00`, with a hyphen or a dash.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (from, to) = s.split_once(['-', '–']).ok_or(ParseTimeError::Time)?;
        Self::new(from.trim().parse()?, to.trim().parse()?)
    }
}

impl TimeOfDay {
    /// Minutes since midnight.
    #[must_use]
    pub fn minute(self) -> u32 {
        u32::from(self.0)
    }
}

impl FromStr for TimeOfDay {
    type Err = ParseTimeError;

    /// `hh:mm` or `h:mm`; `24:00` is the end of the day.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str, most: usize| {
            let right =
                (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            right.then(|| part.parse::<u16>().ok()).flatten()
        };
        let (hour, minute) = s.split_once(':').ok_or(ParseTimeError::Time)?;
        let (Some(hour), Some(minute), 2) = (digits(hour, 2), digits(minute, 2), minute.len())
        else {
            return Err(ParseTimeError::Time);
        };
        let total = hour * 60 + minute;
        if minute < 60 && total <= 24 * 60 {
            Ok(Self(total))
        } else {
            Err(ParseTimeError::Time)
        }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
