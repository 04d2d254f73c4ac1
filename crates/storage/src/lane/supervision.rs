//! What supervision writes: attempts counted before an item is decided, retries and dead
//! letters, incidents, and how a channel is.

use crate::engine::columns::text;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use crate::lane::items;
use papo_domain::Timestamp;
use papo_domain::ids::{ChannelId, TenantId};
use papo_domain::ports::{ChannelHealth, InboxVerdict, Incident};
use std::collections::HashMap;
use uuid::Uuid;

const COUNT: &str = concat!(
    "
UPDATE inbox i
SET attempts = i.attempts + 1
FROM unnest($1::uuid[], $2::bigint[]) AS u(tenant_id, id)",
    items::pending_rows!(),
    "
RETURNING i.tenant_id, i.id, i.attempts"
);

const SETTLE: &str = concat!(
    "
UPDATE inbox i
SET state = u.state, next_at = u.next_at, reason = u.reason, wake_key = NULL
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[])
     AS u(tenant_id, id, state, next_at, reason)",
    items::pending_rows!()
);

const INCIDENT: &str = "
INSERT INTO engine_incidents (tenant_id, conversation_id, actor_kind, kind, reason)
VALUES ($1, $2, $3, $4, $5)";

const HEALTH: &str = "
UPDATE channels SET health = $3, health_code = $4, health_detail = $5, health_at = now()
WHERE tenant_id = $1 AND id = $2";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[COUNT, SETTLE, INCIDENT, HEALTH];

/// Adds one attempt to each pending row; counts in the same order, 0 for rows that are not
/// pending any more.
pub(crate) async fn count_attempts(
    link: &Link,
    rows: &[(TenantId, i64)],
) -> Result<Vec<u32>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let tenants: Vec<Uuid> = rows.iter().map(|(tenant, _)| tenant.0).collect();
    let ids: Vec<i64> = rows.iter().map(|(_, id)| *id).collect();
    let mut counts: HashMap<(Uuid, i64), i32> = HashMap::new();
    for row in link.query(COUNT, &[&tenants, &ids]).await? {
        counts.insert((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?);
    }
    Ok(rows
        .iter()
        .map(|(tenant, id)| counts.get(&(tenant.0, *id)).copied().unwrap_or_default())
        .map(|count| u32::try_from(count).unwrap_or_default())
        .collect())
}

/// Stores the verdicts on inbox items.
pub(crate) async fn settle_inbox(
    link: &Link,
    verdicts: &[(TenantId, &InboxVerdict)],
) -> Result<(), Fault> {
    let mut done = Vec::new();
    let mut tenants = Vec::new();
    let mut ids = Vec::new();
    let mut states = Vec::new();
    let mut times: Vec<Option<Timestamp>> = Vec::new();
    let mut reasons = Vec::new();
    for (tenant, verdict) in verdicts {
        let (id, state, at, reason) = match verdict {
            InboxVerdict::Done { id } => {
                done.push((tenant.0, *id));
                continue;
            }
            InboxVerdict::Retry { id, at } => (id, "parked", Some(*at), None),
            InboxVerdict::Dead { id, reason } => (id, "dead", None, Some(text(reason))),
        };
        tenants.push(tenant.0);
        ids.push(*id);
        states.push(state);
        times.push(at);
        reasons.push(reason);
    }
    items::done(link, &done).await?;
    if tenants.is_empty() {
        return Ok(());
    }
    link.execute(SETTLE, &[&tenants, &ids, &states, &times, &reasons])
        .await?;
    Ok(())
}

/// Keeps what supervision did.
pub(crate) async fn record_incident(
    link: &Link,
    tenant: TenantId,
    incident: &Incident,
) -> Result<(), Fault> {
    link.execute(
        INCIDENT,
        &[
            &tenant.0,
            &incident.conversation.map(Uuid::from),
            &incident.actor,
            &incident.kind.name(),
            &text(&incident.reason),
        ],
    )
    .await?;
    Ok(())
}

/// Keeps how a channel is.
pub(crate) async fn set_channel_health(
    link: &Link,
    tenant: TenantId,
    channel: ChannelId,
    health: &ChannelHealth,
) -> Result<(), Fault> {
    let detail = health.detail.as_deref().map(text);
    let params: Params<'_> = &[
        &tenant.0,
        &channel.0,
        &health.level.name(),
        &health.code,
        &detail,
    ];
    link.execute(HEALTH, params).await?;
    Ok(())
}
