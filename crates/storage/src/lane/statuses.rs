//! Status webhooks, applied set-based and without waking an actor. A status finds its message by
//! the provider's id, or by our own id that came back with it, which settles a send whose answer
//! was lost. One that finds nothing is parked until its message is known, for an hour.

use crate::engine::columns::{json, text, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::delivery::{Moves, Place};
use crate::lane::items;
use crate::lane::sends::{self, Learned};
use papo_domain::ids::{ChannelId, ConversationId, TenantId};
use papo_domain::ports::{DeliveryStatus, StatusOutcome, StatusUpdate};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// By the provider's id; else by ours, if the message has no other provider's id.
const FIND: &str = "
SELECT u.ord, o.tenant_id, o.conversation_id, o.seq, o.id, o.external_id IS NULL, m.delivery
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[])
     WITH ORDINALITY AS u(tenant_id, channel_id, external_id, tracking, ord)
CROSS JOIN LATERAL (
    SELECT n.tenant_id, n.conversation_id, n.seq, n.id, n.external_id
    FROM outbox n
    WHERE n.tenant_id = u.tenant_id AND n.channel_id = u.channel_id
      AND n.external_id = u.external_id
    UNION ALL
    SELECT t.tenant_id, t.conversation_id, t.seq, t.id, t.external_id
    FROM outbox t
    WHERE t.tenant_id = u.tenant_id AND t.id = u.tracking AND t.channel_id = u.channel_id
      AND t.external_id IS NULL
    LIMIT 1
) o
JOIN messages m ON m.tenant_id = o.tenant_id AND m.conversation_id = o.conversation_id AND m.seq = o.seq";

/// The provider has it, whatever we believed.
const HAS: &str = "
UPDATE outbox o
SET state = 'sent', external_id = coalesce(o.external_id, u.external_id)
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, id, external_id)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id
  AND (o.state <> 'sent' OR o.external_id IS NULL)
RETURNING o.tenant_id, o.channel_id, o.external_id";

/// The reason is kept for the command that will make it a failure.
const REASON: &str = "
UPDATE outbox o
SET error = coalesce(o.error, u.error::json), external_id = coalesce(o.external_id, u.external_id)
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS u(tenant_id, id, external_id, error)
WHERE o.tenant_id = u.tenant_id AND o.id = u.id";

/// Most orphans overtook their message by milliseconds; after an hour it will not come.
const PARK: &str = concat!(
    "
UPDATE inbox i
SET state = 'parked', next_at = i.received_at + interval '1 hour', wake_key = u.wake_key
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS u(tenant_id, id, wake_key)",
    items::pending_rows!(),
    "
  AND i.received_at > now() - interval '1 hour'"
);

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[FIND, HAS, REASON, PARK];

/// A status with the inbox row it came from.
pub(crate) type Row<'a> = (TenantId, &'a (i64, ChannelId, StatusUpdate));

/// The message a status is about.
struct Found {
    place: Place,
    id: Uuid,
    unnamed: bool,
    stands: i16,
}

/// Applies the statuses of any number of tenants; outcomes in the same order. Returns also the
/// tenants whose parked statuses can be applied now.
pub(crate) async fn apply(
    link: &Link,
    rows: &[Row<'_>],
    moves: &mut Moves,
) -> Result<(Vec<StatusOutcome>, BTreeSet<TenantId>), Fault> {
    let found = find(link, rows).await?;
    // The furthest that this batch says of each message; a `failed` that is already overtaken
    // is no news.
    let mut furthest: HashMap<Place, i16> = HashMap::new();
    for (place, (_, (_, _, update))) in rows.iter().enumerate() {
        if let Some(found) = found.get(&place) {
            let reached = furthest.entry(found.place).or_insert(found.stands);
            *reached = update.status.rank().max(*reached);
        }
    }
    let mut sorted = Sorted::default();
    let mut outcomes = Vec::with_capacity(rows.len());
    for (place, (tenant, (inbox, _, update))) in rows.iter().enumerate() {
        let Some(found) = found.get(&place) else {
            sorted.orphans.0.push(tenant.0);
            sorted.orphans.1.push(*inbox);
            sorted.orphans.2.push(text(&update.external_id));
            outcomes.push(StatusOutcome::Parked);
            continue;
        };
        let reached = furthest.get(&found.place).copied().unwrap_or_default();
        if update.status == DeliveryStatus::Failed
            && reached == DeliveryStatus::Failed.rank()
            && found.stands < reached
        {
            sorted.refuse(found, update)?;
            outcomes.push(StatusOutcome::Failed {
                inbox: *inbox,
                conversation: found.place.1,
                seq: found.place.2,
                code: update.error.as_ref().map_or(0, |error| error.code),
            });
            continue;
        }
        if update.status != DeliveryStatus::Failed {
            let name = found.unnamed.then(|| update.external_id.clone());
            moves.note(found.place, update.status, None, name);
            sorted
                .known
                .insert((found.place.0, found.id), text(&update.external_id));
        }
        sorted.done.push((tenant.0, *inbox));
        outcomes.push(StatusOutcome::Applied);
    }
    let (overdue, woken) = sorted.store(link).await?;
    for (outcome, (tenant, (inbox, ..))) in outcomes.iter_mut().zip(rows) {
        if overdue.contains(&(tenant.0, *inbox)) {
            *outcome = StatusOutcome::Applied;
        }
    }
    Ok((outcomes, woken))
}

async fn find(link: &Link, rows: &[Row<'_>]) -> Result<HashMap<usize, Found>, Fault> {
    let tenants: Vec<Uuid> = rows.iter().map(|(tenant, _)| tenant.0).collect();
    let channels: Vec<Uuid> = rows.iter().map(|(_, row)| row.1.0).collect();
    let names: Vec<Cow<'_, str>> = rows
        .iter()
        .map(|(_, row)| text(&row.2.external_id))
        .collect();
    let tracking: Vec<Option<Uuid>> = rows
        .iter()
        .map(|(_, row)| row.2.tracking.map(Uuid::from))
        .collect();
    let mut found = HashMap::new();
    for row in link
        .query(FIND, &[&tenants, &channels, &names, &tracking])
        .await?
    {
        let (ordinal, seq): (i64, i64) = (row.try_get(0)?, row.try_get(3)?);
        let message = Found {
            place: (
                TenantId(row.try_get(1)?),
                ConversationId(row.try_get(2)?),
                unsigned(seq),
            ),
            id: row.try_get(4)?,
            unnamed: row.try_get(5)?,
            stands: row.try_get::<Option<i16>>(6)?.unwrap_or_default(),
        };
        found.insert(usize::try_from(ordinal - 1).unwrap_or_default(), message);
    }
    Ok(found)
}

/// What becomes of the rows, by statement.
#[derive(Default)]
struct Sorted<'a> {
    known: BTreeMap<(TenantId, Uuid), Cow<'a, str>>,
    done: Vec<(Uuid, i64)>,
    orphans: (Vec<Uuid>, Vec<i64>, Vec<Cow<'a, str>>),
    refused: Vec<Refused<'a>>,
}

/// A message that the provider refused: tenant, id, the provider's id, the reason.
type Refused<'a> = (Uuid, Uuid, Cow<'a, str>, Option<String>);

impl<'a> Sorted<'a> {
    fn refuse(&mut self, found: &Found, update: &'a StatusUpdate) -> Result<(), Fault> {
        let reason = update.error.as_ref().map(json).transpose()?;
        let name = text(&update.external_id);
        self.refused.push((found.place.0.0, found.id, name, reason));
        Ok(())
    }

    /// Returns the orphans whose time is over, and the tenants whose orphans found their message.
    async fn store(
        &self,
        link: &Link,
    ) -> Result<(HashSet<(Uuid, i64)>, BTreeSet<TenantId>), Fault> {
        items::done(link, &self.done).await?;
        if !self.refused.is_empty() {
            let tenants: Vec<Uuid> = self.refused.iter().map(|r| r.0).collect();
            let ids: Vec<Uuid> = self.refused.iter().map(|r| r.1).collect();
            let names: Vec<&str> = self.refused.iter().map(|r| r.2.as_ref()).collect();
            let reasons: Vec<Option<&str>> = self.refused.iter().map(|r| r.3.as_deref()).collect();
            link.execute(REASON, &[&tenants, &ids, &names, &reasons])
                .await?;
        }
        let mut overdue = HashSet::new();
        if !self.orphans.0.is_empty() {
            let o = &self.orphans;
            link.execute(PARK, &[&o.0, &o.1, &o.2]).await?;
            // Those that are still pending.
            let all: Vec<(Uuid, i64)> = o.0.iter().copied().zip(o.1.iter().copied()).collect();
            overdue = items::done(link, &all).await?;
        }
        if self.known.is_empty() {
            return Ok((overdue, BTreeSet::new()));
        }
        let tenants: Vec<Uuid> = self.known.keys().map(|(tenant, _)| tenant.0).collect();
        let ids: Vec<Uuid> = self.known.keys().map(|(_, id)| *id).collect();
        let names: Vec<&Cow<'_, str>> = self.known.values().collect();
        let mut learned = Learned::default();
        for row in link.query(HAS, &[&tenants, &ids, &names]).await? {
            learned.0.push(row.try_get(0)?);
            learned.1.push(row.try_get(1)?);
            learned.2.push(row.try_get(2)?);
        }
        Ok((overdue, sends::wake(link, &learned).await?))
    }
}
