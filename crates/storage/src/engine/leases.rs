//! Shards and who holds them. Taking raises the epoch under a lock that every writer's
//! transaction excludes, so nothing of an older epoch can be committed after a take.

use crate::engine::columns::{bigint, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Row;
use papo_domain::ids::{Shard, TenantId};
use papo_domain::ports::Lease;
use std::collections::BTreeMap;
use std::time::Duration;

/// Takes free shards, shards whose lease has run out and, at a start, those that this node held in
/// an earlier life; never one that this process holds, since its epoch would rise under it. This
/// process renews what it holds, so a lease of this node that has run out was given up, or the
/// answer to its take was lost: other nodes may take it at once, and this one only a lease's life
/// later, because it may have been given up for them. The rows are locked in the order of shards,
/// so that two takers cannot block each other.
const TAKE: &str = "
WITH mine AS (
    SELECT l.shard FROM shard_leases l
    WHERE l.shard <> ALL ($6::smallint[]) AND (
          l.node IS NULL
       OR l.lease_until < clock_timestamp()
              - CASE WHEN l.node = $1 THEN $2::double precision ELSE 0 END * interval '1 millisecond'
       OR $5 AND l.node = $1 AND NOT EXISTS (
              SELECT FROM unnest($3::smallint[], $4::bigint[]) AS h(shard, epoch)
              WHERE h.shard = l.shard AND h.epoch = l.epoch))
    ORDER BY l.shard
    FOR UPDATE
)
UPDATE shard_leases l
SET node = $1, epoch = l.epoch + 1,
    lease_until = clock_timestamp() + $2::double precision * interval '1 millisecond'
FROM mine WHERE mine.shard = l.shard
RETURNING l.shard, l.epoch";

/// Touches no key, so it does not wait for writers, nor they for it.
const RENEW: &str = "
UPDATE shard_leases l
SET lease_until = clock_timestamp() + $2 * interval '1 millisecond'
FROM unnest($3::smallint[], $4::bigint[]) AS h(shard, epoch)
WHERE l.shard = h.shard AND l.epoch = h.epoch AND l.node = $1
RETURNING l.shard, l.epoch";

/// The epoch stays: the next taker raises it.
const RELEASE: &str = "
UPDATE shard_leases l
SET node = NULL, lease_until = '-infinity'
FROM unnest($2::smallint[], $3::bigint[]) AS h(shard, epoch)
WHERE l.shard = h.shard AND l.epoch = h.epoch AND l.node = $1";

/// Tenants with sends that were on the way under an older lease.
const ORPHANED_SENDS: &str = "
SELECT t.tenant_id, h.shard, h.epoch
FROM unnest($1::smallint[], $2::bigint[]) AS h(shard, epoch)
JOIN tenants t ON t.shard = h.shard
WHERE EXISTS (SELECT FROM outbox o WHERE o.tenant_id = t.tenant_id AND o.state = 'sending'
              AND o.lease_epoch < h.epoch)";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[TAKE, RENEW, RELEASE, ORPHANED_SENDS];

fn columns(leases: &[Lease]) -> (Vec<i16>, Vec<i64>) {
    leases
        .iter()
        .map(|lease| (i16::from(lease.shard.0), bigint(lease.epoch)))
        .unzip()
}

fn leases(rows: &[Row]) -> Result<Vec<Lease>, Fault> {
    let mut leases = BTreeMap::new();
    for row in rows {
        let lease = lease(row, 0)?;
        leases.insert(lease.shard, lease);
    }
    Ok(leases.into_values().collect())
}

fn lease(row: &Row, from: usize) -> Result<Lease, Fault> {
    let (shard, epoch): (i16, i64) = (row.try_get(from)?, row.try_get(from + 1)?);
    Ok(Lease {
        shard: Shard(
            u8::try_from(shard)
                .map_err(|_range| Fault::Corrupt("shard_leases.shard".to_owned()))?,
        ),
        epoch: unsigned(epoch),
    })
}

/// Takes what can be taken but for `except`, with `own` also what this node held in an earlier
/// life. Returns only what was newly taken.
pub(crate) async fn take(
    link: &Link,
    node: &str,
    life: Duration,
    held: &[Lease],
    own: bool,
    except: &[Shard],
) -> Result<Vec<Lease>, Fault> {
    let (shards, epochs) = columns(held);
    let except: Vec<i16> = except.iter().map(|shard| i16::from(shard.0)).collect();
    let life = milliseconds(life);
    leases(
        &link
            .query(TAKE, &[&node, &life, &shards, &epochs, &own, &except])
            .await?,
    )
}

/// Extends; returns what is still held.
pub(crate) async fn renew(
    link: &Link,
    node: &str,
    life: Duration,
    held: &[Lease],
) -> Result<Vec<Lease>, Fault> {
    let (shards, epochs) = columns(held);
    leases(
        &link
            .query(RENEW, &[&node, &milliseconds(life), &shards, &epochs])
            .await?,
    )
}

/// Gives up.
pub(crate) async fn release(link: &Link, node: &str, held: &[Lease]) -> Result<(), Fault> {
    let (shards, epochs) = columns(held);
    link.execute(RELEASE, &[&node, &shards, &epochs]).await?;
    Ok(())
}

/// Tenants of these leases whose earlier sends need an end.
pub(crate) async fn with_orphaned_sends(
    link: &Link,
    held: &[Lease],
) -> Result<Vec<(TenantId, Lease)>, Fault> {
    let (shards, epochs) = columns(held);
    link.query(ORPHANED_SENDS, &[&shards, &epochs])
        .await?
        .iter()
        .map(|row| Ok((TenantId(row.try_get(0)?), lease(row, 1)?)))
        .collect()
}

fn milliseconds(life: Duration) -> f64 {
    life.as_secs_f64() * 1_000.0
}
