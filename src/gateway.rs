//! Sending through the Graph API: finds a channel's credentials, opens them, and calls. Runs on
//! the I/O runtime, so that a call outlives whoever waits for it and its connections are shared.

use crate::recent::Cache;
use crate::vault::{Purpose, Vault};
use papo_domain::ports::{Gateway, OutboundMessage, PortFuture, SendError};
use papo_domain::{ChannelId, TenantId};
use papo_storage::{Database, DbError};
use papo_whatsapp::{Credentials, GraphApi, INVALID_TOKEN};
pub use papo_whatsapp::{InspectError, NumberInfo};

use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

#[cfg(test)]
mod tests;

/// Channels remembered.
const REMEMBERED: usize = 10_000;

/// The Graph API with the credentials of every channel.
#[derive(Clone)]
pub struct GraphGateway {
    inner: Arc<Inner>,
}

/// What Graph says of credentials.
#[derive(Debug)]
pub struct Inspection {
    pub number: Result<NumberInfo, InspectError>,
    /// Whether the number is one of the account's.
    pub account: Result<bool, InspectError>,
    pub scopes: Result<Vec<String>, InspectError>,
}

struct Inner {
    graph: GraphApi,
    database: Database,
    vault: Arc<Vault>,
    credentials: Cache<(TenantId, ChannelId), Credentials>,
    believed_for: Duration,
    io: Handle,
}

impl std::fmt::Debug for GraphGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GraphGateway")
    }
}

impl GraphGateway {
    /// Credentials are remembered for `believed_for`.
    #[must_use]
    pub fn new(
        graph: GraphApi,
        database: Database,
        vault: Arc<Vault>,
        believed_for: Duration,
        io: Handle,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                graph,
                database,
                vault,
                credentials: Cache::new(REMEMBERED),
                believed_for,
                io,
            }),
        }
    }

    /// What Graph says of credentials that are not stored yet.
    pub async fn inspect(
        &self,
        phone_number_id: String,
        access_token: SecretString,
        waba_id: String,
    ) -> Inspection {
        let credentials = Credentials {
            phone_number_id,
            access_token,
        };
        let graph = self.inner.graph.clone();
        let asking = self.inner.io.spawn(async move {
            let number = graph.number(&credentials);
            let account = graph.account_has_number(&credentials, &waba_id);
            let scopes = graph.scopes(&credentials.access_token);
            let (number, account, scopes) = tokio::join!(number, account, scopes);
            Inspection {
                number,
                account,
                scopes,
            }
        });
        asking.await.unwrap_or_else(|ended| {
            let ended = InspectError::Unreachable(ended.to_string());
            Inspection {
                number: Err(ended.clone()),
                account: Err(ended.clone()),
                scopes: Err(ended),
            }
        })
    }

    /// The channel's credentials changed.
    pub fn forget(&self, tenant: TenantId, channel: ChannelId) {
        self.inner.credentials.forget(&(tenant, channel));
    }
}

impl Inner {
    async fn credentials(
        &self,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Result<Credentials, SendError> {
        if let Some(known) = self.credentials.get(&(tenant, channel)) {
            return Ok(known);
        }
        let down = |detail: &str| SendError::ChannelDown {
            code: INVALID_TOKEN,
            detail: detail.to_owned(),
        };
        let stored = match self.database.send_credentials(tenant, channel).await {
            Ok(stored) => stored,
            Err(DbError::NotFound) => return Err(down("the channel does not exist")),
            Err(error) => return Err(SendError::NotSent(error.to_string())),
        };
        let (Some(phone_number_id), Some(sealed), true) = (
            stored.phone_number_id,
            stored.access_token_enc,
            stored.is_active,
        ) else {
            return Err(down("the channel is not in use"));
        };
        let access_token = self
            .vault
            .open(tenant, channel, Purpose::AccessToken, &sealed)
            .map_err(|error| down(&error.to_string()))?;
        let credentials = Credentials {
            phone_number_id,
            access_token,
        };
        self.credentials
            .put((tenant, channel), credentials.clone(), self.believed_for);
        Ok(credentials)
    }
}

fn same(one: &Credentials, other: &Credentials) -> bool {
    one.phone_number_id == other.phone_number_id
        && one.access_token.expose_secret() == other.access_token.expose_secret()
}

impl Gateway for GraphGateway {
    fn send(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        message: OutboundMessage,
        start_by: Instant,
    ) -> PortFuture<Result<String, SendError>> {
        let inner = Arc::clone(&self.inner);
        let sending = self.inner.io.spawn(async move {
            let late = || SendError::NotSent("it could not start in time".to_owned());
            let found = inner.credentials(tenant, channel);
            let credentials = tokio::time::timeout_at(start_by.into(), found)
                .await
                .map_err(|_elapsed| late())??;
            // What is known already is found however late it is. From here on nothing waits but
            // for the connection, whose opening is the request's start.
            if Instant::now() >= start_by {
                return Err(late());
            }
            let sent = inner.graph.send(&credentials, message.clone()).await;
            if !matches!(sent, Err(SendError::ChannelDown { .. })) {
                return sent;
            }
            // They may have been changed where we were not told: by another node.
            inner.credentials.forget(&(tenant, channel));
            let fresh = inner.credentials(tenant, channel);
            match tokio::time::timeout_at(start_by.into(), fresh).await {
                Ok(Ok(fresh)) if !same(&fresh, &credentials) => {
                    inner.graph.send(&fresh, message).await
                }
                _ => sent,
            }
        });
        Box::pin(async move {
            sending
                .await
                .unwrap_or_else(|ended| Err(SendError::Ambiguous(ended.to_string())))
        })
    }

    fn show_read(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: String,
        typing: bool,
    ) -> PortFuture<Result<(), SendError>> {
        let inner = Arc::clone(&self.inner);
        let sending = self.inner.io.spawn(async move {
            let credentials = inner.credentials(tenant, channel).await?;
            inner
                .graph
                .show_read(&credentials, &external_id, typing)
                .await
        });
        Box::pin(async move {
            sending
                .await
                .unwrap_or_else(|ended| Err(SendError::Ambiguous(ended.to_string())))
        })
    }
}
