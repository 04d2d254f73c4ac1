//! Sends messages that were written to be sent later, as their authors. One that cannot be sent is
//! marked so, and its author is told.

use super::kind::{Ended, Kind, Limits};
use crate::engine::{Dispatch, DispatchError, EngineHandle, IdempotencyKey, Outcome};
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use papo_domain::conversation::{Command, NotificationKind, Quote};
use papo_domain::ports::{Clock, JobDraft};
use papo_domain::{
    ConversationId, NotificationId, Outbound, Role, ScheduledId, TenantId, Timestamp, UserId,
};
use papo_storage::app::{Scheduled, ScheduledEnd};
use papo_storage::{ClaimedJob, Database, DbError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const NAME: &str = "send_scheduled";
/// How long a message waits that is due while its tenant is not served, before that is asked again.
const LOOK_AGAIN: Duration = Duration::from_secs(300);
/// Later than this after its time it is not sent: what it is about may be over. Keys of requests
/// are kept for two days, so that whether an earlier try has sent it is known until then.
const LATE: TimeDelta = TimeDelta::hours(1);

/// In the keys of what is asked of the conversation.
const SEND: &str = "send";
const TELL: &str = "tell";

/// A message as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) outbound: Outbound,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quote: Option<Quote>,
    /// The message that is quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<Uuid>,
}

/// The job that sends a revision of a message.
pub(crate) fn send(id: ScheduledId, revision: i32, at: Timestamp) -> JobDraft {
    JobDraft {
        kind: NAME,
        key: format!("{id}:{revision}"),
        payload: json!({}),
        due: Some(at),
    }
}

/// Sends them.
pub(crate) struct SendScheduled {
    pub(crate) database: Database,
    pub(crate) engine: EngineHandle,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Why a try came to no end.
enum Trouble {
    Database(DbError),
    Engine(DispatchError),
    /// The tenant is not served: it waits until it is.
    NotServed,
    /// One before it in the conversation is on its way.
    NotYet,
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl SendScheduled {
    async fn work(&self, job: &ClaimedJob) -> Result<(), Trouble> {
        let Some((id, revision)) = read_key(&job.key) else {
            return Ok(());
        };
        let tenant = self.database.find_tenant_by_id(job.tenant).await?;
        if !tenant.is_served(self.clock.now()) {
            return Err(Trouble::NotServed);
        }
        if self.database.follows_due(job.tenant, id, LATE).await? {
            return Err(Trouble::NotYet);
        }
        let claimed = self
            .database
            .claim_scheduled(job.tenant, id, revision)
            .await?;
        let Some(message) = claimed else {
            return Ok(());
        };
        if message.state == "sending" {
            let code = match self.send(job.tenant, &message).await? {
                Ok(outcome) => {
                    let seq = outcome.message.map_or(outcome.seq, |written| written.seq);
                    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
                    let end = ScheduledEnd::Sent { seq };
                    return Ok(self.database.end_scheduled(job.tenant, id, end).await?);
                }
                Err(code) => code,
            };
            let end = ScheduledEnd::Failed { code };
            self.database.end_scheduled(job.tenant, id, end).await?;
        }
        self.tell(job.tenant, &message).await
    }

    /// One try. What is refused is told by its code.
    async fn send(
        &self,
        tenant: TenantId,
        message: &Scheduled,
    ) -> Result<Result<Outcome, &'static str>, Trouble> {
        // Whatever has changed since an earlier try that succeeded is no reason to call it a failure.
        if let Some(outcome) = self.earlier(tenant, message).await? {
            return Ok(Ok(outcome));
        }
        if message.send_at < self.clock.now() - LATE {
            return Ok(Err("too_late"));
        }
        let written = message.body.as_deref().map(serde_json::from_str::<Written>);
        let Some(Ok(Written {
            outbound, quote, ..
        })) = written
        else {
            return Ok(Err("unreadable"));
        };
        let by = UserId(message.author_id);
        let author = self.database.find_user(tenant, by).await?;
        if !author.is_active || author.role < Role::Attendant {
            return Ok(Err("author_gone"));
        }
        let command = Command::SendReply {
            by,
            outbound,
            quote,
            expected_seq: None,
            scheduled: true,
        };
        match self.dispatch(tenant, message, SEND, command).await {
            Ok(outcome) => Ok(Ok(outcome)),
            // An earlier try may have ended only now.
            Err(DispatchError::Rejected(rejection)) => {
                let earlier = self.earlier(tenant, message).await?;
                Ok(earlier.ok_or(rejection.code()))
            }
            Err(DispatchError::KeyReused) => Ok(Err("idempotency_key_reused")),
            Err(error) => Err(Trouble::Engine(error)),
        }
    }

    /// What an earlier try came to that nobody heard of: the process died, or was not answered.
    async fn earlier(
        &self,
        tenant: TenantId,
        message: &Scheduled,
    ) -> Result<Option<Outcome>, DbError> {
        let key = key(message, SEND);
        let found = self
            .database
            .find_earlier_request(tenant, key.user, &key.key)
            .await?;
        let same = found.filter(|found| found.request == key.request);
        Ok(same.and_then(|found| serde_json::from_value(found.answer).ok()))
    }

    /// Tells the author that it was not sent. Once, however often this is done.
    async fn tell(&self, tenant: TenantId, message: &Scheduled) -> Result<(), Trouble> {
        let command = Command::Tell {
            to: UserId(message.author_id),
            id: NotificationId(message.id),
            kind: NotificationKind::ScheduledFailed,
            by: None,
        };
        match self.dispatch(tenant, message, TELL, command).await {
            Ok(_) | Err(DispatchError::Rejected(_) | DispatchError::KeyReused) => Ok(()),
            Err(error) => Err(Trouble::Engine(error)),
        }
    }

    /// Under a key, so that whatever is done again is done once.
    async fn dispatch(
        &self,
        tenant: TenantId,
        message: &Scheduled,
        what: &str,
        command: Command,
    ) -> Result<Outcome, DispatchError> {
        let dispatch = Dispatch {
            tenant,
            conversation: ConversationId(message.conversation_id),
            command,
            idempotency: Some(key(message, what)),
        };
        self.engine.dispatch(dispatch).await
    }
}

fn key(message: &Scheduled, what: &str) -> IdempotencyKey {
    let key = format!("scheduled:{}:{what}", message.id);
    IdempotencyKey {
        user: UserId(message.author_id),
        request: Sha256::digest(&key).into(),
        key,
    }
}

fn read_key(key: &str) -> Option<(ScheduledId, i32)> {
    let (id, revision) = key.split_once(':')?;
    Some((id.parse().ok()?, revision.parse().ok()?))
}

impl Kind for SendScheduled {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limits(&self) -> Limits {
        Limits {
            // More than a day: what is in the way passes, and the author is told.
            attempts: 400,
            pause_max: Duration::from_secs(300),
            ..Limits::default()
        }
    }

    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Ended> {
        Box::pin(async move {
            let error = match self.work(job).await {
                Ok(()) => return Ended::Done,
                Err(Trouble::Database(error)) => error.to_string(),
                Err(Trouble::Engine(error)) => error.to_string(),
                Err(Trouble::NotServed) => {
                    return Ended::Waits {
                        error: "the tenant is not served".to_owned(),
                        after: LOOK_AGAIN,
                    };
                }
                Err(Trouble::NotYet) => {
                    return Ended::NotNow {
                        error: "the one before it is not sent yet".to_owned(),
                    };
                }
            };
            Ended::Again { error, after: None }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{read_key, send};
    use papo_domain::{ScheduledId, Timestamp};
    use uuid::Uuid;

    #[test]
    fn a_job_names_what_it_sends() {
        let id = ScheduledId(Uuid::from_u128(7));
        let job = send(id, 3, Timestamp::UNIX_EPOCH);
        assert_eq!(read_key(&job.key), Some((id, 3)));
        for damaged in ["", "7", "7:3", "00000000-0000-0000-0000-000000000007:x"] {
            assert_eq!(read_key(damaged), None, "{damaged}");
        }
    }
}
