//! The follower that keeps the facts of sessions and attendance. What the facts are is said in
//! `papo_domain::metrics`.

use super::Followed;
use super::days::Changes;
use super::keep::{Sessions, Stretches};
use crate::engine::columns::{bigint, from_word};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::{Params, Row};
use chrono::NaiveDate;
use papo_domain::Timestamp;
use papo_domain::conversation::Event;
use papo_domain::ids::{ConversationId, DepartmentId, TenantId, UserId};
use papo_domain::metrics::{Ledger, SessionFacts, StretchEnd, StretchFacts};
use papo_domain::ports::EventBody;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const CHANNELS: &str = "
SELECT c.id, c.channel_id
FROM unnest($2::uuid[]) AS u(id)
JOIN conversations c ON c.tenant_id = $1 AND c.id = u.id";

const SESSIONS: &str = "
SELECT s.conversation_id, s.session, s.department_id, s.last_user_id, s.opened_at, s.ended_at,
       s.end_reason, s.asked_at, s.taken_at, s.answered_at, s.transfers, s.inbound, s.bot, s.staff,
       s.stretches, s.served_at, s.day, s.counted_to
FROM unnest($2::uuid[]) AS u(conversation_id)
CROSS JOIN LATERAL (
    SELECT * FROM service_sessions
    WHERE tenant_id = $1 AND conversation_id = u.conversation_id
    ORDER BY session DESC LIMIT 1
) s";

const STRETCHES: &str = "
SELECT s.conversation_id, s.session, s.number, s.user_id, s.department_id, s.began_at, s.ended_at,
       s.end_kind, s.answered_at, s.sent, s.away_since, s.away_seconds, s.day
FROM unnest($2::uuid[]) AS u(conversation_id)
CROSS JOIN LATERAL (
    SELECT * FROM attendance_stretches
    WHERE tenant_id = $1 AND conversation_id = u.conversation_id
    ORDER BY session DESC, number DESC LIMIT 1
) s";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[CHANNELS, SESSIONS, STRETCHES];

/// Takes in these events of a tenant, in their order.
pub(super) async fn take_in(
    link: &Link,
    tenant: TenantId,
    events: &[Followed],
) -> Result<(), Fault> {
    let ids: BTreeSet<Uuid> = events
        .iter()
        .filter(|event| matches!(event.body, EventBody::Conversation { .. }))
        .map(|event| event.conversation.0)
        .collect();
    let mut books = open(link, tenant, ids.into_iter().collect()).await?;
    for event in events {
        if let EventBody::Conversation { event: fact } = &event.body
            && let Some(book) = books.get_mut(&event.conversation)
        {
            book.take(bigint(event.seq), fact);
        }
    }
    let mut changes = Changes::none(link, tenant).await?;
    let (mut sessions, mut stretches) = (Sessions::default(), Stretches::default());
    for (id, book) in &books {
        for facts in book.ledger.sessions() {
            let old = book.session.as_ref();
            let old = old.filter(|old| old.facts.session == facts.session);
            let day = old.and_then(|old| old.day);
            let day = day.unwrap_or_else(|| changes.day(facts.opened_at));
            changes.session(book.channel, day, old.map(|old| &old.facts), facts);
            sessions.push(*id, facts, day, book.opened.get(&facts.session).copied());
        }
        for facts in book.ledger.stretches() {
            let place = |of: &StretchFacts| (of.session, of.number);
            let old = book.stretch.as_ref();
            let old = old.filter(|old| place(&old.facts) == place(facts));
            let day = old.and_then(|old| old.day);
            let day = day.unwrap_or_else(|| changes.day(facts.began_at));
            changes.stretch(book.channel, day, old.map(|old| &old.facts), facts);
            stretches.push(*id, facts, day);
        }
    }
    sessions.store(link, tenant).await?;
    stretches.store(link, tenant).await?;
    changes.store(link, tenant).await
}

/// A session as it is stored.
pub(super) struct StoredSession {
    pub(super) facts: SessionFacts,
    /// On which it is counted; `None` in rows of older versions.
    pub(super) day: Option<NaiveDate>,
    /// Events up to this one are in the facts already, though the follower began anew before them.
    pub(super) counted_to: Option<i64>,
}

/// A stretch as it is stored.
pub(super) struct StoredStretch {
    pub(super) facts: StretchFacts,
    /// As in [`StoredSession`].
    pub(super) day: Option<NaiveDate>,
}

/// A conversation's facts, as they were and as they become.
struct Book {
    channel: Uuid,
    session: Option<StoredSession>,
    stretch: Option<StoredStretch>,
    ledger: Ledger,
    /// The events that opened sessions, by the session's number.
    opened: BTreeMap<u32, i64>,
}

impl Book {
    fn take(&mut self, seq: i64, event: &Event) {
        let counted_to = self.session.as_ref().and_then(|old| old.counted_to);
        if counted_to.is_some_and(|counted| seq <= counted) {
            return;
        }
        self.ledger.take(event);
        if let (Event::SessionOpened { .. }, Some(facts)) = (event, self.ledger.sessions().last()) {
            self.opened.insert(facts.session, seq);
        }
    }
}

/// Opens the books of these conversations. One that was erased meanwhile has none.
async fn open(
    link: &Link,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<BTreeMap<ConversationId, Book>, Fault> {
    let params: Params<'_> = &[&tenant.0, &ids];
    let (channels, sessions, stretches) = tokio::try_join!(
        biased;
        link.query(CHANNELS, params),
        link.query(SESSIONS, params),
        link.query(STRETCHES, params),
    )?;
    let (mut newest, mut lasting) = (BTreeMap::new(), BTreeMap::new());
    for row in &sessions {
        newest.insert(row.try_get::<Uuid>(0)?, session(row)?);
    }
    for row in &stretches {
        lasting.insert(row.try_get::<Uuid>(0)?, stretch(row)?);
    }
    channels
        .iter()
        .map(|row| {
            let id: Uuid = row.try_get(0)?;
            let (session, stretch) = (newest.remove(&id), lasting.remove(&id));
            let book = Book {
                channel: row.try_get(1)?,
                ledger: Ledger::resume(
                    session.as_ref().map(|old| old.facts.clone()),
                    stretch.as_ref().map(|old| old.facts.clone()),
                ),
                session,
                stretch,
                opened: BTreeMap::new(),
            };
            Ok((ConversationId(id), book))
        })
        .collect()
}

pub(super) fn session(row: &Row) -> Result<StoredSession, Fault> {
    let ended_at: Option<Timestamp> = row.try_get(5)?;
    let reason: Option<String> = row.try_get(6)?;
    let reason = reason
        .map(|word| from_word("service_sessions.end_reason", &word))
        .transpose()?;
    let (asked_at, taken_at): (Option<Timestamp>, Option<Timestamp>) =
        (row.try_get(7)?, row.try_get(8)?);
    // Older versions did not store it: there, who came first after the request answered it.
    let served_at = match row.try_get(15)? {
        None => taken_at.filter(|taken| asked_at.is_some_and(|asked| asked < *taken)),
        served_at => served_at,
    };
    let facts = SessionFacts {
        session: count(row, 1)?,
        department: row.try_get::<Option<Uuid>>(2)?.map(DepartmentId),
        last_user: row.try_get::<Option<Uuid>>(3)?.map(UserId),
        opened_at: row.try_get(4)?,
        ended: ended_at.zip(reason),
        asked_at,
        taken_at,
        served_at,
        answered_at: row.try_get(9)?,
        transfers: count(row, 10)?,
        inbound: count(row, 11)?,
        bot: count(row, 12)?,
        staff: count(row, 13)?,
        stretches: count(row, 14)?,
    };
    Ok(StoredSession {
        facts,
        day: row.try_get(16)?,
        counted_to: row.try_get(17)?,
    })
}

pub(super) fn stretch(row: &Row) -> Result<StoredStretch, Fault> {
    let ended_at: Option<Timestamp> = row.try_get(6)?;
    let kind: Option<String> = row.try_get(7)?;
    let kind = kind
        .map(|word| {
            StretchEnd::from_name(&word)
                .ok_or_else(|| Fault::Corrupt("attendance_stretches.end_kind".to_owned()))
        })
        .transpose()?;
    let facts = StretchFacts {
        session: count(row, 1)?,
        number: count(row, 2)?,
        user: row.try_get::<Option<Uuid>>(3)?.map(UserId),
        department: row.try_get::<Option<Uuid>>(4)?.map(DepartmentId),
        began_at: row.try_get(5)?,
        ended: ended_at.zip(kind),
        answered_at: row.try_get(8)?,
        sent: count(row, 9)?,
        away_since: row.try_get(10)?,
        away: count(row, 11)?,
    };
    Ok(StoredStretch {
        facts,
        day: row.try_get(12)?,
    })
}

fn count(row: &Row, at: usize) -> Result<u32, Fault> {
    Ok(u32::try_from(row.try_get::<i32>(at)?).unwrap_or_default())
}
