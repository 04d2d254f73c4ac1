//! What the facts come to by day: whenever they change, they are taken away as they were and
//! counted as they are.

use crate::engine::columns::{from_json, json};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use chrono::NaiveDate;
use papo_domain::Timestamp;
use papo_domain::ids::TenantId;
use papo_domain::metrics::{SessionFacts, StretchFacts, Tally};
use papo_domain::tenant::{BusinessHours, TenantPolicy};
use std::collections::BTreeMap;
use uuid::Uuid;

const POLICY: &str = "SELECT t.policy::text FROM tenants t WHERE t.tenant_id = $1";

const DAYS: &str = "
SELECT u.place, d.tally::text
FROM unnest($2::text[], $3::date[], $4::uuid[]) WITH ORDINALITY AS u(slice, day, key, place)
CROSS JOIN LATERAL (
    SELECT * FROM attendance_days a
    WHERE a.tenant_id = $1 AND a.slice = u.slice AND a.day = u.day AND a.key = u.key
    LIMIT 1
) d";

const KEEP: &str = "
INSERT INTO attendance_days (tenant_id, slice, day, key, tally)
SELECT $1, u.slice, u.day, u.key, u.tally::json
FROM unnest($2::text[], $3::date[], $4::uuid[], $5::text[]) AS u(slice, day, key, tally)
ON CONFLICT (tenant_id, slice, day, key) DO UPDATE SET tally = EXCLUDED.tally";

const THROW_AWAY: &str = "DELETE FROM attendance_days a WHERE a.tenant_id = $1";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[POLICY, DAYS, KEEP, THROW_AWAY];

/// Throws all days of a tenant away.
pub(super) async fn throw_away(link: &Link, tenant: TenantId) -> Result<(), Fault> {
    link.execute(THROW_AWAY, &[&tenant.0]).await?;
    Ok(())
}

/// A part of the attendance, on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    slice: &'static str,
    day: NaiveDate,
    key: Uuid,
}

/// Changes of tallies.
pub(super) struct Changes {
    hours: BusinessHours,
    tallies: BTreeMap<Part, Tally>,
}

impl Changes {
    /// None yet.
    pub(super) async fn none(link: &Link, tenant: TenantId) -> Result<Self, Fault> {
        let rows = link.query(POLICY, &[&tenant.0]).await?;
        let policy: TenantPolicy = match rows.first() {
            Some(row) => from_json("tenants.policy", &row.try_get::<String>(0)?)?,
            None => TenantPolicy::default(),
        };
        Ok(Self {
            hours: policy.business_hours,
            tallies: BTreeMap::new(),
        })
    }

    /// The day of a moment, in the tenant's time zone as it is now. Whatever was counted on a day
    /// stays there, though the zone changes: it is taken away where it was counted.
    pub(super) fn day(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.hours.timezone).date_naive()
    }

    /// Counts a session on `day` that was `before`, if it was there.
    pub(super) fn session(
        &mut self,
        channel: Uuid,
        day: NaiveDate,
        before: Option<&SessionFacts>,
        now: &SessionFacts,
    ) {
        for (facts, times) in before
            .map(|facts| (facts, -1))
            .into_iter()
            .chain([(now, 1)])
        {
            let department = facts.department.map(|id| id.0);
            let attendant = facts.last_user.map(|id| id.0);
            // Whoever nobody attended is no attendant's.
            let attendant = facts.taken_at.is_some().then_some(attendant);
            self.each(day, channel, department, attendant, |tally| {
                tally.count_session(facts, times);
            });
        }
    }

    /// Counts a stretch on `day` that was `before`, if it was there.
    pub(super) fn stretch(
        &mut self,
        channel: Uuid,
        day: NaiveDate,
        before: Option<&StretchFacts>,
        now: &StretchFacts,
    ) {
        for (facts, times) in before
            .map(|facts| (facts, -1))
            .into_iter()
            .chain([(now, 1)])
        {
            let department = facts.department.map(|id| id.0);
            let attendant = facts.user.map(|id| id.0);
            self.each(day, channel, department, Some(attendant), |tally| {
                tally.count_stretch(facts, times);
            });
        }
    }

    fn each(
        &mut self,
        day: NaiveDate,
        channel: Uuid,
        department: Option<Uuid>,
        attendant: Option<Option<Uuid>>,
        mut count: impl FnMut(&mut Tally),
    ) {
        let parts = [
            Some(("whole", Uuid::nil())),
            Some(("department", department.unwrap_or_default())),
            Some(("channel", channel)),
            attendant.map(|user| ("attendant", user.unwrap_or_default())),
        ];
        for (slice, key) in parts.into_iter().flatten() {
            count(self.tallies.entry(Part { slice, day, key }).or_default());
        }
    }

    /// Adds the changes to what is stored. The caller holds the follower's cursor, so nobody else
    /// does so meanwhile.
    pub(super) async fn store(mut self, link: &Link, tenant: TenantId) -> Result<(), Fault> {
        self.tallies.retain(|_, tally| *tally != Tally::default());
        if self.tallies.is_empty() {
            return Ok(());
        }
        let slices: Vec<&str> = self.tallies.keys().map(|part| part.slice).collect();
        let days: Vec<NaiveDate> = self.tallies.keys().map(|part| part.day).collect();
        let keys: Vec<Uuid> = self.tallies.keys().map(|part| part.key).collect();
        let rows = link
            .query(DAYS, &[&tenant.0, &slices, &days, &keys])
            .await?;
        let mut tallies: Vec<Tally> = self.tallies.into_values().collect();
        for row in &rows {
            let stored: Tally = from_json("attendance_days.tally", &row.try_get::<String>(1)?)?;
            let place = usize::try_from(row.try_get::<i64>(0)? - 1).unwrap_or(usize::MAX);
            if let Some(tally) = tallies.get_mut(place) {
                tally.merge(&stored);
            }
        }
        let tallies: Vec<String> = tallies.iter().map(json).collect::<Result<_, _>>()?;
        link.execute(KEEP, &[&tenant.0, &slices, &days, &keys, &tallies])
            .await?;
        Ok(())
    }
}
