//! What the engine reads: tenants, due items and deadlines, the stream. None of it needs a
//! lease: a node that lost its shard may read whatever it likes, it just cannot write.

use crate::engine::columns::{bigint, from_json, from_sender, from_word, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::readers::Readers;
use crate::engine::statement::{Params, Row};
use papo_domain::Timestamp;
use papo_domain::conversation::{SnapshotError, decode};
use papo_domain::ids::{ChannelId, ConversationId, MessageId, Shard, TenantId};
use papo_domain::ports::{DeliveryStatus, InboxRow, LiveEvent, MessageView, Wake};
use uuid::Uuid;

/// Asked every second: each question is one look into a partial index. What is queued for a channel
/// that is switched off waits for a person; what is for a retired one waits to be ended.
const BUSY_TENANTS: &str = "
SELECT t.tenant_id
FROM unnest($1::smallint[]) AS u(shard)
JOIN tenants t ON t.shard = u.shard
WHERE EXISTS (SELECT FROM inbox i WHERE i.tenant_id = t.tenant_id AND i.state = 'pending')
   OR EXISTS (SELECT FROM inbox i WHERE i.tenant_id = t.tenant_id AND i.state = 'parked'
              AND i.next_at <= now())
   OR EXISTS (SELECT FROM outbox o WHERE o.tenant_id = t.tenant_id AND o.state = 'sending')
   OR EXISTS (SELECT FROM outbox o WHERE o.tenant_id = t.tenant_id AND o.state = 'unknown')
   OR EXISTS (SELECT FROM channels c
              CROSS JOIN LATERAL (
                  SELECT FROM outbox o WHERE o.tenant_id = c.tenant_id AND o.channel_id = c.id
                     AND o.state = 'queued'
                  LIMIT 1
              ) q
              WHERE c.tenant_id = t.tenant_id
                AND (c.is_active OR c.driver = 'meta' AND c.phone_number_id IS NULL))
   OR EXISTS (SELECT FROM conversation_state s WHERE s.tenant_id = t.tenant_id
              AND s.wake_at <= now())";

/// Parked rows whose time has come become pending by being asked for.
const UNPARK: &str = "
UPDATE inbox SET state = 'pending', next_at = NULL, wake_key = NULL
WHERE tenant_id = $1 AND state = 'parked' AND next_at <= now()";

const DUE_INBOX: &str = "
SELECT i.id, i.channel_id, i.external_id, i.item::text, i.attempts
FROM inbox i
WHERE i.tenant_id = $1 AND i.state = 'pending' AND i.id > $2
ORDER BY i.id
LIMIT $3";

const NEXT_SEND: &str = "
SELECT min(q.due_at)
FROM channels c
CROSS JOIN (VALUES (0::smallint), (1::smallint), (2::smallint)) AS k(class)
CROSS JOIN LATERAL (
    SELECT o.due_at FROM outbox o
    WHERE o.tenant_id = c.tenant_id AND o.channel_id = c.id AND o.class = k.class
      AND o.state = 'queued'
    ORDER BY o.due_at
    LIMIT 1
) q
WHERE c.tenant_id = $1 AND c.is_active";

const DUE_WAKES: &str = "
SELECT s.conversation_id, s.version, s.wake_at, s.payload
FROM conversation_state s
WHERE s.tenant_id = $1 AND s.wake_at < $2
ORDER BY s.wake_at
LIMIT $3";

/// A lower bound that has fired moves to the deadline that is really armed.
const REARM: &str = "
UPDATE conversation_state s
SET wake_at = u.wake_at
FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS u(conversation_id, version, wake_at)
WHERE s.tenant_id = $1 AND s.conversation_id = u.conversation_id AND s.version = u.version";

/// Of the newest days only, or of all of them. The limit of one keeps each message a look into its
/// key, even for a planner that has seen no rows yet.
const EVENTS_AFTER: &str = "
SELECT e.seq, e.conversation_id, e.version, e.at, e.refs::text, e.audience::text, e.prior::text,
       m.id, m.seq, m.sender, m.sender_user_id, m.kind, m.body::text, m.external_id, m.quoted,
       m.sent_at, m.late, m.delivery
FROM stream_after(
    $1, $2, CASE WHEN $4 THEN now() - interval '4 days' ELSE '-infinity' END, $3
) e
LEFT JOIN LATERAL (
    SELECT * FROM messages
    WHERE tenant_id = $1 AND conversation_id = e.conversation_id AND seq = e.message_seq
    LIMIT 1
) m ON true
ORDER BY e.seq";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    BUSY_TENANTS,
    UNPARK,
    DUE_INBOX,
    NEXT_SEND,
    DUE_WAKES,
    REARM,
    EVENTS_AFTER,
];

pub(crate) async fn busy_tenants(
    readers: &Readers,
    shards: &[Shard],
) -> Result<Vec<TenantId>, Fault> {
    let shards: Vec<i16> = shards.iter().map(|shard| i16::from(shard.0)).collect();
    let rows = readers.query(BUSY_TENANTS, &[&shards]).await?;
    rows.iter()
        .map(|row| Ok(TenantId(row.try_get(0)?)))
        .collect()
}

pub(crate) async fn due_inbox(
    readers: &Readers,
    tenant: TenantId,
    after: i64,
    limit: u32,
) -> Result<Vec<InboxRow>, Fault> {
    let link = readers.link().await?;
    let limit = i64::from(limit);
    let unpark: Params<'_> = &[&tenant.0];
    let due: Params<'_> = &[&tenant.0, &after, &limit];
    let (_, rows) = tokio::try_join!(
        biased;
        link.execute(UNPARK, unpark),
        link.query(DUE_INBOX, due),
    )?;
    rows.iter()
        .map(|row| {
            let item: Option<String> = row.try_get(3)?;
            Ok(InboxRow {
                id: row.try_get(0)?,
                channel: ChannelId(row.try_get(1)?),
                external_id: row.try_get(2)?,
                item: item.and_then(|item| serde_json::from_str(&item).ok()),
                attempts: u32::try_from(row.try_get::<i32>(4)?).unwrap_or_default(),
            })
        })
        .collect()
}

pub(crate) async fn next_send(
    readers: &Readers,
    tenant: TenantId,
) -> Result<Option<Timestamp>, Fault> {
    let rows = readers.query(NEXT_SEND, &[&tenant.0]).await?;
    match rows.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Ok(None),
    }
}

/// Deadlines before `before`. Lower bounds that turn out to be too low are corrected on the way,
/// so every round either finds something due or leaves fewer rows to look at.
pub(crate) async fn due_wakes(
    readers: &Readers,
    tenant: TenantId,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Wake>, Fault> {
    let link = readers.link().await?;
    let limit = i64::from(limit);
    loop {
        let rows = link.query(DUE_WAKES, &[&tenant.0, &before, &limit]).await?;
        let mut due = Vec::new();
        let mut early: (Vec<Uuid>, Vec<i64>, Vec<Option<Timestamp>>) = Default::default();
        for row in &rows {
            let (conversation, stored) = (row.try_get(0)?, row.try_get(2)?);
            match armed(&row.try_get::<String>(3)?, stored) {
                Some(at) if at < before => due.push(Wake {
                    conversation: ConversationId(conversation),
                    at,
                }),
                later => {
                    early.0.push(conversation);
                    early.1.push(row.try_get(1)?);
                    early.2.push(later);
                }
            }
        }
        let corrected = early.0.len();
        if corrected > 0 {
            link.execute(REARM, &[&tenant.0, &early.0, &early.1, &early.2])
                .await?;
        }
        if !due.is_empty() || corrected == 0 {
            due.sort_by_key(|wake| wake.at);
            return Ok(due);
        }
    }
}

/// When the snapshot really wants to be asked. One that cannot be read keeps the stored moment:
/// its activation will tell why.
fn armed(payload: &str, stored: Timestamp) -> Option<Timestamp> {
    decode(payload).map_or(Some(stored), |state| state.wake_at())
}

/// Nearly everybody asks for what came lately. A stream has no gaps, so an answer from the newest
/// days that begins where it was asked to, and has none, is whole; else all days are looked at.
pub(crate) async fn events_after(
    readers: &Readers,
    tenant: TenantId,
    after: u64,
    limit: u32,
) -> Result<Vec<LiveEvent>, Fault> {
    let link = readers.link().await?;
    let (from, limit) = (bigint(after), i64::from(limit));
    let lately = events(&link, &[&tenant.0, &from, &limit, &true]).await?;
    let next = |last: u64, e: &LiveEvent| (e.seq == last + 1).then_some(e.seq);
    let whole = lately.iter().try_fold(after, next).is_some();
    if whole && !lately.is_empty() {
        return Ok(lately);
    }
    events(&link, &[&tenant.0, &from, &limit, &false]).await
}

async fn events(link: &Link, params: Params<'_>) -> Result<Vec<LiveEvent>, Fault> {
    let rows = link.query(EVENTS_AFTER, params).await?;
    rows.iter().map(event).collect()
}

fn event(row: &Row) -> Result<LiveEvent, Fault> {
    let (seq, version): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(2)?);
    let (refs, audience): (String, String) = (row.try_get(4)?, row.try_get(5)?);
    let prior: Option<String> = row.try_get(6)?;
    Ok(LiveEvent {
        seq: unsigned(seq),
        conversation: ConversationId(row.try_get(1)?),
        version: version.map(unsigned),
        at: row.try_get(3)?,
        body: from_json("events.refs", &refs)?,
        audience: from_json("events.audience", &audience)?,
        prior: prior
            .map(|prior| from_json("events.prior", &prior))
            .transpose()?,
        message: match row.try_get::<Option<Uuid>>(7)? {
            Some(id) => Some(message(MessageId(id), row)?),
            None => None,
        },
    })
}

fn message(id: MessageId, row: &Row) -> Result<MessageView, Fault> {
    let (seq, rank): (i64, Option<i16>) = (row.try_get(8)?, row.try_get(17)?);
    let (sender, kind): (String, String) = (row.try_get(9)?, row.try_get(11)?);
    let body: Option<String> = row.try_get(12)?;
    Ok(MessageView {
        id,
        seq: unsigned(seq),
        sender: from_sender(&sender, row.try_get(10)?)?,
        kind: from_word("messages.kind", &kind)?,
        body: body
            .map(|body| from_json("messages.body", &body))
            .transpose()?,
        external_id: row.try_get(13)?,
        quoted: row.try_get(14)?,
        sent_at: row.try_get(15)?,
        late: row.try_get(16)?,
        status: rank.and_then(DeliveryStatus::from_rank),
    })
}

/// Why a snapshot cannot be used, in the words of the port.
pub(crate) fn unreadable(error: &SnapshotError) -> papo_domain::ports::StoreError {
    use papo_domain::ports::StoreError;
    match error {
        SnapshotError::TooNew(_) => StoreError::TooNew,
        SnapshotError::Corrupt(_) => StoreError::Corrupt("conversation_state.payload".to_owned()),
    }
}
