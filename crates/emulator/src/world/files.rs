//! Files that phones and products have handed in. Meta forgets them after a while; so does the
//! emulator, and earlier when there are many.

use super::World;
use super::compose::default_to;
use crate::faults::Dice;
use crate::graph::GraphError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The bytes of all files together; beyond it the oldest go.
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// The most files; beyond it the oldest go.
const FILES_MAX: usize = 10_000;
/// How long what a customer sent can be fetched, in days.
const INBOUND_DAYS: i64 = 7;
/// How long what a business uploaded can be sent, in days.
const UPLOAD_DAYS: i64 = 30;
/// How long an address to fetch a file from is good, in milliseconds.
const ADDRESS_MS: i64 = 5 * 60 * 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A small file of each kind, for messages that bring none of their own.
fn sample(kind: &str) -> Option<(&'static str, &'static str, Bytes)> {
    const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const STICKER: &str = "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA";
    let decoded = |text: &str| Bytes::from(STANDARD.decode(text).unwrap_or_default());
    Some(match kind {
        "image" => ("image", "image/png", decoded(PIXEL)),
        "sticker" => ("sticker", "image/webp", decoded(STICKER)),
        "video" => (
            "video",
            "video/mp4",
            Bytes::from_static(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat"),
        ),
        "audio" => (
            "audio",
            "audio/ogg; codecs=opus",
            Bytes::from_static(
                b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0",
            ),
        ),
        "document" => (
            "document",
            "application/pdf",
            Bytes::from_static(b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
        ),
        _ => return None,
    })
}

/// A file, as whoever handed it in is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileView {
    pub id: String,
    pub mime_type: String,
    /// Base64, as in webhooks.
    pub sha256: String,
    pub file_size: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub(crate) bytes: Bytes,
    pub(crate) view: FileView,
    /// The number whose it is; `None`: a customer's.
    number: Option<String>,
    until_ms: i64,
}

#[derive(Debug, Default)]
pub(super) struct Files {
    by_id: BTreeMap<String, StoredFile>,
    /// Oldest first.
    order: VecDeque<String>,
    bytes: usize,
}

impl Files {
    fn add(&mut self, file: StoredFile) {
        self.bytes += file.bytes.len();
        self.order.push_back(file.view.id.clone());
        self.by_id.insert(file.view.id.clone(), file);
        while (self.bytes > BYTES_MAX || self.order.len() > FILES_MAX)
            && let Some(oldest) = self.order.pop_front()
        {
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, id: &str) -> bool {
        let Some(file) = self.by_id.remove(id) else {
            return false;
        };
        self.bytes -= file.bytes.len();
        true
    }

    fn get(&self, id: &str, now: i64) -> Option<&StoredFile> {
        self.by_id.get(id).filter(|file| file.until_ms > now)
    }
}

impl World {
    /// A customer's phone hands a file in, to be named in a message.
    pub(crate) fn add_file(&mut self, bytes: Bytes, mime_type: &str) -> FileView {
        self.store_file(bytes, mime_type, None, INBOUND_DAYS)
    }

    /// A business uploads a file to send it.
    pub(crate) fn upload(&mut self, number: &str, bytes: Bytes, mime_type: &str) -> FileView {
        self.store_file(bytes, mime_type, Some(number.to_owned()), UPLOAD_DAYS)
    }

    fn store_file(
        &mut self,
        bytes: Bytes,
        mime_type: &str,
        number: Option<String>,
        days: i64,
    ) -> FileView {
        let view = FileView {
            id: uuid::Uuid::new_v4().as_u128().to_string(),
            mime_type: mime_type.to_owned(),
            sha256: STANDARD.encode(Sha256::digest(&bytes)),
            file_size: bytes.len(),
        };
        self.files.add(StoredFile {
            bytes,
            view: view.clone(),
            number,
            until_ms: self.clock.now_ms().saturating_add(days * DAY_MS),
        });
        view
    }

    /// A file that may be described, and until when the address given now is good.
    pub(crate) fn file(&self, id: &str) -> Result<(FileView, i64), GraphError> {
        let now = self.clock.now_ms();
        let file = self
            .files
            .get(id, now)
            .ok_or_else(|| GraphError::no_object(id))?;
        Ok((file.view.clone(), now.saturating_add(ADDRESS_MS)))
    }

    /// The bytes, if the address is still good.
    pub(crate) fn file_at(&self, id: &str, until_ms: i64) -> Option<StoredFile> {
        let now = self.clock.now_ms();
        let good = (now..=now.saturating_add(ADDRESS_MS)).contains(&until_ms);
        self.files.get(id, now).filter(|_| good).cloned()
    }

    /// What goes wrong with the next download: how long it waits, and whether it fails then.
    pub(crate) fn file_fault(&mut self) -> (Option<Duration>, bool) {
        self.downloads += 1;
        let mut dice = Dice::new(self.seed, &["file"], self.downloads);
        let slow = self.faults.slow_file.strikes(&mut dice);
        let lost = self.faults.lost_file.strikes(&mut dice);
        let wait = Duration::from_millis(u64::from(self.faults.slow_file.ms));
        (slow.then_some(wait), lost)
    }

    /// Gives a file an id, a type and a hash as Meta would. Without an id it is a small sample.
    pub(super) fn fill_file(&mut self, message: &mut Map<String, Value>) {
        let kind = message.get("type").and_then(Value::as_str);
        let Some((kind, mime_type, sample)) = kind.and_then(sample) else {
            return;
        };
        let given = message.get(kind).and_then(|file| file.get("id")).cloned();
        let view = match given {
            None => Some(self.add_file(sample, mime_type)),
            Some(Value::String(id)) => self.file_bytes(&id).map(|file| file.view),
            Some(_) => None,
        };
        let Some(file) = message.get_mut(kind).and_then(Value::as_object_mut) else {
            return;
        };
        // One that is named and not here is described all the same: it can be gone.
        let (id, mime_type, sha256) = match view {
            Some(view) => (view.id, view.mime_type, view.sha256),
            None => (
                String::new(),
                mime_type.to_owned(),
                STANDARD.encode([0; 32]),
            ),
        };
        default_to(file, "id", || Some(id));
        default_to(file, "mime_type", || Some(mime_type));
        default_to(file, "sha256", || Some(sha256));
    }

    /// The bytes, for the page and for tests.
    pub(crate) fn file_bytes(&self, id: &str) -> Option<StoredFile> {
        self.files.by_id.get(id).cloned()
    }

    pub(crate) fn delete_file(&mut self, id: &str) -> bool {
        self.files.remove(id)
    }

    /// The file that `number` wants to send by its id.
    pub(super) fn sendable(&self, number: &str, id: &str) -> Result<&StoredFile, GraphError> {
        let file = self.files.get(id, self.clock.now_ms());
        file.filter(|file| file.number.as_deref() == Some(number))
            .ok_or_else(|| GraphError::no_object(id))
    }
}
