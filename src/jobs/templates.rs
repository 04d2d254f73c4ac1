//! Reads the message templates of business accounts: when somebody asks for it, and once a day.

use super::kind::{Ended, Kind, Limits};
use crate::gateway::GraphGateway;
use futures_util::future::BoxFuture;
use papo_domain::ports::SendError;
use papo_domain::template::reading;
use papo_domain::{ChannelId, TenantId};
use papo_storage::app::ListedRow;
use papo_storage::{ClaimedJob, Database, DbError, PgEngineStore};
use papo_whatsapp::ListedTemplate;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Meta lets an account have 6,000.
const TEMPLATES_MAX: usize = 6_000;
/// How often accounts are looked for that were not asked for a day.
const LOOK_EVERY: Duration = Duration::from_secs(600);

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
    /// Whichever channel of the account can ask, asks: one may have lost its token.
    async fn read(&self, job: &ClaimedJob) -> Result<(), Fault> {
        let channels = self.database.ask_account(job.tenant, &job.key).await;
        let mut ended = Err(Fault::Gone);
        for channel in channels.map_err(Fault::Database)? {
            ended = self.read_by(job.tenant, &job.key, channel).await;
            let of_channel = |error: &SendError| {
                matches!(
                    error,
                    SendError::ChannelDown { .. } | SendError::Permanent { .. }
                )
            };
            match &ended {
                Err(Fault::Provider(error)) if of_channel(error) => {}
                _ => break,
            }
        }
        ended
    }

    async fn read_by(&self, tenant: TenantId, waba: &str, channel: ChannelId) -> Result<(), Fault> {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .gateway
                .templates(tenant, channel, waba.to_owned(), after)
                .await
                .map_err(Fault::Provider)?;
            let rows = page.templates.into_iter();
            listed.extend(rows.map(|template| row(tenant, waba, template)));
            if listed.len() > TEMPLATES_MAX {
                return Err(Fault::TooMany);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let kept = self.database.keep_templates(tenant, waba, &listed);
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
        reading::KIND
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
                    error: "the account has no channel in use".to_owned(),
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

/// Has accounts asked that were not for a day, until it is aborted.
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
            let job = reading::of(&account.waba_id);
            if let Err(error) = database.add_job(account.tenant, &job).await {
                tracing::warn!(tenant.id = %account.tenant, %error, "templates are not read");
            }
        }
    }
}
