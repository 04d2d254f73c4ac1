//! The follower that makes what was said findable: the words of each new message, numbered in the
//! order of the stream. What becomes of a message afterwards, a trigger takes along.

use super::Followed;
use crate::engine::columns::bigint;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use papo_domain::conversation::Event;
use papo_domain::ids::TenantId;
use papo_domain::ports::EventBody;
use uuid::Uuid;

const COUNTER: &str = "
INSERT INTO search_counters (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING";

/// Messages without words are left out. The limit of one keeps each message a look into its key.
const ADD: &str = "
WITH fresh AS MATERIALIZED (
    SELECT m.*, c.indexed + row_number() OVER (ORDER BY u.place) AS number
    FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS u(conversation_id, seq, place)
    CROSS JOIN LATERAL (
        SELECT s.conversation_id, s.seq, s.text, s.kind, s.sender, s.sender_user_id, s.sent_at
        FROM messages s
        WHERE s.tenant_id = $1 AND s.conversation_id = u.conversation_id AND s.seq = u.seq
          AND s.text <> ''
        LIMIT 1
    ) m
    JOIN search_counters c ON c.tenant_id = $1
), stored AS (
    INSERT INTO message_search (tenant_id, block, id, conversation_id, seq, kind, sender,
                                sender_user_id, sent_at, document)
    SELECT $1, f.number / 8192, f.number, f.conversation_id, f.seq, f.kind, f.sender,
           f.sender_user_id, f.sent_at, search_document(f.text)
    FROM fresh f
    ON CONFLICT DO NOTHING
)
UPDATE search_counters SET indexed = indexed + (SELECT count(*) FROM fresh) WHERE tenant_id = $1";

const CLEAR: &str = "DELETE FROM message_search WHERE tenant_id = $1";

const RESET: &str = "UPDATE search_counters SET indexed = 0 WHERE tenant_id = $1";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[COUNTER, ADD, CLEAR, RESET];

/// Keeps the words of the messages that these events added.
pub(super) async fn take_in(
    link: &Link,
    tenant: TenantId,
    events: &[Followed],
) -> Result<(), Fault> {
    let added = events.iter().filter_map(|event| match &event.body {
        EventBody::Conversation {
            event: Event::MessageAdded { seq, .. },
        } => Some((event.conversation.0, bigint(*seq))),
        _ => None,
    });
    let (conversations, seqs): (Vec<Uuid>, Vec<i64>) = added.unzip();
    if seqs.is_empty() {
        return Ok(());
    }
    link.execute(COUNTER, &[&tenant.0]).await?;
    link.execute(ADD, &[&tenant.0, &conversations, &seqs])
        .await?;
    Ok(())
}

/// Throws everything of a tenant away. What is kept no longer as an event is only found again by
/// building anew from the messages.
pub(super) async fn throw_away(link: &Link, tenant: TenantId) -> Result<(), Fault> {
    link.execute(CLEAR, &[&tenant.0]).await?;
    link.execute(RESET, &[&tenant.0]).await?;
    Ok(())
}
