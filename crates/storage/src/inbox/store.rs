//! The statements of the inbox lane. A batch is one pipeline: begin, items, raw bodies, commit.

use super::{Delivery, Row};
use crate::engine::columns::text;
use crate::engine::fault::Fault;
use crate::engine::link::{Link, Params};
use papo_domain::ids::TenantId;
use std::collections::BTreeSet;
use uuid::Uuid;

/// In the order of arrival, so that `id` grows with it.
const ITEMS: &str = "
INSERT INTO inbox (tenant_id, channel_id, external_id, item)
SELECT u.tenant_id, u.channel_id, u.external_id, u.item::json
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
     WITH ORDINALITY AS u(tenant_id, channel_id, external_id, item, ord)
ORDER BY u.ord
ON CONFLICT DO NOTHING
RETURNING tenant_id";

/// An array of arrays cannot be unnested row by row, so the tenants travel as text.
const RAW: &str = "
INSERT INTO webhook_deliveries (tenant_ids, body)
SELECT u.tenant_ids::uuid[], u.body FROM unnest($1::text[], $2::bytea[]) AS u(tenant_ids, body)";

const UNROUTED: &str = "
INSERT INTO inbox_unrouted (route, body)
SELECT u.route, u.body FROM unnest($1::text[], $2::bytea[]) AS u(route, body)";

/// For an item that cannot be stored as it is. A key too long for an index keeps its beginning.
const DEAD: &str = "
INSERT INTO inbox (tenant_id, channel_id, external_id, state, reason)
VALUES ($1, $2, CASE WHEN length($3) <= 512 THEN $3 ELSE left($3, 256) || '#' || md5($3) END,
        'dead', $4)
ON CONFLICT DO NOTHING";

pub(super) const SQL: &[&str] = &[ITEMS, RAW, UNROUTED, DEAD];

/// Stores deliveries in one transaction. Returns the tenants with new items. On a fault the
/// transaction may be open.
pub(super) async fn deliveries(
    link: &Link,
    deliveries: &[Delivery],
) -> Result<BTreeSet<TenantId>, Fault> {
    let rows: Vec<&Row> = deliveries.iter().flat_map(|d| &d.rows).collect();
    let (_, fresh, (), (), ()) = tokio::try_join!(
        // In this order, so that of several failures the first one is seen.
        biased;
        link.control("BEGIN"),
        items(link, &rows),
        raw_bodies(link, deliveries),
        unrouted(link, deliveries),
        link.control("COMMIT"),
    )?;
    Ok(fresh)
}

/// Stores items in a transaction of their own.
pub(super) async fn rows(link: &Link, rows: &[Row]) -> Result<BTreeSet<TenantId>, Fault> {
    let rows: Vec<&Row> = rows.iter().collect();
    items(link, &rows).await
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

async fn items(link: &Link, rows: &[&Row]) -> Result<BTreeSet<TenantId>, Fault> {
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let tenants: Vec<Uuid> = rows.iter().map(|row| row.tenant.0).collect();
    let channels: Vec<Uuid> = rows.iter().map(|row| row.channel).collect();
    let keys: Vec<&str> = rows.iter().map(|row| row.external_id.as_str()).collect();
    let items: Vec<&str> = rows.iter().map(|row| row.item.as_str()).collect();
    let params: Params<'_> = &[&tenants, &channels, &keys, &items];
    link.query(ITEMS, params)
        .await?
        .iter()
        .map(|row| Ok(TenantId(row.try_get(0)?)))
        .collect()
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
