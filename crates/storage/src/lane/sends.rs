//! How sends ended, and those of which nobody will say. A send that may have arrived is never
//! put back into the queue: it waits as `unknown` for its status webhook, then as `unconfirmed`
//! for a person.

use crate::engine::columns::{bigint, claimed_at, from_json, json, text, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Row;
use crate::lane::delivery::{Moves, Place};
use papo_domain::Timestamp;
use papo_domain::ids::{ConversationId, TenantId};
use papo_domain::ports::{DeliveryStatus, Lease, ProviderError, SendOutcome, SendReport};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An id that the provider gave twice names the message that had it first. Of whichever claim:
/// the provider has the message, and no later claim may send it again.
const SENT: &str = "
UPDATE outbox o
SET state = 'sent',
    external_id = CASE
        WHEN o.external_id IS NOT NULL THEN o.external_id
        WHEN NOT EXISTS (SELECT FROM outbox x WHERE x.tenant_id = o.tenant_id
                         AND x.channel_id = o.channel_id AND x.external_id = u.external_id)
        THEN u.external_id
    END
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, id, external_id)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id
  AND o.state IN ('sending', 'unknown', 'unconfirmed')
RETURNING o.tenant_id, o.conversation_id, o.seq, o.channel_id, o.external_id";

/// No change of control may come between reading the epoch and putting rows back. Locked in one
/// order.
pub(crate) const HOLD_CONVERSATIONS: &str = "
SELECT s.version
FROM unnest($1::uuid[], $2::uuid[]) AS u(tenant_id, conversation_id)
JOIN conversation_state s ON s.tenant_id = u.tenant_id AND s.conversation_id = u.conversation_id
FOR SHARE OF s";

/// G5: a report that is repeated because its answer was lost must not put back what was claimed
/// again meanwhile, and is on its way. The state is compared in a way that no index knows, as in
/// `claims`.
const REQUEUE: &str = "
UPDATE outbox o
SET state = CASE WHEN o.epoch IS NULL OR o.epoch = s.epoch THEN 'queued' ELSE 'cancelled' END,
    due_at = u.due_at, attempts = o.attempts + u.counted::int, claimed_at = NULL, lease_epoch = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[],
            $6::timestamptz[])
     AS u(tenant_id, id, conversation_id, due_at, counted, claimed_at)
JOIN conversation_state s ON s.tenant_id = u.tenant_id AND s.conversation_id = u.conversation_id
WHERE o.tenant_id = u.tenant_id AND o.id = u.id AND o.conversation_id = u.conversation_id
  AND o.state || '' = 'sending' AND o.claimed_at = u.claimed_at
RETURNING o.tenant_id, o.conversation_id, o.seq, o.state = 'cancelled'";

/// `due_at` is now when it becomes unconfirmed: two minutes, within which Meta's status webhooks
/// come if they come at all.
const UNKNOWN: &str = "
UPDATE outbox o
SET state = 'unknown', due_at = now() + interval '2 minutes'
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS u(tenant_id, id, claimed_at)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id AND o.state || '' = 'sending'
  AND o.claimed_at = u.claimed_at
RETURNING o.tenant_id, o.conversation_id, o.seq";

const FAILED: &str = "
UPDATE outbox o
SET state = 'failed', error = u.error::json
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])
     AS u(tenant_id, id, error, claimed_at)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id
  AND o.state IN ('sending', 'unknown', 'unconfirmed') AND o.claimed_at = u.claimed_at
RETURNING o.tenant_id, o.conversation_id, o.seq, o.error::text";

/// Sends of an older lease, and sends whose sender never came back, as happens when it crashed.
const ABANDON: &str = "
UPDATE outbox o
SET state = 'unknown', due_at = now() + interval '2 minutes'
FROM unnest($1::uuid[], $2::bigint[]) AS u(tenant_id, lease_epoch)
WHERE o.tenant_id = u.tenant_id AND o.state = 'sending'
  AND (o.lease_epoch < u.lease_epoch OR o.claimed_at < now() - interval '2 minutes')
RETURNING o.tenant_id, o.conversation_id, o.seq";

const UNCONFIRMED: &str = "
UPDATE outbox o
SET state = 'unconfirmed'
FROM unnest($1::uuid[]) AS u(tenant_id)
WHERE o.tenant_id = u.tenant_id AND o.state = 'unknown' AND o.due_at <= now()
RETURNING o.tenant_id, o.conversation_id, o.seq";

/// What is queued for a number that was taken out of use: it cannot come back. In bites, since
/// every message becomes news.
const RETIRED: &str = "
UPDATE outbox o
SET state = 'failed', error = $2::json
FROM unnest($1::uuid[]) AS u(tenant_id)
JOIN channels c ON c.tenant_id = u.tenant_id AND NOT c.is_active
               AND c.driver = 'meta' AND c.phone_number_id IS NULL
CROSS JOIN LATERAL (
    SELECT q.ctid FROM outbox q
    WHERE q.tenant_id = c.tenant_id AND q.channel_id = c.id AND q.state = 'queued'
    LIMIT 500
) f
WHERE o.ctid = f.ctid AND o.state || '' = 'queued'
RETURNING o.tenant_id, o.conversation_id, o.seq";

/// Statuses that came before their message was known. Each key is looked up by itself: where the
/// planner believes that nothing is parked, it would read all that is.
const WAKE: &str = "
UPDATE inbox i
SET state = 'pending', next_at = NULL, wake_key = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, channel_id, wake_key)
CROSS JOIN LATERAL (
    SELECT p.ctid FROM inbox p
    WHERE p.tenant_id = u.tenant_id AND p.channel_id = u.channel_id AND p.wake_key = u.wake_key
      AND p.state = 'parked'
    OFFSET 0
) f
WHERE i.ctid = f.ctid
  AND i.state = 'parked'
RETURNING i.tenant_id";

/// Of no provider: none was asked.
const NO_NUMBER: i64 = 0;

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    SENT,
    HOLD_CONVERSATIONS,
    REQUEUE,
    UNKNOWN,
    FAILED,
    ABANDON,
    UNCONFIRMED,
    RETIRED,
    WAKE,
];

/// Provider ids that were just learned.
pub(crate) type Learned = (Vec<Uuid>, Vec<Uuid>, Vec<String>);

/// Records the reports of any number of tenants. Returns the tenants whose parked statuses can
/// be applied now.
pub(crate) async fn settle(
    link: &Link,
    reports: &[(TenantId, &SendReport)],
    moves: &mut Moves,
) -> Result<BTreeSet<TenantId>, Fault> {
    let learned = sent(link, reports, moves).await?;
    requeue(link, reports, moves).await?;
    unknown(link, reports, moves).await?;
    failed(link, reports, moves).await?;
    wake(link, &learned).await
}

async fn sent(
    link: &Link,
    reports: &[(TenantId, &SendReport)],
    moves: &mut Moves,
) -> Result<Learned, Fault> {
    let mut columns: (Vec<Uuid>, Vec<Uuid>, Vec<_>) = Default::default();
    for (tenant, report) in reports {
        if let SendOutcome::Sent { external_id } = &report.outcome {
            columns.0.push(tenant.0);
            columns.1.push(report.id.0);
            columns.2.push(text(external_id));
        }
    }
    let mut learned = Learned::default();
    if columns.0.is_empty() {
        return Ok(learned);
    }
    let rows = link
        .query(SENT, &[&columns.0, &columns.1, &columns.2])
        .await?;
    for row in rows {
        let external_id: Option<String> = row.try_get(4)?;
        if let Some(external_id) = &external_id {
            learned.0.push(row.try_get(0)?);
            learned.1.push(row.try_get(3)?);
            learned.2.push(external_id.clone());
        }
        moves.note(place(&row)?, DeliveryStatus::Sent, None, external_id);
    }
    Ok(learned)
}

/// Makes parked statuses of newly learned ids pending.
pub(crate) async fn wake(link: &Link, learned: &Learned) -> Result<BTreeSet<TenantId>, Fault> {
    if learned.0.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows = link
        .query(WAKE, &[&learned.0, &learned.1, &learned.2])
        .await?;
    rows.iter()
        .map(|row| Ok(TenantId(row.try_get(0)?)))
        .collect()
}

async fn requeue(
    link: &Link,
    reports: &[(TenantId, &SendReport)],
    moves: &mut Moves,
) -> Result<(), Fault> {
    let mut back: Vec<(TenantId, &SendReport, Timestamp, bool)> = reports
        .iter()
        .filter_map(|(tenant, report)| match report.outcome {
            SendOutcome::Requeue { at, counted } => Some((*tenant, *report, at, counted)),
            _ => None,
        })
        .collect();
    if back.is_empty() {
        return Ok(());
    }
    back.sort_by_key(|(tenant, report, ..)| (*tenant, report.conversation));
    let tenants: Vec<Uuid> = back.iter().map(|b| b.0.0).collect();
    let ids: Vec<Uuid> = back.iter().map(|b| b.1.id.0).collect();
    let conversations: Vec<Uuid> = back.iter().map(|b| b.1.conversation.0).collect();
    let due: Vec<Timestamp> = back.iter().map(|b| b.2).collect();
    let counted: Vec<bool> = back.iter().map(|b| b.3).collect();
    let claims: Vec<Timestamp> = back.iter().map(|b| claimed_at(b.1.claim)).collect();
    link.query(HOLD_CONVERSATIONS, &[&tenants, &conversations])
        .await?;
    let rows = link
        .query(
            REQUEUE,
            &[&tenants, &ids, &conversations, &due, &counted, &claims],
        )
        .await?;
    for row in rows {
        if row.try_get(3)? {
            moves.note(place(&row)?, DeliveryStatus::Cancelled, None, None);
        }
    }
    Ok(())
}

async fn unknown(
    link: &Link,
    reports: &[(TenantId, &SendReport)],
    moves: &mut Moves,
) -> Result<(), Fault> {
    let (tenants, ids, claims): (Vec<Uuid>, Vec<Uuid>, Vec<Timestamp>) = reports
        .iter()
        .filter(|(_, report)| report.outcome == SendOutcome::Unknown)
        .map(|(tenant, report)| (tenant.0, report.id.0, claimed_at(report.claim)))
        .collect();
    if tenants.is_empty() {
        return Ok(());
    }
    for row in link.query(UNKNOWN, &[&tenants, &ids, &claims]).await? {
        moves.note(place(&row)?, DeliveryStatus::Unknown, None, None);
    }
    Ok(())
}

async fn failed(
    link: &Link,
    reports: &[(TenantId, &SendReport)],
    moves: &mut Moves,
) -> Result<(), Fault> {
    let mut columns: (Vec<Uuid>, Vec<Uuid>, Vec<String>, Vec<Timestamp>) = Default::default();
    for (tenant, report) in reports {
        if let SendOutcome::Failed { error } = &report.outcome {
            columns.0.push(tenant.0);
            columns.1.push(report.id.0);
            columns.2.push(json(error)?);
            columns.3.push(claimed_at(report.claim));
        }
    }
    if columns.0.is_empty() {
        return Ok(());
    }
    let rows = link
        .query(FAILED, &[&columns.0, &columns.1, &columns.2, &columns.3])
        .await?;
    for row in rows {
        let error = from_json("outbox.error", &row.try_get::<String>(3)?)?;
        moves.note(place(&row)?, DeliveryStatus::Failed, Some(error), None);
    }
    Ok(())
}

/// Ends what has been on the way, or unknown, for too long, and what can never go.
pub(crate) async fn expire(
    link: &Link,
    tenants: &[(TenantId, Lease)],
    moves: &mut Moves,
) -> Result<(), Fault> {
    let ids: Vec<Uuid> = tenants.iter().map(|(tenant, _)| tenant.0).collect();
    let epochs: Vec<i64> = tenants
        .iter()
        .map(|(_, lease)| bigint(lease.epoch))
        .collect();
    for row in link.query(ABANDON, &[&ids, &epochs]).await? {
        moves.note(place(&row)?, DeliveryStatus::Unknown, None, None);
    }
    for row in link.query(UNCONFIRMED, &[&ids]).await? {
        moves.note(place(&row)?, DeliveryStatus::Unconfirmed, None, None);
    }
    let retired = ProviderError {
        code: NO_NUMBER,
        title: "the channel is out of use".to_owned(),
        detail: None,
    };
    for row in link.query(RETIRED, &[&ids, &json(&retired)?]).await? {
        let error = Some(retired.clone());
        moves.note(place(&row)?, DeliveryStatus::Failed, error, None);
    }
    Ok(())
}

/// Tenant, conversation and seq of a row that begins with them.
pub(crate) fn place(row: &Row) -> Result<Place, Fault> {
    let seq: i64 = row.try_get(2)?;
    Ok((
        TenantId(row.try_get(0)?),
        ConversationId(row.try_get(1)?),
        unsigned(seq),
    ))
}
