//! The statements of the inbox lane. A batch is two pipelines: begin and keys; then the items
//! whose keys are new, raw bodies, commit.

use super::{Delivery, Row};
use crate::engine::columns::text;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use papo_domain::ids::TenantId;
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// The keys that are new. In one order for everybody, since two lanes may wait for each other's.
///
/// G3: one transaction at a time for each tenant (nearly: by a part of its id), before `id`s are
/// given. The pump goes from `id` to `id`, so a smaller one must not come to light after a greater
/// one: from a connection that broke while its COMMIT was under way, a process that was killed, or
/// another node.
const KEYS: &str = "
INSERT INTO inbox_keys (tenant_id, channel_id, external_id)
SELECT u.tenant_id, u.channel_id, u.external_id
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, channel_id, external_id)
CROSS JOIN (
    SELECT count(pg_advisory_xact_lock(14, t.part)) FROM unnest($4::int[]) AS t(part)
) AS turn(held)
WHERE turn.held > 0
ON CONFLICT DO NOTHING
RETURNING tenant_id, channel_id, external_id";

/// In the order of arrival, so that `id` grows with it.
const ITEMS: &str = "
INSERT INTO inbox (tenant_id, channel_id, external_id, item)
SELECT u.tenant_id, u.channel_id, u.external_id, u.item::json
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
     WITH ORDINALITY AS u(tenant_id, channel_id, external_id, item, ord)
ORDER BY u.ord";

/// An array of arrays cannot be unnested row by row, so the tenants travel as text.
const RAW: &str = "
INSERT INTO webhook_deliveries (tenant_ids, body)
SELECT u.tenant_ids::uuid[], u.body FROM unnest($1::text[], $2::bytea[]) AS u(tenant_ids, body)";

const UNROUTED: &str = "
INSERT INTO inbox_unrouted (route, body)
SELECT u.route, u.body FROM unnest($1::text[], $2::bytea[]) AS u(route, body)";

/// For an item that cannot be stored as it is. A key too long for an index keeps its beginning.
const DEAD: &str = "
WITH fresh AS (
    INSERT INTO inbox_keys (tenant_id, channel_id, external_id)
    VALUES ($1, $2, CASE WHEN length($3::text) <= 512 THEN $3
                         ELSE left($3, 256) || '#' || md5($3) END)
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, channel_id, external_id
)
INSERT INTO inbox (tenant_id, channel_id, external_id, state, reason)
SELECT tenant_id, channel_id, external_id, 'dead', $4::text FROM fresh";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[KEYS, ITEMS, RAW, UNROUTED, DEAD];

/// Stores deliveries in one transaction. Returns the tenants with new items. On a fault the
/// transaction may be open.
pub(super) async fn deliveries(
    link: &Link,
    deliveries: &[Delivery],
) -> Result<BTreeSet<TenantId>, Fault> {
    let rows: Vec<&Row> = deliveries.iter().flat_map(|d| &d.rows).collect();
    // In the order of the calls, so that of several failures the first one is seen.
    let ((), fresh) = tokio::try_join!(biased; link.control("BEGIN"), new_rows(link, &rows))?;
    tokio::try_join!(
        biased;
        items(link, &fresh),
        raw_bodies(link, deliveries),
        unrouted(link, deliveries),
        link.control("COMMIT"),
    )?;
    Ok(fresh.iter().map(|row| row.tenant).collect())
}

/// Stores an item in a transaction of its own. On a fault the transaction may be open.
pub(super) async fn row(link: &Link, row: &Row) -> Result<BTreeSet<TenantId>, Fault> {
    let rows = [row];
    let ((), fresh) = tokio::try_join!(biased; link.control("BEGIN"), new_rows(link, &rows))?;
    tokio::try_join!(biased; items(link, &fresh), link.control("COMMIT"))?;
    Ok(fresh.iter().map(|row| row.tenant).collect())
}

/// Stores what a delivery has besides items.
pub(super) async fn without_items(link: &Link, delivery: &Delivery) -> Result<(), Fault> {
    let delivery = std::slice::from_ref(delivery);
    raw_bodies(link, delivery).await?;
    unrouted(link, delivery).await
}

/// Stores what is left of an item that cannot be stored, with the reason.
pub(super) async fn dead(link: &Link, row: &Row, reason: &str) -> Result<(), Fault> {
    let params: Params<'_> = &[&row.tenant.0, &row.channel, &row.external_id, &reason];
    link.execute(DEAD, params).await?;
    Ok(())
}

/// Takes the keys of `rows`. Returns the rows whose key is new, once each, in their order.
async fn new_rows<'a>(link: &Link, rows: &[&'a Row]) -> Result<Vec<&'a Row>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut sorted: Vec<(Uuid, Uuid, &str)> = rows.iter().map(|row| key(row)).collect();
    sorted.sort_unstable();
    let tenants: Vec<Uuid> = sorted.iter().map(|key| key.0).collect();
    let channels: Vec<Uuid> = sorted.iter().map(|key| key.1).collect();
    let names: Vec<&str> = sorted.iter().map(|key| key.2).collect();
    let mut new: HashSet<(Uuid, Uuid, String)> = HashSet::new();
    let turns: BTreeSet<i32> = rows.iter().map(|row| turn(row.tenant)).collect();
    let turns: Vec<i32> = turns.into_iter().collect();
    let params: Params<'_> = &[&tenants, &channels, &names, &turns];
    for row in link.query(KEYS, params).await? {
        new.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    }
    let first = |row: &&Row| new.remove(&(row.tenant.0, row.channel, row.external_id.clone()));
    Ok(rows.iter().copied().filter(first).collect())
}

/// The part of a tenant's id that differs most, as the number of its lock.
fn turn(tenant: TenantId) -> i32 {
    let [.., a, b, c, d] = *tenant.0.as_bytes();
    i32::from_be_bytes([a, b, c, d])
}

fn key(row: &Row) -> (Uuid, Uuid, &str) {
    (row.tenant.0, row.channel, row.external_id.as_str())
}

async fn items(link: &Link, rows: &[&Row]) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let tenants: Vec<Uuid> = rows.iter().map(|row| row.tenant.0).collect();
    let channels: Vec<Uuid> = rows.iter().map(|row| row.channel).collect();
    let keys: Vec<&str> = rows.iter().map(|row| row.external_id.as_str()).collect();
    let items: Vec<&str> = rows.iter().map(|row| row.item.as_str()).collect();
    let params: Params<'_> = &[&tenants, &channels, &keys, &items];
    link.execute(ITEMS, params).await?;
    Ok(())
}

async fn raw_bodies(link: &Link, deliveries: &[Delivery]) -> Result<(), Fault> {
    let kept: Vec<&Delivery> = deliveries.iter().filter(|d| !d.raw.is_empty()).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let tenants: Vec<String> = kept.iter().map(|d| concerned(d)).collect();
    let bodies: Vec<&[u8]> = kept.iter().map(|d| d.raw.as_slice()).collect();
    link.execute(RAW, &[&tenants, &bodies]).await?;
    Ok(())
}

/// The tenants of a delivery, as the text of an array.
fn concerned(delivery: &Delivery) -> String {
    let tenants: BTreeSet<String> = delivery
        .rows
        .iter()
        .map(|row| row.tenant.0.to_string())
        .collect();
    let tenants: Vec<String> = tenants.into_iter().collect();
    format!("{{{}}}", tenants.join(","))
}

async fn unrouted(link: &Link, deliveries: &[Delivery]) -> Result<(), Fault> {
    let strays: Vec<_> = deliveries.iter().flat_map(|d| &d.unrouted).collect();
    if strays.is_empty() {
        return Ok(());
    }
    let routes: Vec<_> = strays.iter().map(|stray| text(&stray.route)).collect();
    let bodies: Vec<&[u8]> = strays.iter().map(|stray| stray.body.as_slice()).collect();
    link.execute(UNROUTED, &[&routes, &bodies]).await?;
    Ok(())
}
