//! The tenant's event stream: numbers are given here, to rows of the transaction that commits
//! them, and to nothing else. The counter is the writer's memory of the last committed number;
//! it is read from the table where there is none, and doubted after an unknown outcome.

use crate::engine::columns::{bigint, json, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use papo_domain::Timestamp;
use papo_domain::conversation::{Audience, Event};
use papo_domain::ids::{ConversationId, TenantId};
use papo_domain::ports::{EventBatch, EventBody, LiveEvent, MessageView};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// What a writer remembers of its streams.
#[derive(Default)]
pub(crate) struct KnownHeads {
    /// Under which lease epoch a head was committed, and the head.
    known: HashMap<TenantId, (u64, u64)>,
    doubted: HashSet<TenantId>,
}

impl KnownHeads {
    /// The last committed number, if it is known under this epoch.
    pub(crate) fn of(&self, tenant: TenantId, epoch: u64) -> Option<u64> {
        let (under, head) = self.known.get(&tenant)?;
        (*under == epoch).then_some(*head)
    }

    /// A commit was heard of.
    pub(crate) fn learn(&mut self, tenant: TenantId, epoch: u64, head: u64) {
        self.known.insert(tenant, (epoch, head));
        self.doubted.remove(&tenant);
    }

    /// A COMMIT was sent and nobody knows how it ended, nor whether it has.
    pub(crate) fn doubt(&mut self, tenant: TenantId) {
        self.known.remove(&tenant);
        self.doubted.insert(tenant);
    }

    /// Whether a transaction of this writer may still be at work behind a broken connection. Its
    /// end must be waited for before the head is read.
    pub(crate) fn doubts(&self, tenant: TenantId) -> bool {
        self.doubted.contains(&tenant)
    }
}

/// Heads of tenants that the writer does not remember. Read after the lease rows are locked, so
/// no older holder can still be writing. With the time of the reading, for those who remember it.
pub(crate) const HEADS: &str = "
SELECT u.tenant_id,
       greatest(
           (SELECT e.seq FROM events e WHERE e.tenant_id = u.tenant_id ORDER BY e.seq DESC LIMIT 1),
           (SELECT h.head FROM event_heads h WHERE h.tenant_id = u.tenant_id),
           0),
       now()
FROM unnest($1::uuid[]) AS u(tenant_id)";

const APPEND: &str = "
INSERT INTO events (tenant_id, seq, conversation_id, version, kind, message_seq, refs, audience, prior, at)
SELECT u.tenant_id, u.seq, u.conversation_id, u.version, u.kind, u.message_seq,
       u.refs::json, u.audience::json, u.prior::json, $10
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[],
            $7::text[], $8::text[], $9::text[])
     AS u(tenant_id, seq, conversation_id, version, kind, message_seq, refs, audience, prior)";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[HEADS, APPEND];

/// Events of the running transaction, still without numbers.
#[derive(Default)]
pub(crate) struct Stream {
    drafts: Vec<Draft>,
}

/// An event without its number.
pub(crate) struct Draft {
    pub(crate) tenant: TenantId,
    pub(crate) conversation: ConversationId,
    pub(crate) version: Option<u64>,
    pub(crate) body: EventBody,
    pub(crate) audience: Audience,
    pub(crate) prior: Option<Audience>,
    pub(crate) message: Option<MessageView>,
}

/// Numbered events, not yet stored.
pub(crate) struct Numbered {
    /// The number of each draft, in the order of [`Stream::push`].
    pub(crate) numbers: Vec<u64>,
    pub(crate) heads: BTreeMap<TenantId, u64>,
    pub(crate) batches: Vec<EventBatch>,
    columns: Columns,
    at: Timestamp,
}

/// Reads the heads of `tenants`.
pub(crate) async fn read_heads(
    link: &Link,
    tenants: &[Uuid],
) -> Result<BTreeMap<TenantId, u64>, Fault> {
    if tenants.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = link.query(HEADS, &[&tenants]).await?;
    rows.iter()
        .map(|row| Ok((TenantId(row.try_get(0)?), unsigned(row.try_get(1)?))))
        .collect()
}

impl Stream {
    /// Adds an event; returns its place among the drafts.
    pub(crate) fn push(&mut self, draft: Draft) -> usize {
        self.drafts.push(draft);
        self.drafts.len() - 1
    }

    /// Numbers the events. `heads` must know every tenant of a draft.
    pub(crate) fn number(
        self,
        at: Timestamp,
        mut heads: BTreeMap<TenantId, u64>,
    ) -> Result<Numbered, Fault> {
        let mut columns = Columns::default();
        let mut numbers = Vec::with_capacity(self.drafts.len());
        let mut batches: BTreeMap<TenantId, Vec<Arc<LiveEvent>>> = BTreeMap::new();
        for draft in self.drafts {
            let head = heads
                .get_mut(&draft.tenant)
                .ok_or_else(|| Fault::Lost("a tenant without a head".to_owned()))?;
            *head += 1;
            let event = LiveEvent {
                seq: *head,
                conversation: draft.conversation,
                version: draft.version,
                at,
                body: draft.body,
                audience: draft.audience,
                prior: draft.prior,
                message: draft.message,
            };
            columns.push(draft.tenant, &event)?;
            numbers.push(event.seq);
            batches
                .entry(draft.tenant)
                .or_default()
                .push(Arc::new(event));
        }
        Ok(Numbered {
            columns,
            at,
            numbers,
            heads,
            batches: batches
                .into_iter()
                .map(|(tenant, events)| EventBatch { tenant, events })
                .collect(),
        })
    }
}

#[derive(Default)]
struct Columns {
    tenant: Vec<Uuid>,
    seq: Vec<i64>,
    conversation: Vec<Uuid>,
    version: Vec<Option<i64>>,
    kind: Vec<&'static str>,
    message_seq: Vec<Option<i64>>,
    refs: Vec<String>,
    audience: Vec<String>,
    prior: Vec<Option<String>>,
}

impl Columns {
    fn push(&mut self, tenant: TenantId, event: &LiveEvent) -> Result<(), Fault> {
        let (kind, message_seq) = match &event.body {
            EventBody::Conversation { event } => (
                event.name(),
                match event {
                    Event::MessageAdded { seq, .. } => Some(bigint(*seq)),
                    _ => None,
                },
            ),
            EventBody::Delivery { .. } => ("delivery", None),
            EventBody::Notification { .. } => ("notification", None),
            EventBody::Customer { .. } => ("customer", None),
        };
        self.tenant.push(tenant.0);
        self.seq.push(bigint(event.seq));
        self.conversation.push(event.conversation.0);
        self.version.push(event.version.map(bigint));
        self.kind.push(kind);
        self.message_seq.push(message_seq);
        self.refs.push(json(&event.body)?);
        self.audience.push(json(&event.audience)?);
        self.prior.push(event.prior.as_ref().map(json).transpose()?);
        Ok(())
    }
}

impl Numbered {
    /// Stores the events.
    pub(crate) async fn store(&self, link: &Link) -> Result<(), Fault> {
        let c = &self.columns;
        if c.tenant.is_empty() {
            return Ok(());
        }
        let params: Params<'_> = &[
            &c.tenant,
            &c.seq,
            &c.conversation,
            &c.version,
            &c.kind,
            &c.message_seq,
            &c.refs,
            &c.audience,
            &c.prior,
            &self.at,
        ];
        link.execute(APPEND, params).await?;
        Ok(())
    }
}
