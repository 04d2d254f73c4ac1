//! Throwing away the facts that the events which are kept give again. What lost its beginning stays
//! as it is, and is counted on the days of the time zone as it is now.
//!
//! A tenant may have more facts than one statement can delete in the time that it is given: they
//! are gone through in pages, in the one transaction.

use super::days::{self, Changes};
use super::facts::{self, StoredSession};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::{Params, Row};
use chrono::NaiveDate;
use papo_domain::Timestamp;
use papo_domain::ids::TenantId;
use uuid::Uuid;

const OLDEST: &str = "
SELECT e.seq, e.at FROM events e WHERE e.tenant_id = $1 ORDER BY e.seq LIMIT 1";

const SESSIONS: &str = "
SELECT s.conversation_id, s.session, s.department_id, s.last_user_id, s.opened_at, s.ended_at,
       s.end_reason, s.asked_at, s.taken_at, s.answered_at, s.transfers, s.inbound, s.bot, s.staff,
       s.stretches, s.served_at, s.day, s.counted_to, s.channel_id, s.opened_seq
FROM service_sessions s
WHERE s.tenant_id = $1 AND (s.conversation_id, s.session) > ($2, $3)
ORDER BY s.conversation_id, s.session
LIMIT 1000";

const STRETCHES: &str = "
SELECT s.conversation_id, s.session, s.number, s.user_id, s.department_id, s.began_at, s.ended_at,
       s.end_kind, s.answered_at, s.sent, s.away_since, s.away_seconds, s.day, s.channel_id
FROM attendance_stretches s
WHERE s.tenant_id = $1 AND (s.conversation_id, s.session, s.number) > ($2, $3, $4)
ORDER BY s.conversation_id, s.session, s.number
LIMIT 1000";

const DROP_STRETCHES: &str = "
DELETE FROM attendance_stretches s
USING unnest($2::uuid[], $3::integer[]) AS u(conversation_id, session)
WHERE s.tenant_id = $1 AND s.conversation_id = u.conversation_id AND s.session = u.session";

const DROP_SESSIONS: &str = "
DELETE FROM service_sessions s
USING unnest($2::uuid[], $3::integer[]) AS u(conversation_id, session)
WHERE s.tenant_id = $1 AND s.conversation_id = u.conversation_id AND s.session = u.session";

const NOTE_SESSIONS: &str = "
UPDATE service_sessions s SET day = u.day, counted_to = u.counted_to
FROM unnest($2::uuid[], $3::integer[], $4::date[], $5::bigint[])
     AS u(conversation_id, session, day, counted_to)
WHERE s.tenant_id = $1 AND s.conversation_id = u.conversation_id AND s.session = u.session";

const NOTE_STRETCHES: &str = "
UPDATE attendance_stretches s SET day = u.day
FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::date[])
     AS u(conversation_id, session, number, day)
WHERE s.tenant_id = $1 AND s.conversation_id = u.conversation_id AND s.session = u.session
  AND s.number = u.number";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    OLDEST,
    SESSIONS,
    STRETCHES,
    DROP_STRETCHES,
    DROP_SESSIONS,
    NOTE_SESSIONS,
    NOTE_STRETCHES,
];

/// The oldest event that is kept.
struct Oldest {
    seq: i64,
    at: Timestamp,
}

impl Oldest {
    /// Whether the event that opened this session is kept.
    fn gives_again(&self, stored: &StoredSession, opened_seq: Option<i64>) -> bool {
        match opened_seq {
            Some(seq) => seq >= self.seq,
            // Older versions did not store it.
            None => self.seq == 1 || stored.facts.opened_at >= self.at,
        }
    }
}

/// Throws away what can be made anew, and counts the days of what cannot. The follower had read up
/// to `read_to`.
pub(super) async fn throw_away(link: &Link, tenant: TenantId, read_to: i64) -> Result<(), Fault> {
    days::throw_away(link, tenant).await?;
    let oldest = match link.query(OLDEST, &[&tenant.0]).await?.first() {
        Some(row) => Some(Oldest {
            seq: row.try_get(0)?,
            at: row.try_get(1)?,
        }),
        None => None,
    };
    let mut after = (Uuid::nil(), 0_i32);
    loop {
        let params: Params<'_> = &[&tenant.0, &after.0, &after.1];
        let rows = link.query(SESSIONS, params).await?;
        let Some(last) = rows.last() else { break };
        after = (last.try_get(0)?, last.try_get(1)?);
        sessions(link, tenant, &rows, oldest.as_ref(), read_to).await?;
    }
    let mut after = (Uuid::nil(), 0_i32, 0_i32);
    loop {
        let params: Params<'_> = &[&tenant.0, &after.0, &after.1, &after.2];
        let rows = link.query(STRETCHES, params).await?;
        let Some(last) = rows.last() else { break };
        after = (last.try_get(0)?, last.try_get(1)?, last.try_get(2)?);
        stretches(link, tenant, &rows).await?;
    }
    Ok(())
}

/// Keys of sessions.
#[derive(Default)]
struct Keys {
    conversation: Vec<Uuid>,
    session: Vec<i32>,
}

impl Keys {
    fn push(&mut self, row: &Row) -> Result<(), Fault> {
        self.conversation.push(row.try_get(0)?);
        self.session.push(row.try_get(1)?);
        Ok(())
    }
}

async fn sessions(
    link: &Link,
    tenant: TenantId,
    rows: &[Row],
    oldest: Option<&Oldest>,
    read_to: i64,
) -> Result<(), Fault> {
    let mut changes = Changes::none(link, tenant).await?;
    let (mut gone, mut stays) = (Keys::default(), Keys::default());
    let mut days: Vec<NaiveDate> = Vec::new();
    let mut counted_to: Vec<Option<i64>> = Vec::new();
    for row in rows {
        let stored = facts::session(row)?;
        let opened_seq: Option<i64> = row.try_get(19)?;
        if oldest.is_some_and(|oldest| oldest.gives_again(&stored, opened_seq)) {
            gone.push(row)?;
            continue;
        }
        let day = changes.day(stored.facts.opened_at);
        changes.session(row.try_get(18)?, day, None, &stored.facts);
        stays.push(row)?;
        days.push(day);
        // One that runs goes on after what it was made of, however far back its events are read.
        let runs = stored.facts.ended.is_none();
        counted_to.push(runs.then_some(stored.counted_to.unwrap_or_default().max(read_to)));
    }
    let params: Params<'_> = &[&tenant.0, &gone.conversation, &gone.session];
    link.execute(DROP_STRETCHES, params).await?;
    link.execute(DROP_SESSIONS, params).await?;
    let params: Params<'_> = &[
        &tenant.0,
        &stays.conversation,
        &stays.session,
        &days,
        &counted_to,
    ];
    link.execute(NOTE_SESSIONS, params).await?;
    changes.store(link, tenant).await
}

async fn stretches(link: &Link, tenant: TenantId, rows: &[Row]) -> Result<(), Fault> {
    let mut changes = Changes::none(link, tenant).await?;
    let mut keys = Keys::default();
    let mut numbers: Vec<i32> = Vec::new();
    let mut days: Vec<NaiveDate> = Vec::new();
    for row in rows {
        let stored = facts::stretch(row)?;
        let day = changes.day(stored.facts.began_at);
        changes.stretch(row.try_get(13)?, day, None, &stored.facts);
        keys.push(row)?;
        numbers.push(row.try_get(2)?);
        days.push(day);
    }
    let params: Params<'_> = &[
        &tenant.0,
        &keys.conversation,
        &keys.session,
        &numbers,
        &days,
    ];
    link.execute(NOTE_STRETCHES, params).await?;
    changes.store(link, tenant).await
}
