//! Sending through the Graph API: finds a channel's credentials, opens them, and calls. Runs on
//! the I/O runtime, so that a call outlives whoever waits for it and its connections are shared.

use crate::media::{MediaStore, StoreFault, key, plain};
use crate::recent::Cache;
use crate::vault::{Purpose, Vault};
use papo_domain::ports::{Gateway, OutboundMessage, PortFuture, SendError};
use papo_domain::{ChannelId, TenantId};
use papo_storage::{Database, DbError};
use papo_whatsapp::{
    Credentials, Download, GraphApi, INVALID_TOKEN, MediaError, MediaPlace, TemplatePage, Upload,
    tells_of_template,
};
pub use papo_whatsapp::{InspectError, NumberInfo};

use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

#[cfg(test)]
mod tests;

/// Meta's code for a file that it does not take.
const MEDIA_REFUSED: i64 = 131_053;
/// Codes that may mean that an id of a file is over: unknown object or value, download, upload.
const STALE_FILE: [i64; 4] = [100, 131_009, 131_052, MEDIA_REFUSED];
/// An id is good for 30 days (docs/META.md, "Media"); a day less, so that none is over on its way.
const HANDED_IN_LIFE: Duration = Duration::from_secs(29 * 24 * 60 * 60);
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
    files: Files,
    io: Handle,
}

/// Where files lie that are sent, and how long handing one in may take.
#[derive(Clone, Debug)]
pub struct Files {
    pub store: MediaStore,
    pub patience: Duration,
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
        files: Files,
        io: Handle,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                graph,
                database,
                vault,
                credentials: Cache::new(REMEMBERED),
                believed_for,
                files,
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

    /// Begins to fetch the file that the provider knows by this id. The whole of it must come within
    /// `patience`.
    ///
    /// # Errors
    /// See [`MediaError`].
    pub async fn fetch(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        patience: Duration,
    ) -> Result<(MediaPlace, Download), MediaError> {
        let inner = &self.inner;
        let credentials = inner
            .credentials(tenant, channel)
            .await
            .map_err(unfetched)?;
        let fetched = inner.fetch(&credentials, provider_id, patience).await;
        if !matches!(fetched, Err(MediaError::Refused(_))) {
            return fetched;
        }
        // They may have been changed where we were not told: by another node.
        inner.credentials.forget(&(tenant, channel));
        let fresh = inner
            .credentials(tenant, channel)
            .await
            .map_err(unfetched)?;
        if same(&fresh, &credentials) {
            return fetched;
        }
        inner.fetch(&fresh, provider_id, patience).await
    }

    /// A page of the templates of the account `waba_id`, asked in the name of one of its channels.
    ///
    /// # Errors
    /// What may be done about it.
    pub async fn templates(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        waba_id: String,
        after: Option<String>,
    ) -> Result<TemplatePage, SendError> {
        let inner = Arc::clone(&self.inner);
        let asking = self.inner.io.spawn(async move {
            let credentials = inner.credentials(tenant, channel).await?;
            let after = after.as_deref();
            let page = inner.graph.templates(&credentials, &waba_id, after).await;
            if !matches!(page, Err(SendError::ChannelDown { .. })) {
                return page;
            }
            // They may have been changed where we were not told: by another node.
            inner.credentials.forget(&(tenant, channel));
            let fresh = inner.credentials(tenant, channel).await?;
            if same(&fresh, &credentials) {
                return page;
            }
            inner.graph.templates(&fresh, &waba_id, after).await
        });
        let ended = asking.await;
        ended.unwrap_or_else(|ended| Err(SendError::NotSent(ended.to_string())))
    }

    /// The channel's credentials changed.
    pub fn forget(&self, tenant: TenantId, channel: ChannelId) {
        self.inner.credentials.forget(&(tenant, channel));
    }
}

/// A file as the provider knows it.
struct HandedIn {
    id: String,
    /// From an earlier send.
    known: bool,
}

impl Inner {
    /// Sends a message, with its file at the provider first.
    async fn deliver(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        credentials: &Credentials,
        message: &OutboundMessage,
        start_by: Instant,
    ) -> Result<String, SendError> {
        let file = self.hand_in(tenant, channel, credentials, message).await?;
        if file.is_some() && Instant::now() >= start_by {
            // Handing it in took its time; it is there when the message is claimed again.
            let after = Some(Duration::ZERO);
            return Err(SendError::Retry { code: 0, after });
        }
        let id = file.as_ref().map(|file| file.id.as_str());
        let sent = self.graph.send(credentials, message.clone(), id).await;
        if let Err(SendError::Permanent { code, .. }) = &sent
            && tells_of_template(*code)
            && let Err(error) = self.database.read_templates(tenant, channel).await
        {
            // They are read once a day all the same.
            tracing::warn!(tenant.id = %tenant, %error, "templates are not read anew");
        }
        match file {
            Some(file) if file.known => {
                self.without_stale_file(tenant, channel, message, &file, sent)
                    .await
            }
            _ => sent,
        }
    }

    /// The id of the message's file at the provider: handed in once for each number, and used until
    /// it is over.
    async fn hand_in(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        credentials: &Credentials,
        message: &OutboundMessage,
    ) -> Result<Option<HandedIn>, SendError> {
        let Some((_, file)) = message.outbound.file() else {
            return Ok(None);
        };
        let unsent = |error: &dyn std::fmt::Display| SendError::NotSent(error.to_string());
        let known = self.database.provider_media(tenant, file.id, channel).await;
        if let Some(id) = known.map_err(|error| unsent(&error))? {
            return Ok(Some(HandedIn { id, known: true }));
        }
        let bytes = match self.files.store.read(&key(tenant, file.id), None).await {
            Ok(bytes) => bytes,
            Err(StoreFault::Missing) => {
                let title = "the file is not there any more".to_owned();
                return Err(SendError::Permanent {
                    code: MEDIA_REFUSED,
                    title,
                });
            }
            Err(fault) => return Err(not_handed_in(tenant, &fault)),
        };
        let upload = Upload {
            mime_type: plain(&file.mime_type).to_owned(),
            filename: file.filename.clone().unwrap_or_else(|| "file".to_owned()),
            size: file.size,
            body: Upload::body_of(bytes),
        };
        let handing_in = self.graph.upload(credentials, upload, self.files.patience);
        let id = handing_in.await.map_err(|error| match error {
            SendError::Ambiguous(words) => not_handed_in(tenant, &words),
            error => error,
        })?;
        let remembered = self
            .database
            .remember_provider_media(tenant, file.id, channel, Some((&id, HANDED_IN_LIFE)))
            .await;
        if let Err(error) = remembered {
            // It is handed in again the next time.
            tracing::warn!(tenant.id = %tenant, %error, "a file's id is not remembered");
        }
        Ok(Some(HandedIn { id, known: false }))
    }

    /// A file that the provider has forgotten earlier than it said is handed in again.
    async fn without_stale_file(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        message: &OutboundMessage,
        file: &HandedIn,
        sent: Result<String, SendError>,
    ) -> Result<String, SendError> {
        let Err(SendError::Permanent { code, .. }) = &sent else {
            return sent;
        };
        let Some((_, media)) = message.outbound.file() else {
            return sent;
        };
        if !STALE_FILE.contains(code) {
            return sent;
        }
        tracing::debug!(tenant.id = %tenant, media.provider_id = file.id.as_str(), "a file is handed in again");
        let forgotten = self
            .database
            .remember_provider_media(tenant, media.id, channel, None)
            .await;
        match forgotten {
            Ok(()) => Err(SendError::Retry {
                code: *code,
                after: Some(Duration::ZERO),
            }),
            Err(_) => sent,
        }
    }

    async fn fetch(
        &self,
        credentials: &Credentials,
        provider_id: &str,
        patience: Duration,
    ) -> Result<(MediaPlace, Download), MediaError> {
        let place = self.graph.media(credentials, provider_id).await?;
        let download = self.graph.download(credentials, &place, patience).await?;
        Ok((place, download))
    }

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

/// This file cannot be read or does not get through. Nothing was sent, so it is tried again, but
/// counted: the number is not what is wrong, and others wait behind this message.
fn not_handed_in(tenant: TenantId, why: &dyn std::fmt::Display) -> SendError {
    tracing::warn!(tenant.id = %tenant, error = %why, "a file is not handed in");
    SendError::Retry {
        code: MEDIA_REFUSED,
        after: None,
    }
}

fn unfetched(error: SendError) -> MediaError {
    match error {
        SendError::ChannelDown { detail, .. } => MediaError::Refused(detail),
        error => MediaError::NotNow(error.to_string()),
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
            let sent = inner
                .deliver(tenant, channel, &credentials, &message, start_by)
                .await;
            if !matches!(sent, Err(SendError::ChannelDown { .. })) {
                return sent;
            }
            // They may have been changed where we were not told: by another node.
            inner.credentials.forget(&(tenant, channel));
            let fresh = inner.credentials(tenant, channel);
            match tokio::time::timeout_at(start_by.into(), fresh).await {
                Ok(Ok(fresh)) if !same(&fresh, &credentials) => {
                    inner
                        .deliver(tenant, channel, &fresh, &message, start_by)
                        .await
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
