//! Jobs as the node that does them sees them: taken under the lease of their tenant's shard, and
//! ended by whoever took them. A job may be done more than once: after a crash, or where its end
//! could not be told. What it does must bear that.

use crate::engine::columns::from_json;
use crate::engine::fault::Fault;
use crate::engine::statement::{Params, Row};
use crate::engine::store::PgEngineStore;
use papo_domain::TenantId;
use papo_domain::ports::StoreError;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// Those of an earlier life of this node or of another one, and those whose time is over, are not
/// running any more. The process that had them may have died of them, so their attempt stays
/// counted.
const FREE: &str = "
UPDATE jobs j
SET state = 'pending', next_at = now(), last_error = 'interrupted'
FROM shard_leases l
JOIN tenants t ON t.shard = l.shard
CROSS JOIN LATERAL (
    SELECT r.ctid FROM jobs r
    WHERE r.tenant_id = t.tenant_id AND r.state = 'running'
      AND (r.lease_epoch < l.epoch OR r.next_at <= now())
    FOR UPDATE SKIP LOCKED
) f
WHERE l.node = $1 AND l.lease_until > now() AND j.ctid = f.ctid";

/// The oldest due ones, of each tenant a few: one that has much to do must not keep others waiting.
const CLAIM: &str = "
WITH due AS (
    SELECT d.ctid, l.epoch
    FROM shard_leases l
    JOIN tenants t ON t.shard = l.shard
    CROSS JOIN LATERAL (
        SELECT j.ctid, j.next_at FROM jobs j
        WHERE j.tenant_id = t.tenant_id AND j.state = 'pending' AND j.next_at <= now()
          AND j.kind = ANY ($2::text[])
        ORDER BY j.next_at
        LIMIT $4
        FOR UPDATE SKIP LOCKED
    ) d
    WHERE l.node = $1 AND l.lease_until > now() AND t.tenant_id <> ALL ($3::uuid[])
    ORDER BY d.next_at
    LIMIT $5
)
UPDATE jobs j
SET state = 'running', attempts = j.attempts + 1, lease_epoch = due.epoch, again_at = NULL,
    next_at = now() + $6 * interval '1 second'
FROM due
WHERE j.ctid = due.ctid
RETURNING j.tenant_id, j.id, j.kind, j.key, j.payload::text, j.attempts";

/// Whoever asked for it while it ran gets it begun anew; one that goes on does that by itself.
const END: &str = "
UPDATE jobs
SET state = CASE WHEN again_at IS NULL THEN $4 ELSE 'pending' END,
    next_at = CASE WHEN again_at IS NULL OR $4 = 'pending'
                   THEN now() + $5 * interval '1 second' ELSE again_at END,
    last_error = CASE WHEN again_at IS NULL OR $4 = 'pending' THEN $6 END,
    attempts = CASE WHEN again_at IS NULL OR $4 = 'pending' THEN attempts - $7 ELSE 0 END,
    again_at = NULL
WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'running'";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[FREE, CLAIM, END];

/// Which jobs are wanted.
#[derive(Clone, Debug)]
pub struct JobsWanted {
    /// Kinds that this process can do.
    pub kinds: Vec<&'static str>,
    /// Tenants that have as many at work as they may.
    pub except: Vec<TenantId>,
    /// At most so many in all.
    pub limit: usize,
    /// At most so many of one tenant.
    pub per_tenant: usize,
    /// After this time nobody believes any more that they are being done.
    pub lease: Duration,
}

/// A job that this process is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedJob {
    pub tenant: TenantId,
    pub id: i64,
    pub kind: String,
    pub key: String,
    pub payload: Value,
    /// Which try this is, 1 for the first.
    pub attempt: u32,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    Done,
    /// Again after this time; `counted` tells whether this was a try.
    Again {
        after: Duration,
        error: String,
        counted: bool,
    },
    /// Never again, unless a person says so.
    Dead {
        error: String,
    },
}

impl PgEngineStore {
    /// Takes jobs that are due, of tenants whose shard this node holds.
    ///
    /// # Errors
    /// The database is away.
    pub async fn claim_jobs(&self, wanted: &JobsWanted) -> Result<Vec<ClaimedJob>, StoreError> {
        let link = self.readers().link().await?;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let except: Vec<Uuid> = wanted.except.iter().map(|tenant| tenant.0).collect();
        let (limit, per_tenant) = (count(wanted.limit), count(wanted.per_tenant));
        let (node, lease) = (self.node(), wanted.lease.as_secs_f64());
        let free: Params<'_> = &[&node];
        let claim: Params<'_> = &[&node, &wanted.kinds, &except, &per_tenant, &limit, &lease];
        let (_, rows) = tokio::try_join!(
            biased;
            link.execute(FREE, free),
            link.query(CLAIM, claim),
        )?;
        Ok(rows.iter().map(claimed).collect::<Result<_, _>>()?)
    }

    /// Tells how a try ended. Changes nothing where the job was given to somebody else meanwhile.
    ///
    /// # Errors
    /// The database is away; the job will be done again when its lease is over.
    pub async fn end_job(&self, job: &ClaimedJob, end: &JobEnd) -> Result<(), StoreError> {
        let (state, after, error, uncounted) = match end {
            JobEnd::Done => ("done", Duration::ZERO, None, 0),
            JobEnd::Again {
                after,
                error,
                counted,
            } => ("pending", *after, Some(error), i32::from(!counted)),
            JobEnd::Dead { error } => ("dead", Duration::ZERO, Some(error), 0),
        };
        let attempt = i32::try_from(job.attempt).unwrap_or(i32::MAX);
        let link = self.readers().link().await?;
        link.execute(
            END,
            &[
                &job.tenant.0,
                &job.id,
                &attempt,
                &state,
                &after.as_secs_f64(),
                &error.map(String::as_str),
                &uncounted,
            ],
        )
        .await?;
        Ok(())
    }
}

fn claimed(row: &Row) -> Result<ClaimedJob, Fault> {
    let (payload, attempt): (String, i32) = (row.try_get(4)?, row.try_get(5)?);
    Ok(ClaimedJob {
        tenant: TenantId(row.try_get(0)?),
        id: row.try_get(1)?,
        kind: row.try_get(2)?,
        key: row.try_get(3)?,
        payload: from_json("jobs.payload", &payload)?,
        attempt: u32::try_from(attempt).unwrap_or_default(),
    })
}
