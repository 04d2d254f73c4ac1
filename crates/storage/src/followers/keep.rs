//! Storing the facts of sessions and attendance, a page of events at a time.

use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use chrono::NaiveDate;
use papo_domain::Timestamp;
use papo_domain::ids::{ConversationId, TenantId};
use papo_domain::metrics::{SessionFacts, StretchFacts};
use uuid::Uuid;

/// A conversation that was erased meanwhile leaves nothing behind.
const KEEP_SESSIONS: &str = "
INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, department_id,
    last_user_id, opened_at, ended_at, end_reason, asked_at, taken_at, answered_at, transfers,
    inbound, bot, staff, stretches, served_at, day, opened_seq)
SELECT $1, u.conversation_id, u.session, c.channel_id, u.department_id, u.last_user_id, u.opened_at,
       u.ended_at, u.end_reason, u.asked_at, u.taken_at, u.answered_at, u.transfers, u.inbound,
       u.bot, u.staff, u.stretches, u.served_at, u.day, u.opened_seq
FROM unnest($2::uuid[], $3::integer[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[],
            $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::integer[],
            $13::integer[], $14::integer[], $15::integer[], $16::integer[], $17::timestamptz[],
            $18::date[], $19::bigint[])
     AS u(conversation_id, session, department_id, last_user_id, opened_at, ended_at, end_reason,
          asked_at, taken_at, answered_at, transfers, inbound, bot, staff, stretches, served_at,
          day, opened_seq)
JOIN conversations c ON c.tenant_id = $1 AND c.id = u.conversation_id
ON CONFLICT (tenant_id, conversation_id, session) DO UPDATE SET
    department_id = EXCLUDED.department_id, last_user_id = EXCLUDED.last_user_id,
    ended_at = EXCLUDED.ended_at, end_reason = EXCLUDED.end_reason, asked_at = EXCLUDED.asked_at,
    taken_at = EXCLUDED.taken_at, answered_at = EXCLUDED.answered_at,
    transfers = EXCLUDED.transfers, inbound = EXCLUDED.inbound, bot = EXCLUDED.bot,
    staff = EXCLUDED.staff, stretches = EXCLUDED.stretches, served_at = EXCLUDED.served_at,
    day = EXCLUDED.day";

const KEEP_STRETCHES: &str = "
INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id, user_id,
    department_id, began_at, ended_at, end_kind, answered_at, sent, away_since, away_seconds, day)
SELECT $1, u.conversation_id, u.session, u.number, c.channel_id, u.user_id, u.department_id,
       u.began_at, u.ended_at, u.end_kind, u.answered_at, u.sent, u.away_since, u.away_seconds, u.day
FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::uuid[], $6::uuid[], $7::timestamptz[],
            $8::timestamptz[], $9::text[], $10::timestamptz[], $11::integer[],
            $12::timestamptz[], $13::integer[], $14::date[])
     AS u(conversation_id, session, number, user_id, department_id, began_at, ended_at, end_kind,
          answered_at, sent, away_since, away_seconds, day)
JOIN conversations c ON c.tenant_id = $1 AND c.id = u.conversation_id
ON CONFLICT (tenant_id, conversation_id, session, number) DO UPDATE SET
    department_id = EXCLUDED.department_id, ended_at = EXCLUDED.ended_at,
    end_kind = EXCLUDED.end_kind, answered_at = EXCLUDED.answered_at, sent = EXCLUDED.sent,
    away_since = EXCLUDED.away_since, away_seconds = EXCLUDED.away_seconds, day = EXCLUDED.day";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[KEEP_SESSIONS, KEEP_STRETCHES];

fn integer(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Sessions to store.
#[derive(Default)]
pub(super) struct Sessions {
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
    served_at: Vec<Option<Timestamp>>,
    day: Vec<NaiveDate>,
    opened_seq: Vec<Option<i64>>,
}

impl Sessions {
    /// `opened_seq` is that of the event that opened it, where this is known.
    pub(super) fn push(
        &mut self,
        conversation: ConversationId,
        facts: &SessionFacts,
        day: NaiveDate,
        opened_seq: Option<i64>,
    ) {
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
        self.served_at.push(facts.served_at);
        self.day.push(day);
        self.opened_seq.push(opened_seq);
    }

    pub(super) async fn store(&self, link: &Link, tenant: TenantId) -> Result<(), Fault> {
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
            &self.served_at,
            &self.day,
            &self.opened_seq,
        ];
        link.execute(KEEP_SESSIONS, params).await?;
        Ok(())
    }
}

/// Stretches to store.
#[derive(Default)]
pub(super) struct Stretches {
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
    away_since: Vec<Option<Timestamp>>,
    away: Vec<i32>,
    day: Vec<NaiveDate>,
}

impl Stretches {
    pub(super) fn push(
        &mut self,
        conversation: ConversationId,
        facts: &StretchFacts,
        day: NaiveDate,
    ) {
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
        self.away_since.push(facts.away_since);
        self.away.push(integer(facts.away));
        self.day.push(day);
    }

    pub(super) async fn store(&self, link: &Link, tenant: TenantId) -> Result<(), Fault> {
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
            &self.away_since,
            &self.away,
            &self.day,
        ];
        link.execute(KEEP_STRETCHES, params).await?;
        Ok(())
    }
}
