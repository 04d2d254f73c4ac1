//! Messages that were written to be sent later. Each state but `scheduled` and `sending` is an end.

use super::jobs::{add_job, drop_job};
use crate::{Database, DbError};
use chrono::TimeDelta;
use diesel::prelude::OptionalExtension;
use diesel::sql_types::{
    BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::ports::JobDraft;
use papo_domain::{ConversationId, ScheduledId, TenantId, Timestamp, UserId};
use uuid::Uuid;

/// The most that wait in one conversation.
const OF_CONVERSATION_MAX: i64 = 50;
/// The most that wait of one author.
const OF_AUTHOR_MAX: i64 = 500;

/// A scheduled message.
#[derive(Clone, Debug, QueryableByName)]
pub struct Scheduled {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub conversation_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub customer_name: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    pub author_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub author_name: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub send_at: Timestamp,
    /// `scheduled`, `sending`, `sent`, `failed` or `cancelled`.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Counts changes.
    #[diesel(sql_type = Integer)]
    pub revision: i32,
    /// The message as JSON, as long as it is kept.
    #[diesel(sql_type = Nullable<Text>)]
    pub body: Option<String>,
    /// When sending began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub claimed_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub message_seq: Option<i64>,
    /// Why it was not sent.
    #[diesel(sql_type = Nullable<Text>)]
    pub failure: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Timestamp,
}

/// One to be written.
#[derive(Clone, Debug)]
pub struct NewScheduled {
    pub id: ScheduledId,
    pub conversation: ConversationId,
    pub author: UserId,
    pub send_at: Timestamp,
    pub body: String,
    /// SHA-256 of the request, if it has a key: then `id` is of that key, and keeps it once.
    pub request: Option<[u8; 32]>,
}

/// What became of one to be written.
#[derive(Debug)]
pub enum Scheduling {
    /// It is kept; or it was, by an earlier one of the same request.
    Kept(Box<Scheduled>),
    /// Too many wait already.
    Full,
    /// Its key belongs to another request.
    KeyReused,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Bool)]
    same: bool,
}

#[derive(QueryableByName)]
struct Follows {
    #[diesel(sql_type = Bool)]
    follows: bool,
}

/// Whose.
#[derive(Clone, Copy, Debug)]
pub enum ScheduledOf {
    Conversation(ConversationId),
    Author(UserId),
}

/// What became of a try to send it.
#[derive(Clone, Copy, Debug)]
pub enum ScheduledEnd<'a> {
    /// As the message at this place of the conversation.
    Sent { seq: i64 },
    /// Refused, with this code.
    Failed { code: &'a str },
}

/// The job that sends a revision of a message at its time.
pub type ScheduledJob = fn(ScheduledId, i32, Timestamp) -> JobDraft;

const ROWS: &str = "
SELECT s.id, s.conversation_id, c.name AS customer_name, s.author_id, u.full_name AS author_name,
       s.send_at, s.state, s.revision, s.body, s.claimed_at, s.message_seq, s.failure, s.created_at
FROM scheduled_messages s
JOIN conversations t ON t.tenant_id = s.tenant_id AND t.id = s.conversation_id
LEFT JOIN customers c ON c.tenant_id = s.tenant_id AND c.id = t.customer_id
LEFT JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.author_id
WHERE s.tenant_id = $1";

const INSERT: &str = "
INSERT INTO scheduled_messages (tenant_id, id, conversation_id, author_id, send_at, body, request)
SELECT $1, $2, $3, $4, $5, $6, $9
WHERE (SELECT count(*) FROM scheduled_messages s
       WHERE s.tenant_id = $1 AND s.conversation_id = $3 AND s.state = 'scheduled') < $7
  AND (SELECT count(*) FROM scheduled_messages s
       WHERE s.tenant_id = $1 AND s.author_id = $4 AND s.state = 'scheduled') < $8
ON CONFLICT ON CONSTRAINT scheduled_messages_pkey DO NOTHING";

const KEPT: &str = "
SELECT request IS NOT DISTINCT FROM $3 AS same FROM scheduled_messages
WHERE tenant_id = $1 AND id = $2";

const EDIT: &str = "
UPDATE scheduled_messages
SET send_at = coalesce($3, send_at), body = coalesce($4, body), revision = revision + 1
WHERE tenant_id = $1 AND id = $2 AND state = 'scheduled'";

const CANCEL: &str = "
UPDATE scheduled_messages SET state = 'cancelled', body = NULL
WHERE tenant_id = $1 AND id = $2 AND state = 'scheduled'";

/// One that has failed is taken as well: its author may not have been told yet.
const CLAIM: &str = "
UPDATE scheduled_messages
SET state = CASE state WHEN 'scheduled' THEN 'sending' ELSE state END,
    claimed_at = coalesce(claimed_at, now())
WHERE tenant_id = $1 AND id = $2 AND revision = $3 AND state IN ('scheduled', 'sending', 'failed')";

const FOLLOWS: &str = "
SELECT EXISTS (
    SELECT FROM scheduled_messages s
    JOIN scheduled_messages b ON b.tenant_id = s.tenant_id AND b.conversation_id = s.conversation_id
                             AND (b.send_at, b.id) < (s.send_at, s.id)
    WHERE s.tenant_id = $1 AND s.id = $2 AND b.state IN ('scheduled', 'sending')
      AND b.send_at > now() - $3 * interval '1 second') AS follows";

const END: &str = "
UPDATE scheduled_messages
SET state = $3, message_seq = $4, failure = $5,
    body = CASE $3 WHEN 'sent' THEN NULL ELSE body END
WHERE tenant_id = $1 AND id = $2 AND state = 'sending'";

impl Database {
    /// Keeps a message, and the job that sends it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn schedule_message(
        &self,
        tenant: TenantId,
        new: &NewScheduled,
        job: ScheduledJob,
    ) -> Result<Scheduling, DbError> {
        self.scoped(tenant, async |conn| {
            let written = sql_query(INSERT)
                .bind::<SqlUuid, _>(tenant.0)
                .bind::<SqlUuid, _>(new.id.0)
                .bind::<SqlUuid, _>(new.conversation.0)
                .bind::<SqlUuid, _>(new.author.0)
                .bind::<Timestamptz, _>(new.send_at)
                .bind::<Text, _>(&new.body)
                .bind::<BigInt, _>(OF_CONVERSATION_MAX)
                .bind::<BigInt, _>(OF_AUTHOR_MAX)
                .bind::<Nullable<Binary>, _>(new.request)
                .execute(conn)
                .await?;
            if written == 0 {
                let before = kept_before(conn, tenant, new.id, new.request).await?;
                return Ok(before.unwrap_or(Scheduling::Full));
            }
            let found = find(conn, tenant, new.id).await?;
            add_job(conn, tenant, &job(new.id, found.revision, found.send_at)).await?;
            Ok(Scheduling::Kept(Box::new(found)))
        })
        .await
    }

    /// What an earlier request with the key of this `id` came to.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn scheduled_before(
        &self,
        tenant: TenantId,
        id: ScheduledId,
        request: [u8; 32],
    ) -> Result<Option<Scheduling>, DbError> {
        self.scoped(tenant, async |conn| {
            kept_before(conn, tenant, id, Some(request)).await
        })
        .await
    }

    /// A scheduled message.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_scheduled(
        &self,
        tenant: TenantId,
        id: ScheduledId,
    ) -> Result<Scheduled, DbError> {
        self.scoped(tenant, async |conn| find(conn, tenant, id).await)
            .await
    }

    /// Messages in one state, or all, the soonest first; `after` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_scheduled(
        &self,
        tenant: TenantId,
        of: ScheduledOf,
        state: Option<&str>,
        after: Option<(Timestamp, ScheduledId)>,
        limit: i64,
    ) -> Result<Vec<Scheduled>, DbError> {
        let (column, whose) = match of {
            ScheduledOf::Conversation(id) => ("conversation_id", id.0),
            ScheduledOf::Author(id) => ("author_id", id.0),
        };
        let (at, last) = after.unzip();
        let query = sql_query(format!(
            "{ROWS} AND s.{column} = $2 AND ($3 IS NULL OR s.state = $3)
             AND ($4 IS NULL OR (s.send_at, s.id) > ($4, $5))
             ORDER BY s.send_at, s.id LIMIT $6"
        ))
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(whose)
        .bind::<Nullable<Text>, _>(state)
        .bind::<Nullable<Timestamptz>, _>(at)
        .bind::<Nullable<SqlUuid>, _>(last.map(|id| id.0))
        .bind::<BigInt, _>(limit);
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// Changes what is sent, or when; what is `None` stays. `None`: it cannot be changed any more.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn edit_scheduled(
        &self,
        tenant: TenantId,
        id: ScheduledId,
        send_at: Option<Timestamp>,
        body: Option<&str>,
        job: ScheduledJob,
    ) -> Result<Option<Scheduled>, DbError> {
        self.scoped(tenant, async |conn| {
            let changed = sql_query(EDIT)
                .bind::<SqlUuid, _>(tenant.0)
                .bind::<SqlUuid, _>(id.0)
                .bind::<Nullable<Timestamptz>, _>(send_at)
                .bind::<Nullable<Text>, _>(body)
                .execute(conn)
                .await?;
            let found = find(conn, tenant, id).await?;
            if changed == 0 {
                return Ok(None);
            }
            drop_job(conn, tenant, &job(id, found.revision - 1, found.send_at)).await?;
            add_job(conn, tenant, &job(id, found.revision, found.send_at)).await?;
            Ok(Some(found))
        })
        .await
    }

    /// Whether it was not sent and never will be.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn cancel_scheduled(
        &self,
        tenant: TenantId,
        id: ScheduledId,
        job: ScheduledJob,
    ) -> Result<bool, DbError> {
        self.scoped(tenant, async |conn| {
            let cancel = sql_query(CANCEL).bind::<SqlUuid, _>(tenant.0);
            let changed = cancel.bind::<SqlUuid, _>(id.0).execute(conn).await?;
            let found = find(conn, tenant, id).await?;
            if changed == 1 {
                drop_job(conn, tenant, &job(id, found.revision, found.send_at)).await?;
            }
            Ok(found.state == "cancelled")
        })
        .await
    }

    /// Whether one before it in its conversation is due or on its way. One that is later than `late`
    /// keeps nobody waiting.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn follows_due(
        &self,
        tenant: TenantId,
        id: ScheduledId,
        late: TimeDelta,
    ) -> Result<bool, DbError> {
        let query = sql_query(FOLLOWS)
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(id.0)
            .bind::<BigInt, _>(late.num_seconds());
        let found: Follows = self
            .scoped(tenant, async |conn| Ok(query.get_result(conn).await?))
            .await?;
        Ok(found.follows)
    }

    /// Takes a revision of a message to be sent; nobody can change it from now on. `None`: there is
    /// nothing to be done for it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn claim_scheduled(
        &self,
        tenant: TenantId,
        id: ScheduledId,
        revision: i32,
    ) -> Result<Option<Scheduled>, DbError> {
        self.scoped(tenant, async |conn| {
            let claim = sql_query(CLAIM)
                .bind::<SqlUuid, _>(tenant.0)
                .bind::<SqlUuid, _>(id.0)
                .bind::<Integer, _>(revision);
            match claim.execute(conn).await? {
                0 => Ok(None),
                _ => Ok(Some(find(conn, tenant, id).await?)),
            }
        })
        .await
    }

    /// Tells what became of a message that was taken.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn end_scheduled(
        &self,
        tenant: TenantId,
        id: ScheduledId,
        end: ScheduledEnd<'_>,
    ) -> Result<(), DbError> {
        let (state, seq, failure) = match end {
            ScheduledEnd::Sent { seq } => ("sent", Some(seq), None),
            ScheduledEnd::Failed { code } => ("failed", None, Some(code)),
        };
        self.scoped(tenant, async |conn| {
            sql_query(END)
                .bind::<SqlUuid, _>(tenant.0)
                .bind::<SqlUuid, _>(id.0)
                .bind::<Text, _>(state)
                .bind::<Nullable<BigInt>, _>(seq)
                .bind::<Nullable<Text>, _>(failure)
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }
}

async fn kept_before(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    id: ScheduledId,
    request: Option<[u8; 32]>,
) -> Result<Option<Scheduling>, DbError> {
    let before: Option<Kept> = sql_query(KEPT)
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(id.0)
        .bind::<Nullable<Binary>, _>(request)
        .get_result(conn)
        .await
        .optional()?;
    Ok(match before {
        None => None,
        Some(Kept { same: false }) => Some(Scheduling::KeyReused),
        Some(Kept { same: true }) => {
            Some(Scheduling::Kept(Box::new(find(conn, tenant, id).await?)))
        }
    })
}

async fn find(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    id: ScheduledId,
) -> Result<Scheduled, DbError> {
    sql_query(format!("{ROWS} AND s.id = $2"))
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(id.0)
        .get_result(conn)
        .await
        .optional()?
        .ok_or(DbError::NotFound)
}
