//! What grows by the day and must not grow for ever: partitions made ahead and dropped whole,
//! keys, tokens, ended sends and incidents whose time is over. Safe to run on every node at once,
//! and again at any time.

use crate::engine::fault::Fault;
use crate::engine::statement::Params;
use crate::engine::store::PgEngineStore;
use papo_domain::ports::StoreError;
use std::time::Duration;

const MAKE_PARTITIONS: &str = "SELECT make_partitions($1)";
const DROP_PARTITIONS: &str =
    "SELECT drop_partitions($1, (now() - $2 * interval '1 second')::date)";

/// Small bites, so that no lock is held for long.
const OLD_INBOX_KEYS: &str = "
DELETE FROM inbox_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox_keys
    WHERE received_at < now() - $1 * interval '1 second'
    LIMIT 5000))";
const OLD_UNROUTED: &str = "
DELETE FROM inbox_unrouted WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox_unrouted
    WHERE received_at < now() - $1 * interval '1 second'
    LIMIT 5000))";
const OLD_IDEMPOTENCY_KEYS: &str = "
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM idempotency_keys
    WHERE created_at < now() - $1 * interval '1 second'
    LIMIT 5000))";
const EXPIRED_TOKENS: &str = "
DELETE FROM refresh_tokens WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM refresh_tokens
    WHERE expires_at < now() - $1 * interval '1 second'
    LIMIT 5000))";
/// Ended jobs, by when they ended; one that is dead waits for a person for as long.
const ENDED_JOBS: &str = "
DELETE FROM jobs WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM jobs
    WHERE created_at < now() - $1 * interval '1 second'
      AND state IN ('done', 'dead') AND next_at < now() - $1 * interval '1 second'
    LIMIT 5000))
  AND state IN ('done', 'dead')";
/// Sends that have ended, and of which no status can come any more. What is queued, on its way,
/// unknown or unconfirmed may still be settled, however old it is.
const ENDED_SENDS: &str = "
DELETE FROM outbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM outbox
    WHERE created_at < now() - $1 * interval '1 second'
      AND state IN ('sent', 'failed', 'cancelled')
      AND greatest(due_at, claimed_at) < now() - $1 * interval '1 second'
    LIMIT 5000))
  AND state IN ('sent', 'failed', 'cancelled')";
const OLD_INCIDENTS: &str = "
DELETE FROM engine_incidents WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM engine_incidents
    WHERE at < now() - $1 * interval '1 second'
    LIMIT 5000))";

const OLD_NOTIFICATIONS: &str = "
DELETE FROM notifications WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM notifications
    WHERE at < now() - $1 * interval '1 second'
    LIMIT 5000))";
const ENDED_SCHEDULED: &str = "
DELETE FROM scheduled_messages WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM scheduled_messages
    WHERE state IN ('sent', 'failed', 'cancelled')
      AND updated_at < now() - $1 * interval '1 second'
    LIMIT 5000))";
const OLD_AUDIT_EVENTS: &str = "
DELETE FROM audit_events WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM audit_events
    WHERE at < now() - $1 * interval '1 second'
    LIMIT 5000))";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    MAKE_PARTITIONS,
    DROP_PARTITIONS,
    OLD_INBOX_KEYS,
    OLD_UNROUTED,
    OLD_IDEMPOTENCY_KEYS,
    EXPIRED_TOKENS,
    ENDED_JOBS,
    ENDED_SENDS,
    OLD_INCIDENTS,
    OLD_AUDIT_EVENTS,
    OLD_NOTIFICATIONS,
    ENDED_SCHEDULED,
];

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Raw webhook bodies.
    pub deliveries: Duration,
    /// Events of the streams.
    pub events: Duration,
    /// Keys of inbox items. Meta retries a webhook for up to 7 days, so longer than that.
    pub inbox_keys: Duration,
    /// Deliveries of unknown channels.
    pub unrouted: Duration,
    /// Answers of repeatable requests.
    pub idempotency_keys: Duration,
    /// Refresh tokens, after they expired.
    pub expired_tokens: Duration,
    /// Jobs, after they ended.
    pub ended_jobs: Duration,
    /// Sends, after they ended: as long as a status of theirs may come. WhatsApp tries for 30
    /// days to deliver a message.
    pub ended_sends: Duration,
    /// What supervision did.
    pub incidents: Duration,
    /// What people were told of.
    pub notifications: Duration,
    /// Messages that were to be sent later, after that was over.
    pub ended_scheduled: Duration,
    /// Who did what. The law asks for six months.
    pub audit_events: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Retention {
    fn default() -> Self {
        Self {
            deliveries: DAY * 7,
            events: DAY * 365,
            inbox_keys: DAY * 10,
            unrouted: DAY * 30,
            idempotency_keys: DAY * 2,
            expired_tokens: DAY * 7,
            ended_jobs: DAY * 30,
            ended_sends: DAY * 30,
            incidents: DAY * 90,
            notifications: DAY * 90,
            ended_scheduled: DAY * 30,
            audit_events: DAY * 184,
        }
    }
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaintenanceReport {
    pub partitions_made: i32,
    pub partitions_dropped: i32,
    pub rows_deleted: u64,
}

impl PgEngineStore {
    /// One round: partitions for the coming week, then whatever is past its time.
    ///
    /// # Errors
    /// The database is away, or a lock was not given in time; what was done stays done.
    pub async fn maintain(&self, retention: Retention) -> Result<MaintenanceReport, StoreError> {
        let mut report = MaintenanceReport {
            partitions_made: self.number(MAKE_PARTITIONS, &[&7_i32]).await?,
            ..MaintenanceReport::default()
        };
        for (parent, life) in [
            ("webhook_deliveries", retention.deliveries),
            ("events", retention.events),
        ] {
            let dropped = self
                .number(DROP_PARTITIONS, &[&parent, &life.as_secs_f64()])
                .await?;
            report.partitions_dropped += dropped;
        }
        let link = self.readers().link().await?;
        for (sql, life) in [
            (OLD_INBOX_KEYS, retention.inbox_keys),
            (OLD_UNROUTED, retention.unrouted),
            (OLD_IDEMPOTENCY_KEYS, retention.idempotency_keys),
            (EXPIRED_TOKENS, retention.expired_tokens),
            (ENDED_JOBS, retention.ended_jobs),
            (ENDED_SENDS, retention.ended_sends),
            (OLD_INCIDENTS, retention.incidents),
            (OLD_NOTIFICATIONS, retention.notifications),
            (ENDED_SCHEDULED, retention.ended_scheduled),
            (OLD_AUDIT_EVENTS, retention.audit_events),
        ] {
            loop {
                let deleted = link.execute(sql, &[&life.as_secs_f64()]).await?;
                report.rows_deleted += u64::try_from(deleted).unwrap_or(u64::MAX);
                if deleted == 0 {
                    break;
                }
            }
        }
        Ok(report)
    }

    async fn number(&self, sql: &'static str, params: Params<'_>) -> Result<i32, Fault> {
        match self.readers().query(sql, params).await?.first() {
            Some(row) => Ok(row.try_get(0)?),
            None => Ok(0),
        }
    }
}
