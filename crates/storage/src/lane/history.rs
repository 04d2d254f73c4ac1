//! The side tables of a commit: handoffs, transfers, labels, ratings, the end of a
//! quarantine. Most commits have
//! none of them.

use crate::engine::columns::{bigint, originator, owner, text, word};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use crate::lane::children::Winner;
use papo_domain::conversation::{Event, HandoffChange, TransferRecord};
use papo_domain::ids::{ConversationId, TenantId};
use uuid::Uuid;

const TRANSFER: &str = "
INSERT INTO conversation_transfers (tenant_id, conversation_id, kind, from_kind, from_user_id,
                                    to_kind, to_user_id, department_id, by_kind, by_user_id, note, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const HANDOFF_OPEN: &str = "
INSERT INTO handoffs (tenant_id, conversation_id, id, department_id, priority, reason, note,
                      requested_by, requested_by_user_id, requested_at, waiting_since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const HANDOFF_ESCALATE: &str = "
UPDATE handoffs SET priority = $4
WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3";

const HANDOFF_ASSIGN: &str = "
UPDATE handoffs SET status = 'assigned', assigned_to = $4, assigned_user_id = $5, assigned_at = $6
WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3";

const HANDOFF_COMPLETE: &str = "
UPDATE handoffs SET status = 'completed', resolution = $4, customer_satisfaction = $5, completed_at = $6
WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3";

const HANDOFF_CANCEL: &str = "
UPDATE handoffs SET status = 'cancelled', cancelled_at = $4
WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3";

/// Quarantine is recorded by supervision; its end is a person's commit.
const RESUMED: &str = "
INSERT INTO engine_incidents (tenant_id, conversation_id, actor_kind, kind, reason)
VALUES ($1, $2, 'conversation', 'resume', $3)";

/// A label that is gone by now is passed over.
const LABEL: &str = "
INSERT INTO conversation_labels (tenant_id, conversation_id, label_id)
SELECT l.tenant_id, $2, l.id FROM labels l WHERE l.tenant_id = $1 AND l.id = ANY ($3)
ON CONFLICT DO NOTHING";

const UNLABEL: &str = "
DELETE FROM conversation_labels
WHERE tenant_id = $1 AND conversation_id = $2 AND label_id = ANY ($3)";

const RATED: &str = "
INSERT INTO ratings (tenant_id, conversation_id, session, score, rated_by, rated_by_user_id,
                     user_id, department_id, handoff_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING";

/// While another session runs. Reports know who served the one that is rated.
const RATED_LATE: &str = "
INSERT INTO ratings (tenant_id, conversation_id, session, score, rated_by, at, user_id, department_id)
SELECT $1, $2, $3, $4, $5, $6, s.last_user_id, s.department_id
FROM (SELECT 1) AS one
LEFT JOIN service_sessions s ON s.tenant_id = $1 AND s.conversation_id = $2 AND s.session = $3
ON CONFLICT DO NOTHING";

/// The request for a person shows it, too.
const HANDOFF_RATED: &str = "
UPDATE handoffs SET customer_satisfaction = $4
WHERE tenant_id = $1 AND conversation_id = $2 AND id = $3 AND customer_satisfaction IS NULL";

const COMMENTED: &str = "
UPDATE ratings SET comment_seq = $4 WHERE tenant_id = $1 AND conversation_id = $2 AND session = $3";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    TRANSFER,
    HANDOFF_OPEN,
    HANDOFF_ESCALATE,
    HANDOFF_ASSIGN,
    HANDOFF_COMPLETE,
    HANDOFF_CANCEL,
    RESUMED,
    LABEL,
    UNLABEL,
    RATED,
    RATED_LATE,
    HANDOFF_RATED,
    COMMENTED,
];

/// Stores the history of every commit, in its order.
pub(crate) async fn store(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    for (tenant, commit) in winners {
        for change in &commit.handoffs {
            handoff(link, *tenant, commit.conversation, change).await?;
        }
        for record in &commit.transfers {
            transfer(link, *tenant, commit.conversation, record).await?;
        }
        for draft in &commit.events {
            fact(link, *tenant, commit.conversation, &draft.event).await?;
        }
    }
    Ok(())
}

/// What an event says of other tables than its own.
async fn fact(
    link: &Link,
    tenant: TenantId,
    conversation: ConversationId,
    event: &Event,
) -> Result<(), Fault> {
    match event {
        Event::Resumed { by, .. } => {
            let reason = format!("by {by}");
            link.execute(RESUMED, &[&tenant.0, &conversation.0, &reason])
                .await?;
        }
        Event::Labelled { added, removed, .. } => {
            for (sql, labels) in [(UNLABEL, removed), (LABEL, added)] {
                let labels: Vec<Uuid> = labels.iter().map(|id| id.0).collect();
                link.execute(sql, &[&tenant.0, &conversation.0, &labels])
                    .await?;
            }
        }
        Event::Rated { .. } => rated(link, tenant, conversation, event).await?,
        Event::RatingCommented { session, seq } => {
            let (session, seq) = (count(*session), bigint(*seq));
            link.execute(COMMENTED, &[&tenant.0, &conversation.0, &session, &seq])
                .await?;
        }
        _ => {}
    }
    Ok(())
}

async fn rated(
    link: &Link,
    tenant: TenantId,
    conversation: ConversationId,
    event: &Event,
) -> Result<(), Fault> {
    let Event::Rated {
        session,
        score,
        by,
        at,
        attendant,
        department,
        handoff,
        upto_seq,
        ..
    } = event
    else {
        return Ok(());
    };
    let (tenant, conversation, score) = (&tenant.0, &conversation.0, i16::from(*score));
    let (by, by_user) = originator(*by);
    if *upto_seq == 0 {
        let params: Params<'_> = &[tenant, conversation, &count(*session), &score, &by, at];
        link.execute(RATED_LATE, params).await?;
        return Ok(());
    }
    link.execute(
        RATED,
        &[
            tenant,
            conversation,
            &count(*session),
            &score,
            &by,
            &by_user,
            &attendant.map(Uuid::from),
            &department.map(Uuid::from),
            &handoff.map(Uuid::from),
            at,
        ],
    )
    .await?;
    if let Some(handoff) = handoff {
        link.execute(HANDOFF_RATED, &[tenant, conversation, &handoff.0, &score])
            .await?;
    }
    Ok(())
}

/// A number of sessions as `integer`.
fn count(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

async fn transfer(
    link: &Link,
    tenant: TenantId,
    conversation: ConversationId,
    record: &TransferRecord,
) -> Result<(), Fault> {
    let (from, from_user) = owner(record.from);
    let (to, to_user) = owner(record.to);
    let (by, by_user) = originator(record.by);
    link.execute(
        TRANSFER,
        &[
            &tenant.0,
            &conversation.0,
            &word(&record.kind)?,
            &from,
            &from_user,
            &to,
            &to_user,
            &record.department.map(Uuid::from),
            &by,
            &by_user,
            &record.note.as_deref().map(text),
            &record.at,
        ],
    )
    .await?;
    Ok(())
}

async fn handoff(
    link: &Link,
    tenant: TenantId,
    conversation: ConversationId,
    change: &HandoffChange,
) -> Result<(), Fault> {
    let (tenant, conversation) = (&tenant.0, &conversation.0);
    match change {
        HandoffChange::Open {
            id,
            department,
            priority,
            reason,
            note,
            by,
            at,
            since,
        } => {
            let (by, by_user) = originator(*by);
            let params: Params<'_> = &[
                tenant,
                conversation,
                &id.0,
                &department.map(Uuid::from),
                &word(priority)?,
                &word(reason)?,
                &note.as_deref().map(text),
                &by,
                &by_user,
                at,
                since,
            ];
            link.execute(HANDOFF_OPEN, params).await?;
        }
        HandoffChange::Escalate { id, priority } => {
            let priority = word(priority)?;
            link.execute(HANDOFF_ESCALATE, &[tenant, conversation, &id.0, &priority])
                .await?;
        }
        HandoffChange::Assign { id, to, at } => {
            let (kind, user) = owner(Some(*to));
            link.execute(
                HANDOFF_ASSIGN,
                &[tenant, conversation, &id.0, &kind, &user, at],
            )
            .await?;
        }
        HandoffChange::Complete {
            id,
            resolution,
            satisfaction,
            at,
        } => {
            let resolution = resolution.as_deref().map(text);
            let satisfaction = satisfaction.map(i16::from);
            link.execute(
                HANDOFF_COMPLETE,
                &[tenant, conversation, &id.0, &resolution, &satisfaction, at],
            )
            .await?;
        }
        HandoffChange::Cancel { id, at } => {
            link.execute(HANDOFF_CANCEL, &[tenant, conversation, &id.0, at])
                .await?;
        }
    }
    Ok(())
}
