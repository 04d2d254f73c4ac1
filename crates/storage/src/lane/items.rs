//! Inbox items that are worked off: they leave the table, their keys stay. And how the lane's
//! statements find items that are pending.

use crate::engine::fault::Fault;
use crate::engine::link::Link;
use std::collections::HashSet;
use uuid::Uuid;

/// How a statement on `inbox i` finds those rows of `u(tenant_id, id)` that are pending. Each is
/// looked up by itself: to a planner whose statistics were taken when everything was done, reading
/// all that is pending seems cheapest, and under load that is a lot.
macro_rules! pending_rows {
    () => {
        "
CROSS JOIN LATERAL (
    SELECT p.ctid FROM inbox p
    WHERE p.tenant_id = u.tenant_id AND p.id = u.id AND p.state = 'pending'
    LIMIT 1
) f
WHERE i.ctid = f.ctid AND i.state = 'pending'"
    };
}
pub(super) use pending_rows;

const DONE: &str = concat!(
    "
DELETE FROM inbox i
USING unnest($1::uuid[], $2::bigint[]) AS u(tenant_id, id)",
    pending_rows!(),
    "
RETURNING i.tenant_id, i.id"
);

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[DONE];

/// Takes pending items out. Returns those that were still there.
pub(crate) async fn done(
    link: &Link,
    items: &[(Uuid, i64)],
) -> Result<HashSet<(Uuid, i64)>, Fault> {
    if items.is_empty() {
        return Ok(HashSet::new());
    }
    let tenants: Vec<Uuid> = items.iter().map(|item| item.0).collect();
    let ids: Vec<i64> = items.iter().map(|item| item.1).collect();
    let rows = link.query(DONE, &[&tenants, &ids]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
