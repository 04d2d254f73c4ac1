//! Reports on attendance, from the facts that the follower keeps. Read only. What each measure
//! means is said in `papo_domain::metrics`.

use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Double, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use papo_domain::{ChannelId, DepartmentId, TenantId, Timestamp, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What rows are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// One row for everything.
    Whole,
    /// Days of the tenant's time zone.
    Day,
    Department,
    Channel,
    Attendant,
}

/// Which sessions count.
#[derive(Clone, Debug)]
pub struct MetricsQuery {
    pub from: Timestamp,
    pub until: Timestamp,
    /// IANA name of the zone whose days count.
    pub timezone: String,
    pub department: Option<DepartmentId>,
    pub channel: Option<ChannelId>,
    /// Who led last; of stretches, who led.
    pub attendant: Option<UserId>,
}

/// Median and 90th percentile of some spans, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// How many were measured.
    pub count: i64,
    pub median: Option<f64>,
    pub p90: Option<f64>,
}

/// The measures of one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures {
    pub sessions: i64,
    pub ended: i64,
    pub resolved: i64,
    pub contained: i64,
    pub handoffs: i64,
    pub transfers: i64,
    pub inbound: i64,
    pub bot: i64,
    pub staff: i64,
    pub waiting: Spread,
    pub first_answer: Spread,
    pub duration: Spread,
    /// Stretches in which a person led.
    pub attended: i64,
    pub closed: i64,
    pub handed_on: i64,
    pub sent: i64,
    pub handling: Spread,
    /// A person's first words after they began to lead.
    pub own_answer: Spread,
    /// How often each of 1 to 5 was given.
    pub ratings: [i64; 5],
}

/// The measures by key: a day as `YYYY-MM-DD`, or an id; `None` for what has no department,
/// no attendant, or for the whole.
pub type MeasureRows = BTreeMap<Option<String>, Measures>;

#[derive(QueryableByName)]
struct Sessions {
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = BigInt)]
    sessions: i64,
    #[diesel(sql_type = BigInt)]
    ended: i64,
    #[diesel(sql_type = BigInt)]
    resolved: i64,
    #[diesel(sql_type = BigInt)]
    contained: i64,
    #[diesel(sql_type = BigInt)]
    handoffs: i64,
    #[diesel(sql_type = BigInt)]
    transfers: i64,
    #[diesel(sql_type = BigInt)]
    inbound: i64,
    #[diesel(sql_type = BigInt)]
    bot: i64,
    #[diesel(sql_type = BigInt)]
    staff: i64,
    #[diesel(sql_type = BigInt)]
    waited: i64,
    #[diesel(sql_type = Nullable<Array<Double>>)]
    waiting: Option<Vec<f64>>,
    #[diesel(sql_type = BigInt)]
    answered: i64,
    #[diesel(sql_type = Nullable<Array<Double>>)]
    first_answer: Option<Vec<f64>>,
    #[diesel(sql_type = Nullable<Array<Double>>)]
    duration: Option<Vec<f64>>,
}

#[derive(QueryableByName)]
struct Stretches {
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = BigInt)]
    attended: i64,
    #[diesel(sql_type = BigInt)]
    handled: i64,
    #[diesel(sql_type = BigInt)]
    closed: i64,
    #[diesel(sql_type = BigInt)]
    handed_on: i64,
    #[diesel(sql_type = BigInt)]
    sent: i64,
    #[diesel(sql_type = Nullable<Array<Double>>)]
    handling: Option<Vec<f64>>,
    #[diesel(sql_type = BigInt)]
    answered: i64,
    #[diesel(sql_type = Nullable<Array<Double>>)]
    answer: Option<Vec<f64>>,
}

#[derive(QueryableByName)]
struct Ratings {
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = SmallInt)]
    stars: i16,
    #[diesel(sql_type = BigInt)]
    given: i64,
}

impl Grouping {
    fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Day => "day",
            Self::Department => "department",
            Self::Channel => "channel",
            Self::Attendant => "attendant",
        }
    }
}

impl Spread {
    fn of(count: i64, spread: Option<Vec<f64>>) -> Self {
        let mut spread = spread.into_iter().flatten();
        Self {
            count,
            median: spread.next(),
            p90: spread.next(),
        }
    }
}

impl Sessions {
    fn into(self, row: &mut Measures) {
        row.sessions = self.sessions;
        row.ended = self.ended;
        row.resolved = self.resolved;
        row.contained = self.contained;
        row.handoffs = self.handoffs;
        row.transfers = self.transfers;
        row.inbound = self.inbound;
        row.bot = self.bot;
        row.staff = self.staff;
        row.waiting = Spread::of(self.waited, self.waiting);
        row.first_answer = Spread::of(self.answered, self.first_answer);
        row.duration = Spread::of(self.ended, self.duration);
    }
}

impl Stretches {
    fn into(self, row: &mut Measures) {
        row.attended = self.attended;
        row.closed = self.closed;
        row.handed_on = self.handed_on;
        row.sent = self.sent;
        row.handling = Spread::of(self.handled, self.handling);
        row.own_answer = Spread::of(self.answered, self.answer);
    }
}

/// Binds the parameters that all queries of a report have in common.
macro_rules! report {
    ($sql:literal, $tenant:expr, $query:expr, $grouping:expr) => {
        diesel::sql_query(include_str!($sql))
            .bind::<SqlUuid, _>($tenant.0)
            .bind::<Timestamptz, _>($query.from)
            .bind::<Timestamptz, _>($query.until)
            .bind::<Text, _>($grouping.name())
            .bind::<Text, _>(&$query.timezone)
            .bind::<Nullable<SqlUuid>, _>($query.department.map(Uuid::from))
            .bind::<Nullable<SqlUuid>, _>($query.channel.map(|id| id.0))
            .bind::<Nullable<SqlUuid>, _>($query.attendant.map(|id| id.0))
    };
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
}

impl Database {
    /// The names of what rows of `grouping` are made for; none for days and for the whole.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn names(
        &self,
        tenant: TenantId,
        grouping: Grouping,
    ) -> Result<Vec<(Uuid, String)>, DbError> {
        let sql = match grouping {
            Grouping::Whole | Grouping::Day => return Ok(Vec::new()),
            Grouping::Department => "SELECT id, name FROM departments WHERE tenant_id = $1",
            Grouping::Channel => "SELECT id, name FROM channels WHERE tenant_id = $1",
            Grouping::Attendant => "SELECT id, full_name AS name FROM users WHERE tenant_id = $1",
        };
        let query = diesel::sql_query(sql).bind::<SqlUuid, _>(tenant.0);
        let names: Vec<Name> = self
            .scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await?;
        Ok(names.into_iter().map(|row| (row.id, row.name)).collect())
    }

    /// The measures of a period, one row for each of `grouping` that has any.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn measures(
        &self,
        tenant: TenantId,
        query: &MetricsQuery,
        grouping: Grouping,
    ) -> Result<MeasureRows, DbError> {
        let (sessions, stretches, ratings) = self
            .scoped(tenant, async |conn| {
                let of_sessions = report!("sql/metrics_sessions.sql", tenant, query, grouping);
                let sessions: Vec<Sessions> = of_sessions.load(&mut *conn).await?;
                let of_stretches = report!("sql/metrics_stretches.sql", tenant, query, grouping);
                let stretches: Vec<Stretches> = of_stretches.load(&mut *conn).await?;
                let of_ratings = report!("sql/metrics_ratings.sql", tenant, query, grouping);
                let ratings: Vec<Ratings> = of_ratings.load(&mut *conn).await?;
                Ok((sessions, stretches, ratings))
            })
            .await?;
        let mut rows = MeasureRows::new();
        for row in sessions {
            let key = row.key.clone();
            row.into(rows.entry(key).or_default());
        }
        for row in stretches {
            let key = row.key.clone();
            row.into(rows.entry(key).or_default());
        }
        for row in ratings {
            let given = usize::try_from(row.stars - 1)
                .ok()
                .and_then(|place| rows.entry(row.key).or_default().ratings.get_mut(place));
            if let Some(given) = given {
                *given += row.given;
            }
        }
        Ok(rows)
    }
}
