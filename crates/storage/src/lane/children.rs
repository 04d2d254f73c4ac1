//! What a conversation's new version does to what was there before: automatic messages withdrawn,
//! refused ones marked, and the answer to the request that asked for it completed. Everything
//! carries the tenant of the state row that was updated, never the caller's word.

use crate::engine::columns::{bigint, from_json, json, text, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use crate::lane::delivery::{Moves, Place};
use papo_domain::MessageId;
use papo_domain::ids::{ConversationId, TenantId};
use papo_domain::ports::{Commit, DeliveryStatus, ProviderError};
use std::borrow::Cow;
use std::collections::HashMap;
use uuid::Uuid;

/// Withdraws what a machine said and nobody sent yet. Runs before the commit's own rows come. Each
/// conversation is looked up by itself: where the planner believes that nothing is queued, it
/// would read all that is.
const CANCEL: &str = "
UPDATE outbox o
SET state = 'cancelled'
FROM unnest($1::uuid[], $2::uuid[]) AS u(tenant_id, conversation_id)
CROSS JOIN LATERAL (
    SELECT q.ctid FROM outbox q
    WHERE q.tenant_id = u.tenant_id AND q.conversation_id = u.conversation_id
      AND q.state IN ('queued', 'sending', 'unknown')
    OFFSET 0
) f
WHERE o.ctid = f.ctid AND o.state = 'queued' AND o.epoch IS NOT NULL
RETURNING o.tenant_id, o.conversation_id, o.seq";

/// Too late to withdraw.
const ON_THE_WIRE: &str = "
SELECT o.conversation_id
FROM unnest($1::uuid[], $2::uuid[]) AS u(tenant_id, conversation_id)
JOIN outbox o ON o.tenant_id = u.tenant_id AND o.conversation_id = u.conversation_id
             AND o.state = 'sending' AND o.epoch IS NOT NULL";

const FAIL: &str = "
UPDATE outbox o
SET state = 'failed', error = coalesce(o.error, u.error::json)
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::uuid[])
     AS u(tenant_id, conversation_id, seq, error, id)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id AND o.conversation_id = u.conversation_id
  AND o.state NOT IN ('failed', 'cancelled')
RETURNING o.tenant_id, o.conversation_id, o.seq, o.error::text";

/// What a takeover withdrew is known only now, after its key was stored with its answer.
const COMPLETE: &str = "
UPDATE idempotency_keys k
SET answer = k.answer || jsonb_build_object('cancelled', u.cancelled, 'on_the_wire', u.on_the_wire)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
     AS u(tenant_id, user_id, key, cancelled, on_the_wire)
CROSS JOIN LATERAL (
    SELECT i.ctid FROM idempotency_keys i
    WHERE i.tenant_id = u.tenant_id AND i.user_id = u.user_id AND i.key = u.key
    LIMIT 1
) f
WHERE k.ctid = f.ctid";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[CANCEL, ON_THE_WIRE, FAIL, COMPLETE];

/// A commit that won, with the tenant of its state row.
pub(crate) type Winner<'a> = (TenantId, &'a Commit);

/// What a commit withdrew.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Withdrawn {
    pub(crate) cancelled: u32,
    pub(crate) on_the_wire: u32,
}

/// Withdraws and marks, and notes the deliveries that follow. Runs before the new rows come.
pub(crate) async fn withdraw(
    link: &Link,
    winners: &[Winner<'_>],
    moves: &mut Moves,
) -> Result<HashMap<ConversationId, Withdrawn>, Fault> {
    let ((cancelled, counts), failed) = tokio::try_join!(
        biased;
        cancel(link, winners),
        fail(link, winners),
    )?;
    for place in cancelled {
        moves.note(place, DeliveryStatus::Cancelled, None, None);
    }
    for (place, error) in failed {
        moves.note(place, DeliveryStatus::Failed, error, None);
    }
    Ok(counts)
}

async fn cancel(
    link: &Link,
    winners: &[Winner<'_>],
) -> Result<(Vec<Place>, HashMap<ConversationId, Withdrawn>), Fault> {
    let mut counts: HashMap<ConversationId, Withdrawn> = HashMap::new();
    let (tenants, conversations): (Vec<Uuid>, Vec<Uuid>) = winners
        .iter()
        .filter(|(_, c)| c.cancel_automatic)
        .map(|(tenant, c)| (tenant.0, c.conversation.0))
        .unzip();
    if tenants.is_empty() {
        return Ok((Vec::new(), counts));
    }
    let (cancelled, wired) = {
        let params: Params<'_> = &[&tenants, &conversations];
        tokio::try_join!(
            biased;
            link.query(CANCEL, params),
            link.query(ON_THE_WIRE, params),
        )?
    };
    let mut places = Vec::new();
    for row in cancelled {
        let conversation = ConversationId(row.try_get(1)?);
        let seq: i64 = row.try_get(2)?;
        places.push((TenantId(row.try_get(0)?), conversation, unsigned(seq)));
        counts.entry(conversation).or_default().cancelled += 1;
    }
    for row in wired {
        let conversation = ConversationId(row.try_get(0)?);
        counts.entry(conversation).or_default().on_the_wire += 1;
    }
    Ok((places, counts))
}

/// Adds what was withdrawn to the answers that repetitions of the same requests will get.
pub(crate) async fn complete_answers(
    link: &Link,
    winners: &[Winner<'_>],
    withdrawn: &HashMap<ConversationId, Withdrawn>,
) -> Result<(), Fault> {
    let keyed: Vec<_> = winners
        .iter()
        .filter_map(|(tenant, commit)| {
            let key = commit.idempotency.as_ref()?;
            Some((tenant.0, key, withdrawn.get(&commit.conversation)?))
        })
        .collect();
    if keyed.is_empty() {
        return Ok(());
    }
    let tenants: Vec<Uuid> = keyed.iter().map(|(tenant, ..)| *tenant).collect();
    let users: Vec<Uuid> = keyed.iter().map(|(_, key, _)| key.user.0).collect();
    let names: Vec<Cow<'_, str>> = keyed.iter().map(|(_, key, _)| text(&key.key)).collect();
    let counts = |of: fn(&Withdrawn) -> u32| -> Vec<i64> {
        keyed
            .iter()
            .map(|(.., counts)| i64::from(of(counts)))
            .collect()
    };
    let (cancelled, on_the_wire) = (counts(|c| c.cancelled), counts(|c| c.on_the_wire));
    link.execute(
        COMPLETE,
        &[&tenants, &users, &names, &cancelled, &on_the_wire],
    )
    .await?;
    Ok(())
}

type Failures = Vec<(Place, Option<ProviderError>)>;

async fn fail(link: &Link, winners: &[Winner<'_>]) -> Result<Failures, Fault> {
    let mut rows: Vec<(Uuid, Uuid, i64, String, Uuid)> = Vec::new();
    for (tenant, commit) in winners {
        for (seq, code) in &commit.failed {
            let error = json(&ProviderError {
                code: *code,
                title: String::new(),
                detail: None,
            })?;
            let id = MessageId::of(commit.conversation, *seq).0;
            rows.push((tenant.0, commit.conversation.0, bigint(*seq), error, id));
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let tenants: Vec<Uuid> = rows.iter().map(|r| r.0).collect();
    let conversations: Vec<Uuid> = rows.iter().map(|r| r.1).collect();
    let seqs: Vec<i64> = rows.iter().map(|r| r.2).collect();
    let errors: Vec<&str> = rows.iter().map(|r| r.3.as_str()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|r| r.4).collect();
    let rows = link
        .query(FAIL, &[&tenants, &conversations, &seqs, &errors, &ids])
        .await?;
    rows.iter()
        .map(|row| {
            let seq: i64 = row.try_get(2)?;
            let error: Option<String> = row.try_get(3)?;
            let error = error.map(|e| from_json("outbox.error", &e)).transpose()?;
            let place = (
                TenantId(row.try_get(0)?),
                ConversationId(row.try_get(1)?),
                unsigned(seq),
            );
            Ok((place, error))
        })
        .collect()
}
