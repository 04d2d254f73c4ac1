//! Reports on attendance, from the days that the follower keeps. Read only. What each measure means
//! is said in `papo_domain::metrics`.

use crate::{Database, DbError};
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::TryStreamExt as _;
use papo_domain::metrics::Tally;
use papo_domain::{TenantId, Timestamp};
use uuid::Uuid;

/// By what the attendance is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slice {
    Whole,
    Department,
    Channel,
    /// Who led last; of stretches, who led.
    Attendant,
}

/// Which days, and which of the slice's parts.
#[derive(Clone, Copy, Debug)]
pub struct DaysQuery {
    pub slice: Slice,
    /// One part; all of them if left out.
    pub key: Option<Uuid>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// What a part came to on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DayTally {
    pub day: NaiveDate,
    /// The nil id for the whole, and for what has no department, or was led on the phone.
    pub key: Uuid,
    pub tally: Tally,
}

/// Which ratings.
#[derive(Clone, Debug)]
pub struct RatingsQuery {
    pub slice: Slice,
    pub key: Option<Uuid>,
    pub from: Timestamp,
    pub until: Timestamp,
    /// IANA name of the zone whose days count.
    pub timezone: String,
}

/// How often customers gave so many stars to a part on a day.
#[derive(Clone, Debug, QueryableByName)]
pub struct DayRating {
    #[diesel(sql_type = Date)]
    pub day: NaiveDate,
    /// As in [`DayTally`].
    #[diesel(sql_type = SqlUuid)]
    pub key: Uuid,
    /// 1 to 5.
    #[diesel(sql_type = SmallInt)]
    pub stars: i16,
    #[diesel(sql_type = BigInt)]
    pub given: i64,
}

#[derive(QueryableByName)]
struct Day {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = Text)]
    tally: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

impl Slice {
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Department => "department",
            Self::Channel => "channel",
            Self::Attendant => "attendant",
        }
    }
}

impl Database {
    /// What the days of a period came to, `folded` one after the other as they are read: a year of
    /// many attendants is a lot to hold at once. Days without anything have no row.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn fold_days<T: Send>(
        &self,
        tenant: TenantId,
        wanted: &DaysQuery,
        mut folded: T,
        mut fold: impl FnMut(&mut T, DayTally) + Send,
    ) -> Result<T, DbError> {
        let query = diesel::sql_query(
            "SELECT day, key, tally::text AS tally FROM attendance_days
             WHERE tenant_id = $1 AND slice = $2 AND day >= $3 AND day <= $4
               AND ($5::uuid IS NULL OR key = $5)",
        )
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<Text, _>(wanted.slice.name())
        .bind::<Date, _>(wanted.from)
        .bind::<Date, _>(wanted.to)
        .bind::<Nullable<SqlUuid>, _>(wanted.key);
        self.scoped(tenant, async move |conn| {
            let mut rows = query.load_stream::<Day>(conn).await?;
            while let Some(row) = rows.try_next().await? {
                let tally = serde_json::from_str(&row.tally)
                    .map_err(|error| DbError::corrupt("attendance_days.tally", error))?;
                let day = DayTally {
                    day: row.day,
                    key: row.key,
                    tally,
                };
                fold(&mut folded, day);
            }
            Ok(folded)
        })
        .await
    }

    /// What customers said of their sessions in a period.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn ratings(
        &self,
        tenant: TenantId,
        wanted: &RatingsQuery,
    ) -> Result<Vec<DayRating>, DbError> {
        let query = diesel::sql_query(include_str!("sql/metrics_ratings.sql"))
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<Timestamptz, _>(wanted.from)
            .bind::<Timestamptz, _>(wanted.until)
            .bind::<Text, _>(wanted.slice.name())
            .bind::<Text, _>(&wanted.timezone)
            .bind::<Nullable<SqlUuid>, _>(wanted.key);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// The names of the parts of a slice.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn part_names(
        &self,
        tenant: TenantId,
        slice: Slice,
    ) -> Result<Vec<(Uuid, String)>, DbError> {
        let sql = match slice {
            Slice::Whole => return Ok(Vec::new()),
            Slice::Department => "SELECT id, name FROM departments WHERE tenant_id = $1",
            Slice::Channel => "SELECT id, name FROM channels WHERE tenant_id = $1",
            Slice::Attendant => "SELECT id, full_name AS name FROM users WHERE tenant_id = $1",
        };
        let query = diesel::sql_query(sql).bind::<SqlUuid, _>(tenant.0);
        let names: Vec<Name> = self
            .scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await?;
        Ok(names.into_iter().map(|row| (row.id, row.name)).collect())
    }
}
