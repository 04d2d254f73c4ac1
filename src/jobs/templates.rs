//! Reads the message templates of business accounts: when somebody asks for it, and once a day.

use super::kind::{Ended, Kind, Limits};
use crate::gateway::GraphGateway;
use futures_util::future::BoxFuture;
use papo_domain::ports::{JobDraft, SendError};
use papo_domain::{ChannelId, TenantId};
use papo_storage::app::ListedRow;
use papo_storage::{ClaimedJob, Database, DbError, PgEngineStore};
use papo_whatsapp::ListedTemplate;
use serde_json::json;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

const NAME: &str = "sync_templates";
/// Meta lets an account have 6,000.
const TEMPLATES_MAX: usize = 6_000;
/// How often accounts are looked for that were not read for a day.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// The job that reads the account of a channel.
pub(crate) fn sync(waba_id: &str, channel: ChannelId) -> JobDraft {
    JobDraft {
        kind: NAME,
        key: waba_id.to_owned(),
        payload: json!({ "channel": channel }),
        due: None,
    }
}

/// Reads accounts.
pub(crate) struct SyncTemplates {
    pub(crate) database: Database,
    pub(crate) gateway: GraphGateway,
}

/// Why a try failed.
enum Fault {
    Provider(SendError),
    Database(DbError),
    /// There is nothing to be read any more.
    Gone,
    TooMany,
}

impl SyncTemplates {
    async fn read(&self, job: &ClaimedJob) -> Result<(), Fault> {
        let channel = job.payload.get("channel").and_then(|id| id.as_str());
        let channel: Option<Uuid> = channel.and_then(|id| id.parse().ok());
        let channel = ChannelId(channel.ok_or(Fault::Gone)?);
        let found = self.database.find_channel(job.tenant, channel).await;
        let waba = match found {
            Ok(channel) => channel.waba_id.ok_or(Fault::Gone)?,
            Err(DbError::NotFound) => return Err(Fault::Gone),
            Err(error) => return Err(Fault::Database(error)),
        };
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .gateway
                .templates(job.tenant, channel, waba.clone(), after)
                .await
                .map_err(Fault::Provider)?;
            let rows = page.templates.into_iter();
            listed.extend(rows.map(|template| row(job.tenant, &waba, template)));
            if listed.len() > TEMPLATES_MAX {
                return Err(Fault::TooMany);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let kept = self.database.keep_templates(job.tenant, &waba, &listed);
        kept.await.map_err(Fault::Database)
    }
}

fn row(tenant: TenantId, waba: &str, template: ListedTemplate) -> ListedRow {
    let reason = template.rejected_reason;
    ListedRow {
        tenant_id: tenant.0,
        waba_id: waba.to_owned(),
        name: template.name,
        language: template.language,
        id: template.id,
        category: template.category,
        status: template.status,
        reason: reason.filter(|reason| reason != "NONE"),
        components: template.components,
    }
}

impl Kind for SyncTemplates {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limits(&self) -> Limits {
        Limits {
            time: Duration::from_secs(300),
            ..Limits::default()
        }
    }

    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Ended> {
        Box::pin(async move {
            match self.read(job).await {
                Ok(()) => Ended::Done,
                Err(Fault::Gone) => Ended::Never {
                    error: "the channel has no account any more".to_owned(),
                },
                Err(Fault::TooMany) => Ended::Never {
                    error: format!("the account has more than {TEMPLATES_MAX} templates"),
                },
                Err(Fault::Database(error)) => Ended::Again {
                    error: error.to_string(),
                    after: None,
                },
                Err(Fault::Provider(error)) => refused(&error),
            }
        })
    }
}

fn refused(error: &SendError) -> Ended {
    let words = error.to_string();
    match error {
        SendError::Permanent { .. } | SendError::ChannelDown { .. } => {
            Ended::Never { error: words }
        }
        SendError::Retry { after, .. } | SendError::NumberRate { after, .. } => Ended::Again {
            error: words,
            after: *after,
        },
        SendError::NotSent(_) | SendError::Ambiguous(_) | SendError::PairRate { .. } => {
            Ended::Again {
                error: words,
                after: None,
            }
        }
    }
}

/// Has accounts read that were not for a day, until it is aborted.
pub(super) async fn keep(store: PgEngineStore, database: Database) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let due = match store.accounts_to_ask().await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "accounts with templates cannot be looked for");
                continue;
            }
        };
        for account in due {
            let job = sync(&account.waba_id, account.channel);
            if let Err(error) = database.add_job(account.tenant, &job).await {
                tracing::warn!(tenant.id = %account.tenant, %error, "templates are not read");
            }
        }
    }
}
