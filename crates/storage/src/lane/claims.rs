//! Taking messages from the outbox. What is claimed here goes out, so this is the last place
//! that can hold back a machine's words after a person took over: the conversation's row is
//! locked, and only then the epoch is compared.

use crate::engine::columns::{bigint, claim_id, from_class, from_json, from_word};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::{Params, Row};
use crate::lane::delivery::Moves;
use crate::lane::sends::{HOLD_CONVERSATIONS, place};
use papo_domain::conversation::Body;
use papo_domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use papo_domain::ports::{Alias, AliasKind, Claimed, DeliveryStatus, Lease, OpenClaim};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// By class, then by age: the oldest message of each conversation, if nothing of the
/// conversation is on its way and nothing before it is still open.
const CANDIDATES: &str = "
SELECT u.ord, c.id, c.conversation_id
FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS u(tenant_id, channel_id, room, ord)
CROSS JOIN LATERAL (
    SELECT o.id, o.conversation_id
    FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS k(class)
    CROSS JOIN LATERAL (
        SELECT q.id, q.conversation_id, q.due_at, q.seq
        FROM outbox q
        WHERE q.tenant_id = u.tenant_id AND q.channel_id = u.channel_id AND q.class = k.class
          AND q.state = 'queued' AND q.due_at <= now()
          AND NOT EXISTS (
              SELECT FROM outbox b
              WHERE b.tenant_id = q.tenant_id AND b.conversation_id = q.conversation_id
                AND b.state IN ('queued', 'sending', 'unknown')
                AND (b.seq < q.seq OR b.state <> 'queued'))
        ORDER BY q.due_at, q.seq
        LIMIT u.room
    ) o
    ORDER BY k.class, o.due_at, o.seq
    LIMIT u.room
) c";

/// With the conversations' rows locked: the epoch cannot move any more, and an automatic message
/// of another epoch is cancelled instead of claimed. The state is compared in a way that no index
/// knows: where the planner believes that nothing is queued, it would read all that is.
const CLAIM: &str = "
UPDATE outbox o
SET state = CASE WHEN o.epoch IS NULL OR o.epoch = s.epoch THEN 'sending' ELSE 'cancelled' END,
    claimed_at = now(), lease_epoch = u.lease_epoch
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[])
     AS u(tenant_id, id, conversation_id, lease_epoch)
JOIN conversation_state s ON s.tenant_id = u.tenant_id AND s.conversation_id = u.conversation_id
JOIN conversations c ON c.tenant_id = u.tenant_id AND c.id = u.conversation_id
WHERE o.tenant_id = u.tenant_id AND o.id = u.id AND o.conversation_id = u.conversation_id
  AND o.state || '' = 'queued'
  AND NOT EXISTS (
      SELECT FROM outbox b
      WHERE b.tenant_id = o.tenant_id AND b.conversation_id = o.conversation_id
        AND b.state = 'sending')
RETURNING o.tenant_id, o.conversation_id, o.seq, o.id, o.state = 'sending', o.class, o.attempts,
          c.peer_kind, c.peer_value, o.claimed_at";

/// One look into `outbox_one_sending`. Bounded by what a channel may have under way.
const OPEN: &str = "
SELECT o.id, o.conversation_id, o.claimed_at
FROM outbox o
WHERE o.tenant_id = $1 AND o.channel_id = $2 AND o.lease_epoch = $3 AND o.state = 'sending'
  AND o.claimed_at IS NOT NULL";

const WORDS: &str = "
SELECT m.id, m.body::text, m.quoted
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u(tenant_id, conversation_id, seq)
JOIN messages m ON m.tenant_id = u.tenant_id AND m.conversation_id = u.conversation_id AND m.seq = u.seq";

/// Nothing to send.
const WITHDRAW: &str = "
UPDATE outbox o
SET state = 'cancelled'
FROM unnest($1::uuid[], $2::uuid[]) AS u(tenant_id, id)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[CANDIDATES, CLAIM, OPEN, WORDS, WITHDRAW];

/// A request for messages.
pub(crate) struct Wanted {
    pub(crate) tenant: TenantId,
    pub(crate) lease: Lease,
    pub(crate) channel: ChannelId,
    pub(crate) limit: u32,
}

struct Candidate {
    /// Place of the request among the wanted.
    request: usize,
    id: MessageId,
    conversation: ConversationId,
}

/// Takes messages for each request; answers in the same order.
pub(crate) async fn claim(
    link: &Link,
    wanted: &[Wanted],
    moves: &mut Moves,
) -> Result<Vec<Vec<Claimed>>, Fault> {
    let mut answers: Vec<Vec<Claimed>> = Vec::new();
    answers.resize_with(wanted.len(), Vec::new);
    let candidates = candidates(link, wanted).await?;
    if candidates.is_empty() {
        return Ok(answers);
    }
    let taken = take(link, wanted, &candidates).await?;
    let words = words(link, &taken).await?;
    let mut empty: (Vec<Uuid>, Vec<Uuid>) = Default::default();
    let mut claimed: HashMap<MessageId, Claimed> = HashMap::new();
    for row in &taken {
        let place = place(row)?;
        let id: Uuid = row.try_get(3)?;
        if !row.try_get::<bool>(4)? {
            moves.note(place, DeliveryStatus::Cancelled, None, None);
        } else if let Some((Body::Outbound { outbound }, quote)) = words.get(&id) {
            claimed.insert(
                MessageId(id),
                Claimed {
                    id: MessageId(id),
                    conversation: place.1,
                    claim: claim_id(row.try_get(9)?),
                    seq: place.2,
                    to: recipient(row)?,
                    outbound: outbound.clone(),
                    quote: quote.clone(),
                    class: from_class(row.try_get(5)?),
                    attempts: u32::try_from(row.try_get::<i32>(6)?).unwrap_or_default(),
                },
            );
        } else {
            empty.0.push(place.0.0);
            empty.1.push(id);
            moves.note(place, DeliveryStatus::Cancelled, None, None);
        }
    }
    if !empty.0.is_empty() {
        link.execute(WITHDRAW, &[&empty.0, &empty.1]).await?;
    }
    // In the order of the candidates, which is the order in which tokens are to be spent.
    for candidate in &candidates {
        if let (Some(claimed), Some(answer)) = (
            claimed.remove(&candidate.id),
            answers.get_mut(candidate.request),
        ) {
            answer.push(claimed);
        }
    }
    Ok(answers)
}

/// What was claimed under the lease and has no result. With the lease locked, and alone if the
/// outcome of an earlier batch is unknown: a claim whose COMMIT comes late is among them.
pub(crate) async fn open(
    link: &Link,
    lease: Lease,
    tenant: TenantId,
    channel: ChannelId,
) -> Result<Vec<OpenClaim>, Fault> {
    let rows = link
        .query(OPEN, &[&tenant.0, &channel.0, &bigint(lease.epoch)])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OpenClaim {
                id: MessageId(row.try_get(0)?),
                conversation: ConversationId(row.try_get(1)?),
                claim: claim_id(row.try_get(2)?),
            })
        })
        .collect()
}

async fn candidates(link: &Link, wanted: &[Wanted]) -> Result<Vec<Candidate>, Fault> {
    let tenants: Vec<Uuid> = wanted.iter().map(|w| w.tenant.0).collect();
    let channels: Vec<Uuid> = wanted.iter().map(|w| w.channel.0).collect();
    let room: Vec<i32> = wanted
        .iter()
        .map(|w| i32::try_from(w.limit).unwrap_or(i32::MAX))
        .collect();
    let rows = link
        .query(CANDIDATES, &[&tenants, &channels, &room])
        .await?;
    let mut seen = BTreeSet::new();
    let mut candidates = Vec::new();
    for row in rows {
        let ordinal: i64 = row.try_get(0)?;
        let id = MessageId(row.try_get(1)?);
        // The same channel may be asked for twice in one batch.
        if seen.insert(id) {
            candidates.push(Candidate {
                request: usize::try_from(ordinal - 1).unwrap_or_default(),
                id,
                conversation: ConversationId(row.try_get(2)?),
            });
        }
    }
    Ok(candidates)
}

async fn take(link: &Link, wanted: &[Wanted], candidates: &[Candidate]) -> Result<Vec<Row>, Fault> {
    let mut rows: Vec<(Uuid, Uuid, Uuid, i64)> = candidates
        .iter()
        .filter_map(|c| {
            let request = wanted.get(c.request)?;
            let epoch = bigint(request.lease.epoch);
            Some((request.tenant.0, c.conversation.0, c.id.0, epoch))
        })
        .collect();
    // Row locks are taken in one order by everybody.
    rows.sort_unstable();
    let tenants: Vec<Uuid> = rows.iter().map(|r| r.0).collect();
    let conversations: Vec<Uuid> = rows.iter().map(|r| r.1).collect();
    let ids: Vec<Uuid> = rows.iter().map(|r| r.2).collect();
    let epochs: Vec<i64> = rows.iter().map(|r| r.3).collect();
    let held: Params<'_> = &[&tenants, &conversations];
    let claimed: Params<'_> = &[&tenants, &ids, &conversations, &epochs];
    let (_, taken) = tokio::try_join!(
        biased;
        link.query(HOLD_CONVERSATIONS, held),
        link.query(CLAIM, claimed),
    )?;
    Ok(taken)
}

type Words = HashMap<Uuid, (Body, Option<String>)>;

/// The words of the taken messages; none for those that were erased or cannot be read.
async fn words(link: &Link, taken: &[Row]) -> Result<Words, Fault> {
    let mut places: (Vec<Uuid>, Vec<Uuid>, Vec<i64>) = Default::default();
    for row in taken {
        let (tenant, conversation, seq) = place(row)?;
        places.0.push(tenant.0);
        places.1.push(conversation.0);
        places.2.push(bigint(seq));
    }
    let mut words = Words::new();
    for row in link
        .query(WORDS, &[&places.0, &places.1, &places.2])
        .await?
    {
        let (id, body): (Uuid, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        match body.map(|body| from_json("messages.body", &body)) {
            Some(Ok(body)) => {
                words.insert(id, (body, row.try_get(2)?));
            }
            // One such row must not hold up its channel.
            Some(Err(fault)) => tracing::error!(message.id = %id, %fault, "cannot be sent"),
            None => {}
        }
    }
    Ok(words)
}

fn recipient(row: &Row) -> Result<Alias, Fault> {
    Ok(Alias {
        kind: from_word::<AliasKind>("conversations.peer_kind", &row.try_get::<String>(7)?)?,
        value: row.try_get(8)?,
    })
}
