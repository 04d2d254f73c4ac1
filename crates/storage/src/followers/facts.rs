//! The follower that keeps the facts of sessions and attendance. What the facts are is said in
//! `papo_domain::metrics`.

use super::Followed;
use super::days::{self, Changes};
use crate::engine::columns::from_word;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::{Params, Row};
use papo_domain::Timestamp;
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
       s.stretches
FROM unnest($2::uuid[]) AS u(conversation_id)
CROSS JOIN LATERAL (
    SELECT * FROM service_sessions
    WHERE tenant_id = $1 AND conversation_id = u.conversation_id
    ORDER BY session DESC LIMIT 1
) s";

const STRETCHES: &str = "
SELECT s.conversation_id, s.session, s.number, s.user_id, s.department_id, s.began_at, s.ended_at,
       s.end_kind, s.answered_at, s.sent
FROM unnest($2::uuid[]) AS u(conversation_id)
CROSS JOIN LATERAL (
    SELECT * FROM attendance_stretches
    WHERE tenant_id = $1 AND conversation_id = u.conversation_id
    ORDER BY session DESC, number DESC LIMIT 1
) s";

/// A conversation that was erased meanwhile leaves nothing behind.
const KEEP_SESSIONS: &str = "
INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, department_id,
    last_user_id, opened_at, ended_at, end_reason, asked_at, taken_at, answered_at, transfers,
    inbound, bot, staff, stretches)
SELECT $1, u.conversation_id, u.session, c.channel_id, u.department_id, u.last_user_id, u.opened_at,
       u.ended_at, u.end_reason, u.asked_at, u.taken_at, u.answered_at, u.transfers, u.inbound,
       u.bot, u.staff, u.stretches
FROM unnest($2::uuid[], $3::integer[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[],
            $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::integer[],
            $13::integer[], $14::integer[], $15::integer[], $16::integer[])
     AS u(conversation_id, session, department_id, last_user_id, opened_at, ended_at, end_reason,
          asked_at, taken_at, answered_at, transfers, inbound, bot, staff, stretches)
JOIN conversations c ON c.tenant_id = $1 AND c.id = u.conversation_id
ON CONFLICT (tenant_id, conversation_id, session) DO UPDATE SET
    department_id = EXCLUDED.department_id, last_user_id = EXCLUDED.last_user_id,
    ended_at = EXCLUDED.ended_at, end_reason = EXCLUDED.end_reason, asked_at = EXCLUDED.asked_at,
    taken_at = EXCLUDED.taken_at, answered_at = EXCLUDED.answered_at,
    transfers = EXCLUDED.transfers, inbound = EXCLUDED.inbound, bot = EXCLUDED.bot,
    staff = EXCLUDED.staff, stretches = EXCLUDED.stretches";

const KEEP_STRETCHES: &str = "
INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id, user_id,
    department_id, began_at, ended_at, end_kind, answered_at, sent)
SELECT $1, u.conversation_id, u.session, u.number, c.channel_id, u.user_id, u.department_id,
       u.began_at, u.ended_at, u.end_kind, u.answered_at, u.sent
FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::uuid[], $6::uuid[], $7::timestamptz[],
            $8::timestamptz[], $9::text[], $10::timestamptz[], $11::integer[])
     AS u(conversation_id, session, number, user_id, department_id, began_at, ended_at, end_kind,
          answered_at, sent)
JOIN conversations c ON c.tenant_id = $1 AND c.id = u.conversation_id
ON CONFLICT (tenant_id, conversation_id, session, number) DO UPDATE SET
    department_id = EXCLUDED.department_id, ended_at = EXCLUDED.ended_at,
    end_kind = EXCLUDED.end_kind, answered_at = EXCLUDED.answered_at, sent = EXCLUDED.sent";

/// Sessions that had ended before the oldest event that is kept could not be made anew.
const THROW_AWAY: &str = "
DELETE FROM service_sessions s
WHERE s.tenant_id = $1
  AND (s.ended_at IS NULL
       OR s.ended_at >= coalesce((SELECT e.at FROM events e WHERE e.tenant_id = $1
                                  ORDER BY e.seq LIMIT 1), 'infinity'))";

/// Pages of all facts, by key.
const EVERY_SESSION: &str = "
SELECT s.conversation_id, s.session, s.department_id, s.last_user_id, s.opened_at, s.ended_at,
       s.end_reason, s.asked_at, s.taken_at, s.answered_at, s.transfers, s.inbound, s.bot, s.staff,
       s.stretches, s.channel_id
FROM service_sessions s
WHERE s.tenant_id = $1 AND (s.conversation_id, s.session) > ($2, $3)
ORDER BY s.conversation_id, s.session
LIMIT 2000";

const EVERY_STRETCH: &str = "
SELECT s.conversation_id, s.session, s.number, s.user_id, s.department_id, s.began_at, s.ended_at,
       s.end_kind, s.answered_at, s.sent, s.channel_id
FROM attendance_stretches s
WHERE s.tenant_id = $1 AND (s.conversation_id, s.session, s.number) > ($2, $3, $4)
ORDER BY s.conversation_id, s.session, s.number
LIMIT 2000";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    CHANNELS,
    SESSIONS,
    STRETCHES,
    KEEP_SESSIONS,
    KEEP_STRETCHES,
    THROW_AWAY,
    EVERY_SESSION,
    EVERY_STRETCH,
];

/// Throws away the facts that can be made anew, and counts the days of those that cannot.
pub(super) async fn throw_away(link: &Link, tenant: TenantId) -> Result<(), Fault> {
    link.execute(THROW_AWAY, &[&tenant.0]).await?;
    days::throw_away(link, tenant).await?;
    let mut after = (Uuid::nil(), 0_i32);
    loop {
        let params: Params<'_> = &[&tenant.0, &after.0, &after.1];
        let rows = link.query(EVERY_SESSION, params).await?;
        let Some(last) = rows.last() else { break };
        after = (last.try_get(0)?, last.try_get(1)?);
        let mut changes = Changes::none(link, tenant).await?;
        for row in &rows {
            changes.session(row.try_get(15)?, None, &session(row)?);
        }
        changes.store(link, tenant).await?;
    }
    let mut after = (Uuid::nil(), 0_i32, 0_i32);
    loop {
        let params: Params<'_> = &[&tenant.0, &after.0, &after.1, &after.2];
        let rows = link.query(EVERY_STRETCH, params).await?;
        let Some(last) = rows.last() else { break };
        after = (last.try_get(0)?, last.try_get(1)?, last.try_get(2)?);
        let mut changes = Changes::none(link, tenant).await?;
        for row in &rows {
            changes.stretch(row.try_get(10)?, None, &stretch(row)?);
        }
        changes.store(link, tenant).await?;
    }
    Ok(())
}

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
            book.ledger.take(fact);
        }
    }
    let mut changes = Changes::none(link, tenant).await?;
    let (mut sessions, mut stretches) = (Sessions::default(), Stretches::default());
    for (id, book) in &books {
        for facts in book.ledger.sessions() {
            let same = |old: &&SessionFacts| old.session == facts.session;
            changes.session(book.channel, book.session.as_ref().filter(same), facts);
            sessions.push(*id, facts);
        }
        for facts in book.ledger.stretches() {
            let same =
                |old: &&StretchFacts| (old.session, old.number) == (facts.session, facts.number);
            changes.stretch(book.channel, book.stretch.as_ref().filter(same), facts);
            stretches.push(*id, facts);
        }
    }
    sessions.store(link, tenant).await?;
    stretches.store(link, tenant).await?;
    changes.store(link, tenant).await
}

/// A conversation's facts, as they were and as they become.
struct Book {
    channel: Uuid,
    session: Option<SessionFacts>,
    stretch: Option<StretchFacts>,
    ledger: Ledger,
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
                ledger: Ledger::resume(session.clone(), stretch.clone()),
                session,
                stretch,
            };
            Ok((ConversationId(id), book))
        })
        .collect()
}

fn session(row: &Row) -> Result<SessionFacts, Fault> {
    let ended_at: Option<Timestamp> = row.try_get(5)?;
    let reason: Option<String> = row.try_get(6)?;
    let reason = reason
        .map(|word| from_word("service_sessions.end_reason", &word))
        .transpose()?;
    Ok(SessionFacts {
        session: count(row, 1)?,
        department: row.try_get::<Option<Uuid>>(2)?.map(DepartmentId),
        last_user: row.try_get::<Option<Uuid>>(3)?.map(UserId),
        opened_at: row.try_get(4)?,
        ended: ended_at.zip(reason),
        asked_at: row.try_get(7)?,
        taken_at: row.try_get(8)?,
        answered_at: row.try_get(9)?,
        transfers: count(row, 10)?,
        inbound: count(row, 11)?,
        bot: count(row, 12)?,
        staff: count(row, 13)?,
        stretches: count(row, 14)?,
    })
}

fn stretch(row: &Row) -> Result<StretchFacts, Fault> {
    let ended_at: Option<Timestamp> = row.try_get(6)?;
    let kind: Option<String> = row.try_get(7)?;
    let kind = kind
        .map(|word| {
            StretchEnd::from_name(&word)
                .ok_or_else(|| Fault::Corrupt("attendance_stretches.end_kind".to_owned()))
        })
        .transpose()?;
    Ok(StretchFacts {
        session: count(row, 1)?,
        number: count(row, 2)?,
        user: row.try_get::<Option<Uuid>>(3)?.map(UserId),
        department: row.try_get::<Option<Uuid>>(4)?.map(DepartmentId),
        began_at: row.try_get(5)?,
        ended: ended_at.zip(kind),
        answered_at: row.try_get(8)?,
        sent: count(row, 9)?,
    })
}

fn count(row: &Row, at: usize) -> Result<u32, Fault> {
    Ok(u32::try_from(row.try_get::<i32>(at)?).unwrap_or_default())
}

fn integer(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[derive(Default)]
struct Sessions {
    conversation: Vec<Uuid>,
    session: Vec<i32>,
    department: Vec<Option<Uuid>>,
    last_user: Vec<Option<Uuid>>,
    opened_at: Vec<Timestamp>,
    ended_at: Vec<Option<Timestamp>>,
    end_reason: Vec<Option<&'static str>>,
    asked_at: Vec<Option<Timestamp>>,
    taken_at: Vec<Option<Timestamp>>,
    answered_at: Vec<Option<Timestamp>>,
    transfers: Vec<i32>,
    inbound: Vec<i32>,
    bot: Vec<i32>,
    staff: Vec<i32>,
    stretches: Vec<i32>,
}

impl Sessions {
    fn push(&mut self, conversation: ConversationId, facts: &SessionFacts) {
        self.conversation.push(conversation.0);
        self.session.push(integer(facts.session));
        self.department.push(facts.department.map(|id| id.0));
        self.last_user.push(facts.last_user.map(|id| id.0));
        self.opened_at.push(facts.opened_at);
        self.ended_at.push(facts.ended.map(|(at, _)| at));
        self.end_reason
            .push(facts.ended.map(|(_, reason)| reason.name()));
        self.asked_at.push(facts.asked_at);
        self.taken_at.push(facts.taken_at);
        self.answered_at.push(facts.answered_at);
        self.transfers.push(integer(facts.transfers));
        self.inbound.push(integer(facts.inbound));
        self.bot.push(integer(facts.bot));
        self.staff.push(integer(facts.staff));
        self.stretches.push(integer(facts.stretches));
    }

    async fn store(&self, link: &Link, tenant: TenantId) -> Result<(), Fault> {
        if self.conversation.is_empty() {
            return Ok(());
        }
        let params: Params<'_> = &[
            &tenant.0,
            &self.conversation,
            &self.session,
            &self.department,
            &self.last_user,
            &self.opened_at,
            &self.ended_at,
            &self.end_reason,
            &self.asked_at,
            &self.taken_at,
            &self.answered_at,
            &self.transfers,
            &self.inbound,
            &self.bot,
            &self.staff,
            &self.stretches,
        ];
        link.execute(KEEP_SESSIONS, params).await?;
        Ok(())
    }
}

#[derive(Default)]
struct Stretches {
    conversation: Vec<Uuid>,
    session: Vec<i32>,
    number: Vec<i32>,
    user: Vec<Option<Uuid>>,
    department: Vec<Option<Uuid>>,
    began_at: Vec<Timestamp>,
    ended_at: Vec<Option<Timestamp>>,
    end_kind: Vec<Option<&'static str>>,
    answered_at: Vec<Option<Timestamp>>,
    sent: Vec<i32>,
}

impl Stretches {
    fn push(&mut self, conversation: ConversationId, facts: &StretchFacts) {
        self.conversation.push(conversation.0);
        self.session.push(integer(facts.session));
        self.number.push(integer(facts.number));
        self.user.push(facts.user.map(|id| id.0));
        self.department.push(facts.department.map(|id| id.0));
        self.began_at.push(facts.began_at);
        self.ended_at.push(facts.ended.map(|(at, _)| at));
        self.end_kind.push(facts.ended.map(|(_, how)| how.name()));
        self.answered_at.push(facts.answered_at);
        self.sent.push(integer(facts.sent));
    }

    async fn store(&self, link: &Link, tenant: TenantId) -> Result<(), Fault> {
        if self.conversation.is_empty() {
            return Ok(());
        }
        let params: Params<'_> = &[
            &tenant.0,
            &self.conversation,
            &self.session,
            &self.number,
            &self.user,
            &self.department,
            &self.began_at,
            &self.ended_at,
            &self.end_kind,
            &self.answered_at,
            &self.sent,
        ];
        link.execute(KEEP_STRETCHES, params).await?;
        Ok(())
    }
}
