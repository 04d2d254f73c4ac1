//! Fetches the file of a customer's message from the provider into the object storage, and tells the
//! conversation what became of it.

use super::kind::{Ended, Kind, Limits};
use crate::engine::{Dispatch, DispatchError, EngineHandle};
use crate::gateway::GraphGateway;
use crate::media::{Kept, MediaStore, StoreFault, key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use papo_domain::conversation::Command;
use papo_domain::media::{FetchMedia, MediaNews, MediaState};
use papo_domain::ports::Clock;
use papo_domain::{ChannelId, MediaId};
use papo_storage::app::MediaRecord;
use papo_storage::{ClaimedJob, Database, DbError};
use papo_whatsapp::MediaError;
use std::sync::Arc;
use std::time::Duration;

/// Tries of what may be wrong with the file itself; each may bring all of it here for nothing.
const TRIES: u32 = 8;
/// The longest pause, where it is only the provider or the storage that is away.
const PAUSE_MAX: Duration = Duration::from_secs(15 * 60);
/// Tries at all: with their pauses, more than the seven days that the provider keeps a file.
const TRIES_IN_ALL: u32 = 720;
/// Added to the time of the transfer: the storage, the database, the conversation.
const REST: Duration = Duration::from_secs(60);

/// Needs.
pub(crate) struct FetchMediaJob {
    pub(crate) database: Database,
    pub(crate) gateway: GraphGateway,
    pub(crate) store: MediaStore,
    pub(crate) engine: EngineHandle,
    pub(crate) clock: Arc<dyn Clock>,
    /// Largest file.
    pub(crate) most: u64,
    /// Longest transfer.
    pub(crate) patience: Duration,
}

/// How a fetch failed.
enum Failed {
    /// For good; what is told of it.
    State(MediaState, String),
    /// Maybe not the next time, or it is the file's own fault.
    Again(String),
    /// Not as long as somebody else is away or refuses us: as long as the file can be had, it is tried.
    Later(String),
}

impl Kind for FetchMediaJob {
    fn name(&self) -> &'static str {
        FetchMedia::KIND
    }

    fn limits(&self) -> Limits {
        Limits {
            attempts: TRIES_IN_ALL,
            time: self.patience + REST,
            pause_max: PAUSE_MAX,
            ..Limits::default()
        }
    }

    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Ended> {
        Box::pin(async move {
            let Ok(task) = serde_json::from_value::<FetchMedia>(job.payload.clone()) else {
                return never("the payload cannot be read");
            };
            let id = MediaId::of(task.conversation, task.seq);
            let media = match self.database.find_media(job.tenant, id).await {
                Ok(media) => media,
                Err(DbError::NotFound) => return never("there is no such file"),
                Err(error) => return not_now(error),
            };
            // Only the job's end was lost, or somebody asked for it again while it came: it is told once
            // more, since what was heard last may be that it is awaited.
            if media.state == MediaState::Stored {
                return self.tell(job, task, stored(media)).await;
            }
            match self.fetch(job, &media).await {
                Ok(news) => self.tell(job, task, news).await,
                Err(Failed::State(state, error)) => {
                    let news = MediaNews::without_bytes(state, Some(error));
                    self.tell(job, task, news).await
                }
                Err(Failed::Again(error)) if job.attempt < TRIES => again(error),
                Err(Failed::Later(error)) if self.is_kept(&media) => again(error),
                Err(Failed::Again(error) | Failed::Later(error)) => self.give_up(job, error).await,
            }
        })
    }

    fn give_up<'a>(&'a self, job: &'a ClaimedJob, error: String) -> BoxFuture<'a, Ended> {
        Box::pin(async move {
            let Ok(task) = serde_json::from_value::<FetchMedia>(job.payload.clone()) else {
                return never("the payload cannot be read");
            };
            let news = MediaNews::without_bytes(MediaState::Failed, Some(error.clone()));
            match self.tell(job, task, news).await {
                Ended::Done => Ended::Never { error },
                other => other,
            }
        })
    }
}

impl FetchMediaJob {
    /// Whether the provider still has it.
    fn is_kept(&self, media: &MediaRecord) -> bool {
        let until = media.provider_expires_at;
        until.is_some_and(|until| self.clock.now() < until)
    }

    async fn fetch(&self, job: &ClaimedJob, media: &MediaRecord) -> Result<MediaNews, Failed> {
        let (Some(channel), Some(provider_id)) = (media.channel, &media.provider_id) else {
            let error = "the provider named no file".to_owned();
            return Err(Failed::State(MediaState::Failed, error));
        };
        let kept = tokio::time::timeout(
            self.patience,
            self.transfer(job, media, channel, provider_id),
        )
        .await
        .unwrap_or_else(|_| Err(Failed::Again("it took too long".to_owned())))?;
        Ok(MediaNews {
            state: MediaState::Stored,
            mime_type: Some(kept.mime_type.to_owned()),
            size: Some(kept.size),
            sha256: Some(kept.sha256),
            storage_key: Some(key(job.tenant, media.id)),
            error: None,
        })
    }

    async fn transfer(
        &self,
        job: &ClaimedJob,
        media: &MediaRecord,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Kept, Failed> {
        let fetching = self
            .gateway
            .fetch(job.tenant, channel, provider_id, self.patience);
        let (place, mut download) = fetching.await.map_err(of_provider)?;
        if place.file_size.is_some_and(|size| size > self.most) {
            return Err(too_large(self.most));
        }
        let mut incoming = self.store.receive(&key(job.tenant, media.id), self.most);
        while let Some(chunk) = download.chunk().await.map_err(of_provider)? {
            if !chunk.is_empty() {
                incoming.write(chunk).await.map_err(of_store)?;
            }
        }
        let kept = incoming.finish().await.map_err(of_store)?;
        let said = media.provider_sha256.as_deref();
        let said = said.or(place.sha256.as_deref());
        if said
            .and_then(digest)
            .is_some_and(|said| said != kept.sha256)
        {
            return Err(Failed::Again(
                "the bytes are not those that were announced".to_owned(),
            ));
        }
        Ok(kept)
    }

    /// Tells the conversation, which tells everybody else.
    async fn tell(&self, job: &ClaimedJob, task: FetchMedia, news: MediaNews) -> Ended {
        let dispatch = Dispatch {
            tenant: job.tenant,
            conversation: task.conversation,
            command: Command::RecordMedia {
                seq: task.seq,
                news,
            },
            idempotency: None,
        };
        match self.engine.dispatch(dispatch).await {
            Ok(_) => Ended::Done,
            Err(DispatchError::Rejected(rejection)) => never(rejection.code()),
            Err(error) => not_now(error),
        }
    }
}

fn stored(media: MediaRecord) -> MediaNews {
    MediaNews {
        state: MediaState::Stored,
        mime_type: media.mime_type,
        size: media.size,
        sha256: media.sha256,
        storage_key: media.storage_key,
        error: None,
    }
}

fn again(error: String) -> Ended {
    Ended::Again { error, after: None }
}

fn never(error: &str) -> Ended {
    Ended::Never {
        error: error.to_owned(),
    }
}

fn not_now(error: impl std::fmt::Display) -> Ended {
    Ended::NotNow {
        error: error.to_string(),
    }
}

fn too_large(most: u64) -> Failed {
    Failed::State(MediaState::TooLarge, format!("larger than {most} bytes"))
}

fn of_provider(error: MediaError) -> Failed {
    match error {
        // A token is renewed, a channel connected again.
        MediaError::NotNow(error) | MediaError::Refused(error) => Failed::Later(error),
        MediaError::Gone(error) => Failed::State(MediaState::Expired, error),
    }
}

fn of_store(fault: StoreFault) -> Failed {
    match fault {
        StoreFault::TooLarge(most) => too_large(most),
        fault => {
            // Its words name places that are nobody's business who sees the conversation.
            tracing::warn!(%fault, "a customer's file is not stored");
            Failed::Later("it could not be stored".to_owned())
        }
    }
}

/// A SHA-256 in hexadecimal, whether it came so or in base64. What is neither is not compared.
fn digest(said: &str) -> Option<String> {
    if said.len() == 64 && said.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(said.to_ascii_lowercase());
    }
    let bytes = STANDARD
        .decode(said)
        .ok()
        .filter(|bytes| bytes.len() == 32)?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn digests_are_compared_however_they_are_written() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let base64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        assert_eq!(digest(hex).as_deref(), Some(hex));
        assert_eq!(digest(&hex.to_ascii_uppercase()).as_deref(), Some(hex));
        assert_eq!(digest(base64).as_deref(), Some(hex));
        assert_eq!(digest("x"), None);
    }
}
