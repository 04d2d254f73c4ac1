//! The object storage, over a folder and over a bucket.

mod bucket;

use super::{BUFFER, Incoming, MediaStore, StoreFault};
use crate::config::Media;
use bucket::Bucket;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;

fn store(folder: &Path) -> MediaStore {
    let config = Media {
        folder: folder.to_owned(),
        ..Media::for_tests()
    };
    MediaStore::open(&config, Handle::current()).expect("a folder")
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("papo-media-{}", uuid::Uuid::new_v4()))
}

async fn written(incoming: &mut Incoming, chunks: &[&[u8]]) -> Result<(), StoreFault> {
    for chunk in chunks {
        incoming.write(Bytes::copy_from_slice(chunk)).await?;
    }
    Ok(())
}

async fn read(store: &MediaStore, key: &str, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let stream = store.read(key, range).await.expect("it is there");
    let chunks: Vec<Bytes> = stream.try_collect().await.expect("all of it");
    chunks.concat()
}

/// Begins a file, writes these bytes, and gives it up.
async fn broken_off(store: &MediaStore, key: &str, bytes: &[u8]) {
    let mut incoming = store.receive(key, u64::MAX);
    written(&mut incoming, &[bytes]).await.expect("taken");
    let Incoming { chunks, storing } = incoming;
    drop(chunks);
    assert!(matches!(storing.await, Ok(Err(StoreFault::Broken))));
}

async fn comes_in_and_is_read(store: &MediaStore) {
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
    assert_eq!(read(store, "t/1", None).await, b"%PDF-1.7 abc");
    assert_eq!(read(store, "t/1", Some(5..8)).await, b"1.7");
    store.delete("t/1").await.expect("gone");
    store.delete("t/1").await.expect("still gone");
    assert!(matches!(
        store.read("t/1", None).await.err(),
        Some(StoreFault::Missing)
    ));
    // More than is held back: it goes in parts.
    let large: Vec<u8> = (0..=u8::MAX).cycle().take(2 * BUFFER + 3).collect();
    let mut incoming = store.receive("t/2", u64::MAX);
    let halves: Vec<&[u8]> = large.chunks(BUFFER / 2).collect();
    written(&mut incoming, &halves).await.expect("taken");
    let kept = incoming.finish().await.expect("stored");
    assert_eq!(usize::try_from(kept.size).ok(), Some(large.len()));
    assert!(read(store, "t/2", None).await == large);
}

async fn refused(store: &MediaStore) {
    let mut incoming = store.receive("t/3", 5);
    let refused = match written(&mut incoming, &[b"123", b"456"]).await {
        Ok(()) => incoming.finish().await.map(drop),
        refused => refused,
    };
    assert!(
        matches!(refused, Err(StoreFault::TooLarge(5))),
        "{refused:?}"
    );
    broken_off(store, "t/4", b"12").await;
    // Of this one a part was stored already.
    broken_off(store, "t/5", &vec![7; BUFFER + 1]).await;
    for key in ["t/3", "t/4", "t/5"] {
        assert!(store.read(key, None).await.is_err(), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_can_be_read_in_whole_and_in_part() {
    let folder = folder();
    let store = store(&folder);
    // What is stored when the lights go out is stored when they are on again.
    assert!(format!("{:?}", store.store).contains("fsync: true"));
    comes_in_and_is_read(&store).await;
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_of_what_is_too_large_or_broken_off() {
    let folder = folder();
    let store = store(&folder);
    refused(&store).await;
    let left = std::fs::read_dir(folder.join("t"));
    assert_eq!(left.map_or(0, Iterator::count), 0);
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_does_the_same() {
    let bucket = Bucket::start();
    let store = MediaStore::open(&bucket.config(), Handle::current()).expect("a bucket");
    comes_in_and_is_read(&store).await;
    refused(&store).await;
    assert_eq!(bucket.keys(), ["files/t/2"]);
    assert_eq!(bucket.unfinished(), 0);
}

/// As a disk that is full, or a bucket that is broken, when the last bytes are there.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_at_the_end_is_one_of_the_storage() {
    let folder = folder();
    let store = store(&folder);
    std::fs::write(folder.join("t"), b"a file where a folder has to be").expect("written");
    let mut incoming = store.receive("t/1", 100);
    written(&mut incoming, &[b"abc"]).await.expect("taken");
    match incoming.finish().await {
        Err(StoreFault::Failed(why)) => assert!(!why.contains("panicked"), "{why}"),
        other => panic!("{other:?}"),
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_left_is_swept_away() {
    let folder = folder();
    let store = store(&folder);
    std::fs::create_dir(folder.join("t")).expect("made");
    let day = Duration::from_secs(24 * 60 * 60);
    let long_ago = SystemTime::now() - 2 * day;
    for (name, old) in [("1", true), ("1#1", true), ("2#1", false)] {
        let file = File::create(folder.join("t").join(name)).expect("made");
        if old {
            file.set_modified(long_ago).expect("aged");
        }
    }
    assert_eq!(store.sweep(day).await.expect("swept"), 1);
    let left = |name: &str| folder.join("t").join(name).exists();
    assert!(left("1") && left("2#1") && !left("1#1"));
    std::fs::remove_dir_all(folder).expect("removed");
}
