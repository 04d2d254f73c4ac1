//! The jobs of a commit: work that somebody outside of the lane will do when it is committed.

use crate::engine::columns::{json, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::children::Winner;
use papo_domain::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One that has ended begins anew, and one that waits stays as it is. One that is being done may have
/// looked before this commit: it begins anew when it has ended.
const JOBS: &str = "
INSERT INTO jobs (tenant_id, kind, key, payload, next_at)
SELECT u.tenant_id, u.kind, u.key, u.payload::json, coalesce(u.due, now())
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
     AS u(tenant_id, kind, key, payload, due)
ON CONFLICT (tenant_id, kind, key) DO UPDATE
SET state = CASE jobs.state WHEN 'running' THEN jobs.state ELSE 'pending' END,
    attempts = CASE jobs.state WHEN 'running' THEN jobs.attempts ELSE 0 END,
    next_at = CASE jobs.state WHEN 'running' THEN jobs.next_at ELSE excluded.next_at END,
    again_at = CASE jobs.state WHEN 'running' THEN least(jobs.again_at, excluded.next_at) END,
    last_error = CASE jobs.state WHEN 'running' THEN jobs.last_error END,
    payload = excluded.payload
WHERE jobs.state <> 'pending'";

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
