//! The jobs of a commit: work that somebody outside of the lane will do when it is committed.

use crate::engine::columns::{json, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::children::Winner;
use papo_domain::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One that has ended begins anew; one that is open stays as it is.
const JOBS: &str = "
INSERT INTO jobs (tenant_id, kind, key, payload, next_at)
SELECT u.tenant_id, u.kind, u.key, u.payload::json, coalesce(u.due, now())
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     AS u(tenant_id, kind, key, payload, due)
ON CONFLICT (tenant_id, kind, key) DO UPDATE
SET state = 'pending', attempts = 0, payload = excluded.payload, next_at = excluded.next_at,
    last_error = NULL
WHERE jobs.state IN ('done', 'dead')";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[JOBS];

/// Stores the jobs of every commit.
pub(crate) async fn store(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    // One statement touches a row once: of those with one key, the last counts.
    let jobs: BTreeMap<_, _> = winners
        .iter()
        .flat_map(|(tenant, commit)| commit.jobs.iter().map(move |job| (tenant.0, job)))
        .map(|(tenant, job)| ((tenant, job.kind, text(&job.key)), job))
        .collect();
    if jobs.is_empty() {
        return Ok(());
    }
    let tenants: Vec<Uuid> = jobs.keys().map(|(tenant, _, _)| *tenant).collect();
    let kinds: Vec<&str> = jobs.keys().map(|(_, kind, _)| *kind).collect();
    let keys: Vec<&Cow<'_, str>> = jobs.keys().map(|(_, _, key)| key).collect();
    let payloads: Vec<String> = jobs
        .values()
        .map(|job| json(&job.payload))
        .collect::<Result<_, _>>()?;
    let due: Vec<Option<Timestamp>> = jobs.values().map(|job| job.due).collect();
    link.execute(JOBS, &[&tenants, &kinds, &keys, &payloads, &due])
        .await?;
    Ok(())
}
