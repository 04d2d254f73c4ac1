//! The object storage: a local folder, or a bucket that speaks S3. Everything is streamed, bounded,
//! and done on the I/O runtime, whoever asks.

use super::sniff::{HEAD, sniff};
use crate::config::{Media, MediaBackend};
use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, RetryConfig,
};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

#[cfg(test)]
mod tests;

/// Bytes held back before anything is written: the least that S3 takes as a part.
const BUFFER: usize = 5 * 1024 * 1024;
/// Chunks on their way between those who stream and those who store.
const CHUNKS: usize = 4;

/// A body that breaks off is asked for from there on, as long as it is not older than this. A film is
/// paused for longer than a request takes.
const RESUMED_FOR: Duration = Duration::from_secs(60 * 60);

/// Why bytes were not stored or not read.
#[derive(Debug, Error)]
pub enum StoreFault {
    /// More than was allowed.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    #[error("there is no such file")]
    Missing,
    #[error("the object storage does not answer in time")]
    Slow,
    /// Whoever sent the bytes stopped before their end.
    #[error("the bytes ended too early")]
    Broken,
    #[error("the object storage fails: {0}")]
    Failed(String),
}

impl From<object_store::Error> for StoreFault {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::Failed(error.to_string()),
        }
    }
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub size: u64,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// By the bytes.
    pub mime_type: &'static str,
}

/// The object storage. Cheap to clone.
#[derive(Clone)]
pub struct MediaStore {
    store: Arc<dyn ObjectStore>,
    /// Of the local backend.
    folder: Option<PathBuf>,
    patience: Duration,
    io: Handle,
}

impl std::fmt::Debug for MediaStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MediaStore")
    }
}

/// What is known of a file when the last of its bytes is here.
struct Written {
    size: u64,
    hash: Sha256,
    head: Vec<u8>,
}

/// A file on its way into the storage. Dropped before [`Incoming::finish`], nothing of it stays.
pub struct Incoming {
    chunks: mpsc::Sender<Bytes>,
    storing: JoinHandle<Result<Kept, StoreFault>>,
}

impl Incoming {
    /// The next bytes. Waits while the storage is slower than they come.
    ///
    /// # Errors
    /// Why no more are taken.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StoreFault> {
        if self.chunks.send(bytes).await.is_ok() {
            return Ok(());
        }
        match (&mut self.storing).await {
            Ok(Err(fault)) => Err(fault),
            Ok(Ok(_)) | Err(_) => Err(StoreFault::Broken),
        }
    }

    /// All bytes were written.
    ///
    /// # Errors
    /// Why the file is not stored.
    pub async fn finish(self) -> Result<Kept, StoreFault> {
        let Self { chunks, storing } = self;
        // An empty chunk is the end; a channel that closes without it was given up.
        drop(chunks.send(Bytes::new()).await);
        storing
            .await
            .unwrap_or_else(|error| Err(StoreFault::Failed(error.to_string())))
    }
}

impl MediaStore {
    /// As configured. A folder that is missing is made.
    ///
    /// # Errors
    /// The folder cannot be made, or the bucket's address cannot be read.
    pub fn open(config: &Media, io: Handle) -> anyhow::Result<Self> {
        let (store, folder): (Arc<dyn ObjectStore>, _) = match config.backend {
            MediaBackend::Local => (Arc::new(local(config)?), Some(config.folder.clone())),
            MediaBackend::S3 => (Arc::new(bucket(config)?), None),
        };
        Ok(Self {
            store,
            folder,
            patience: config.timeout,
            io,
        })
    }

    /// Takes a file of up to `most` bytes. What was there under this key is replaced when the whole
    /// of it is here.
    #[must_use]
    pub fn receive(&self, key: &str, most: u64) -> Incoming {
        let (chunks, incoming) = mpsc::channel(CHUNKS);
        let store = self.clone();
        let path = Path::from(key);
        let storing = self
            .io
            .spawn(async move { store.keep(path, incoming, most).await });
        Incoming { chunks, storing }
    }

    async fn keep(
        &self,
        path: Path,
        mut chunks: mpsc::Receiver<Bytes>,
        most: u64,
    ) -> Result<Kept, StoreFault> {
        let mut writer =
            BufWriter::with_capacity(Arc::clone(&self.store), path, BUFFER).with_max_concurrency(2);
        let written = match self.write(&mut writer, &mut chunks, most).await {
            Ok(written) => written,
            Err(fault) => {
                // What was uploaded in parts must not lie there for ever; a failure changes nothing.
                drop(timeout(self.patience, writer.abort()).await);
                return Err(fault);
            }
        };
        // A writer that was told to end cannot be told to abort any more.
        let ended = writer.shutdown();
        self.in_time(async {
            ended
                .await
                .map_err(|error| StoreFault::Failed(error.to_string()))
        })
        .await?;
        let digest = written.hash.finalize();
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}"));
        Ok(Kept {
            size: written.size,
            sha256: sha256.collect(),
            mime_type: sniff(&written.head),
        })
    }

    async fn write(
        &self,
        writer: &mut BufWriter,
        chunks: &mut mpsc::Receiver<Bytes>,
        most: u64,
    ) -> Result<Written, StoreFault> {
        let (mut size, mut hash, mut head) = (0_u64, Sha256::new(), Vec::new());
        loop {
            let chunk = chunks.recv().await.ok_or(StoreFault::Broken)?;
            if chunk.is_empty() {
                break;
            }
            size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if size > most {
                return Err(StoreFault::TooLarge(most));
            }
            hash.update(&chunk);
            let room = HEAD.saturating_sub(head.len()).min(chunk.len());
            head.extend_from_slice(chunk.get(..room).unwrap_or_default());
            self.in_time(async { Ok(writer.put(chunk).await?) }).await?;
        }
        Ok(Written { size, hash, head })
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, StoreFault>>,
    ) -> Result<T, StoreFault> {
        timeout(self.patience, work)
            .await
            .unwrap_or(Err(StoreFault::Slow))
    }

    /// The bytes of a file, or of a part of it. Each of them comes in time, or the stream ends with
    /// a fault.
    ///
    /// # Errors
    /// There is no such file, or the storage does not answer.
    pub async fn read(
        &self,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreFault>> + Send + use<>, StoreFault> {
        let (store, path) = (Arc::clone(&self.store), Path::from(key));
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let opening = self
            .io
            .spawn(async move { store.get_opts(&path, options).await });
        let opened = self
            .in_time(async {
                let opened = opening.await;
                Ok(opened.map_err(|error| StoreFault::Failed(error.to_string()))??)
            })
            .await?;
        let (sender, chunks) = mpsc::channel(CHUNKS);
        let store = self.clone();
        self.io.spawn(async move {
            let mut bytes = opened.into_stream();
            loop {
                let next = store.in_time(async { Ok(bytes.next().await.transpose()?) });
                let chunk = match next.await.transpose() {
                    None => break,
                    Some(chunk) => chunk,
                };
                let failed = chunk.is_err();
                // Nobody listens any more, or nothing more will come.
                if sender.send(chunk).await.is_err() || failed {
                    break;
                }
            }
        });
        Ok(stream::unfold(chunks, async |mut chunks| {
            let chunk = chunks.recv().await?;
            Some((chunk, chunks))
        }))
    }

    /// Forgets a file. One that is not there is forgotten already.
    ///
    /// # Errors
    /// The storage does not answer.
    pub async fn delete(&self, key: &str) -> Result<(), StoreFault> {
        let (store, path) = (Arc::clone(&self.store), Path::from(key));
        let deleting = self.io.spawn(async move { store.delete(&path).await });
        let deleted = self
            .in_time(async {
                let deleted = deleting.await;
                Ok(deleted.map_err(|error| StoreFault::Failed(error.to_string()))??)
            })
            .await;
        match deleted {
            Err(StoreFault::Missing) => Ok(()),
            deleted => deleted,
        }
    }

    /// Removes what was left in the local folder by transfers that ended with their process, begun
    /// `age` ago or earlier. A bucket has a rule for that. Tells how many there were.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub async fn sweep(&self, age: Duration) -> Result<usize, StoreFault> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        let sweeping = self.io.spawn_blocking(move || swept(&folder, age));
        let swept = sweeping.await.map_err(std::io::Error::other);
        swept
            .flatten()
            .map_err(|error| StoreFault::Failed(error.to_string()))
    }
}

/// A folder of this machine. What the database will call stored has to be on the disk by then.
fn local(config: &Media) -> anyhow::Result<LocalFileSystem> {
    std::fs::create_dir_all(&config.folder)
        .with_context(|| format!("media.folder {}", config.folder.display()))?;
    let folder = LocalFileSystem::new_with_prefix(&config.folder).context("media.folder")?;
    Ok(folder.with_automatic_cleanup(true).with_fsync(true))
}

/// A bucket. No request has a time as a whole: who reads slowly would be cut off. Each step of one is
/// waited for in time.
fn bucket(config: &Media) -> anyhow::Result<AmazonS3> {
    let options = ClientOptions::new()
        .with_allow_http(config.s3_endpoint.starts_with("http://"))
        .with_timeout_disabled()
        .with_connect_timeout(config.timeout);
    let retry = RetryConfig {
        retry_timeout: RESUMED_FOR,
        ..RetryConfig::default()
    };
    let mut builder = AmazonS3Builder::new()
        .with_client_options(options)
        .with_retry(retry)
        // Of those who speak S3, not all can delete many at once; we never do.
        .with_disable_bulk_delete(true)
        .with_bucket_name(&config.s3_bucket)
        .with_region(&config.s3_region)
        .with_access_key_id(config.s3_access_key.expose_secret())
        .with_secret_access_key(config.s3_secret_key.expose_secret());
    if !config.s3_endpoint.is_empty() {
        builder = builder.with_endpoint(&config.s3_endpoint);
    }
    builder.build().context("media.s3_endpoint")
}

/// Looks through the folders of all tenants. What is on its way has a `#` in its name, which no key
/// has.
fn swept(folder: &std::path::Path, age: Duration) -> std::io::Result<usize> {
    let before = SystemTime::now().checked_sub(age);
    let mut removed = 0;
    for tenant in std::fs::read_dir(folder)? {
        let tenant = tenant?.path();
        if !tenant.is_dir() {
            continue;
        }
        // What is gone by now is done with.
        let Ok(files) = std::fs::read_dir(tenant) else {
            continue;
        };
        for file in files.flatten() {
            let unfinished = file.file_name().to_string_lossy().contains('#');
            let changed = file.metadata().and_then(|about| about.modified()).ok();
            if unfinished && changed.is_some() && changed <= before {
                std::fs::remove_file(file.path())?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
