//! What is made of the event streams a moment later, so that the commits themselves stay small. A
//! follower reads a tenant's stream in order from where it stands, and keeps what it makes of it
//! together with its place, in one transaction: each event counts once, whatever dies when, and
//! everything can be made anew from the events that are kept.
//!
//! Followers need no lease. Two nodes that follow the same tenant wait for each other at its
//! cursor.

mod anew;
mod days;
mod facts;
mod keep;
mod words;

use crate::engine::columns::{bigint, from_json, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Row;
use crate::engine::store::PgEngineStore;
use papo_domain::Timestamp;
use papo_domain::ids::{ConversationId, Shard, TenantId};
use papo_domain::ports::{EventBody, StoreError};
use std::sync::Arc;

/// Events taken in by one transaction.
const PAGE: i64 = 500;

const ENTER: &str = "
INSERT INTO stream_cursors (tenant_id, follower) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const LOCK: &str = "
SELECT c.seq FROM stream_cursors c WHERE c.tenant_id = $1 AND c.follower = $2 FOR UPDATE";

/// An event bears the time at which its transaction began, which may lie a little before that of
/// an earlier one; a day leaves room for clocks that are put right.
const EVENTS: &str = "
SELECT e.seq, e.conversation_id, e.at, e.refs::text
FROM stream_cursors c
CROSS JOIN LATERAL stream_after(c.tenant_id, c.seq, c.at - interval '1 day', $3) e
WHERE c.tenant_id = $1 AND c.follower = $2
ORDER BY e.seq";

const ADVANCE: &str = "
UPDATE stream_cursors SET seq = $3, at = greatest(at, $4) WHERE tenant_id = $1 AND follower = $2";

const RESET: &str = "
UPDATE stream_cursors SET seq = 0, at = '-infinity' WHERE tenant_id = $1 AND follower = $2";

const BEHIND: &str = "
SELECT t.tenant_id
FROM unnest($1::smallint[]) AS u(shard)
JOIN tenants t ON t.shard = u.shard
LEFT JOIN stream_cursors c ON c.tenant_id = t.tenant_id AND c.follower = $2
WHERE stream_head(t.tenant_id, coalesce(c.at, '-infinity') - interval '1 day') > coalesce(c.seq, 0)";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[ENTER, LOCK, EVENTS, ADVANCE, RESET, BEHIND];

/// Every statement of the followers.
#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static str> {
    [SQL, anew::SQL, days::SQL, facts::SQL, keep::SQL, words::SQL].concat()
}

/// Who follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Follower {
    /// Facts of sessions and attendance, for reports.
    Metrics,
    /// The words of messages, for searches.
    Search,
}

impl Follower {
    /// Every follower.
    pub const ALL: [Self; 2] = [Self::Metrics, Self::Search];

    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Search => "search",
        }
    }
}

/// An event as followers read it.
struct Followed {
    seq: u64,
    conversation: ConversationId,
    at: Timestamp,
    body: EventBody,
}

impl PgEngineStore {
    /// Lets `follower` take in what comes next in the stream of `tenant`. Returns whether there
    /// may be more.
    ///
    /// # Errors
    /// The database is away, or an event cannot be read. Nothing was taken in.
    pub async fn follow(&self, follower: Follower, tenant: TenantId) -> Result<bool, StoreError> {
        let mut connection = self.following().lock().await;
        let link = Arc::clone(connection.link().await?);
        match step(&link, follower, tenant).await {
            Ok(more) => Ok(more),
            Err(fault) => {
                connection.roll_back(&fault).await;
                Err(fault.into())
            }
        }
    }

    /// Has `follower` begin anew in the stream of `tenant`, and throws away what it made of the
    /// events that are still kept.
    ///
    /// # Errors
    /// The database is away. Nothing was changed.
    pub async fn forget(&self, follower: Follower, tenant: TenantId) -> Result<(), StoreError> {
        let mut connection = self.following().lock().await;
        let link = Arc::clone(connection.link().await?);
        let done = begin_anew(&link, follower, tenant).await;
        if let Err(fault) = &done {
            connection.roll_back(fault).await;
        }
        Ok(done?)
    }

    /// Tenants of these shards whose streams go on after where `follower` stands.
    ///
    /// # Errors
    /// The database is away.
    pub async fn behind(
        &self,
        follower: Follower,
        shards: Vec<Shard>,
    ) -> Result<Vec<TenantId>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| i16::from(shard.0)).collect();
        let name = follower.name();
        let rows = self.readers().query(BEHIND, &[&shards, &name]).await?;
        let tenant = |row: &Row| Ok(TenantId(row.try_get(0)?));
        rows.iter()
            .map(tenant)
            .collect::<Result<_, Fault>>()
            .map_err(Into::into)
    }
}

async fn begin_anew(link: &Link, follower: Follower, tenant: TenantId) -> Result<(), Fault> {
    let name = follower.name();
    link.control("BEGIN").await?;
    let cursor = link.query(LOCK, &[&tenant.0, &name]).await?;
    let read_to = cursor.first().map(|row| row.try_get(0)).transpose()?;
    link.execute(RESET, &[&tenant.0, &name]).await?;
    match follower {
        Follower::Metrics => anew::throw_away(link, tenant, read_to.unwrap_or_default()).await?,
        Follower::Search => words::throw_away(link, tenant).await?,
    }
    link.control("COMMIT").await
}

async fn step(link: &Link, follower: Follower, tenant: TenantId) -> Result<bool, Fault> {
    let name = follower.name();
    link.control("BEGIN").await?;
    link.execute(ENTER, &[&tenant.0, &name]).await?;
    link.query(LOCK, &[&tenant.0, &name]).await?;
    let rows = link.query(EVENTS, &[&tenant.0, &name, &PAGE]).await?;
    let events: Vec<Followed> = rows.iter().map(followed).collect::<Result<_, _>>()?;
    let Some(last) = events.last() else {
        link.control("COMMIT").await?;
        return Ok(false);
    };
    match follower {
        Follower::Metrics => facts::take_in(link, tenant, &events).await?,
        Follower::Search => words::take_in(link, tenant, &events).await?,
    }
    let (seq, at) = (bigint(last.seq), last.at);
    link.execute(ADVANCE, &[&tenant.0, &name, &seq, &at])
        .await?;
    link.control("COMMIT").await?;
    Ok(events.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX))
}

fn followed(row: &Row) -> Result<Followed, Fault> {
    let (seq, refs): (i64, String) = (row.try_get(0)?, row.try_get(3)?);
    Ok(Followed {
        seq: unsigned(seq),
        conversation: ConversationId(row.try_get(1)?),
        at: row.try_get(2)?,
        body: from_json("events.refs", &refs)?,
    })
}
