//! The object storage: a local folder, or a bucket that speaks S3. Everything is streamed, bounded,
//! and done on the I/O runtime, whoever asks.

use super::sniff::{HEAD, sniff};
use crate::config::{Media, MediaBackend};
use anyhow::Context as _;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Bytes held back before anything is written: the least that S3 takes as a part.
const BUFFER: usize = 5 * 1024 * 1024;
/// Chunks on their way between those who stream and those who store.
const CHUNKS: usize = 4;

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
    patience: Duration,
    io: Handle,
}

impl std::fmt::Debug for MediaStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MediaStore")
    }
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
        let store: Arc<dyn ObjectStore> = match config.backend {
            MediaBackend::Local => {
                std::fs::create_dir_all(&config.folder)
                    .with_context(|| format!("media.folder {}", config.folder.display()))?;
                let folder = LocalFileSystem::new_with_prefix(&config.folder);
                Arc::new(folder.context("media.folder")?.with_automatic_cleanup(true))
            }
            MediaBackend::S3 => {
                let plain = config.s3_endpoint.starts_with("http://");
                let options = ClientOptions::new()
                    .with_allow_http(plain)
                    .with_timeout(config.timeout)
                    .with_connect_timeout(config.timeout);
                let mut builder = AmazonS3Builder::new()
                    .with_client_options(options)
                    .with_bucket_name(&config.s3_bucket)
                    .with_region(&config.s3_region)
                    .with_access_key_id(config.s3_access_key.expose_secret())
                    .with_secret_access_key(config.s3_secret_key.expose_secret());
                if !config.s3_endpoint.is_empty() {
                    builder = builder.with_endpoint(&config.s3_endpoint);
                }
                Arc::new(builder.build().context("media.s3_endpoint")?)
            }
        };
        Ok(Self {
            store,
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
        let result = self.write(&mut writer, &mut chunks, most).await;
        if result.is_err() {
            // What was uploaded in parts must not lie there for ever; a failure changes nothing.
            drop(timeout(self.patience, writer.abort()).await);
        }
        result
    }

    async fn write(
        &self,
        writer: &mut BufWriter,
        chunks: &mut mpsc::Receiver<Bytes>,
        most: u64,
    ) -> Result<Kept, StoreFault> {
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
        let ended = writer.shutdown();
        self.in_time(async {
            ended
                .await
                .map_err(|error| StoreFault::Failed(error.to_string()))
        })
        .await?;
        let digest = hash.finalize();
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}"));
        Ok(Kept {
            size,
            sha256: sha256.collect(),
            mime_type: sniff(&head),
        })
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
}

#[cfg(test)]
mod tests {
    use super::{Incoming, MediaStore, StoreFault};
    use crate::config::Media;
    use bytes::Bytes;
    use futures_util::TryStreamExt as _;
    use std::path::Path;
    use tokio::runtime::Handle;

    fn store(folder: &Path) -> MediaStore {
        let config = Media {
            folder: folder.to_owned(),
            ..Media::for_tests()
        };
        MediaStore::open(&config, Handle::current()).expect("a folder")
    }

    async fn written(incoming: &mut Incoming, chunks: &[&[u8]]) -> Result<(), StoreFault> {
        for chunk in chunks {
            incoming.write(Bytes::copy_from_slice(chunk)).await?;
        }
        Ok(())
    }

    async fn read(store: &MediaStore, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
        let stream = store.read("t/1", range).await.expect("it is there");
        let chunks: Vec<Bytes> = stream.try_collect().await.expect("all of it");
        chunks.concat()
    }

    fn folder() -> std::path::PathBuf {
        std::env::temp_dir().join(format!("papo-media-{}", uuid::Uuid::new_v4()))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_comes_in_can_be_read_in_whole_and_in_part() {
        let folder = folder();
        let store = store(&folder);
        let mut incoming = store.receive("t/1", 100);
        written(&mut incoming, &[b"%PDF-", b"1.7 ", b"abc"])
            .await
            .expect("taken");
        let kept = incoming.finish().await.expect("stored");
        assert_eq!((kept.size, kept.mime_type), (12, "application/pdf"));
        assert_eq!(
            kept.sha256,
            "baad13769b56aaeb5b072762fefe73bc572a131353d594ec2db2b382bfabadfa"
        );
        assert_eq!(read(&store, None).await, b"%PDF-1.7 abc");
        assert_eq!(read(&store, Some(5..8)).await, b"1.7");
        store.delete("t/1").await.expect("gone");
        store.delete("t/1").await.expect("still gone");
        assert!(matches!(
            store.read("t/1", None).await.err(),
            Some(StoreFault::Missing)
        ));
        std::fs::remove_dir_all(folder).expect("removed");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_stays_of_what_is_too_large_or_broken_off() {
        let folder = folder();
        let store = store(&folder);
        let mut incoming = store.receive("t/1", 5);
        let refused = match written(&mut incoming, &[b"123", b"456"]).await {
            Ok(()) => incoming.finish().await.map(drop),
            refused => refused,
        };
        assert!(
            matches!(refused, Err(StoreFault::TooLarge(5))),
            "{refused:?}"
        );
        let mut incoming = store.receive("t/2", 5);
        written(&mut incoming, &[b"12"]).await.expect("taken");
        let Incoming { chunks, storing } = incoming;
        drop(chunks);
        assert!(matches!(storing.await, Ok(Err(StoreFault::Broken))));
        for key in ["t/1", "t/2"] {
            assert!(store.read(key, None).await.is_err(), "{key}");
        }
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
