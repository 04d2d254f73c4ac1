//! What came out of a connection, kept by a task that reads as long as it may.

use super::{Stream, text};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};

/// What the reading task and its client share.
#[derive(Debug)]
pub(super) struct Shared {
    got: Mutex<Got>,
    /// Counts what came.
    pub(super) came: watch::Sender<u64>,
}

/// What came.
#[derive(Debug, Default)]
pub(super) struct Got {
    pub(super) frames: Vec<Value>,
    /// How many of them have which name.
    names: HashMap<String, usize>,
    pub(super) cursor: Option<u64>,
    pub(super) faults: Vec<String>,
    pub(super) closed: Option<(u16, String)>,
}

impl Shared {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            got: Mutex::default(),
            came: watch::channel(0).0,
        })
    }

    pub(super) fn got(&self) -> MutexGuard<'_, Got> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Got)) {
        change(&mut self.got());
        self.came.send_modify(|count| *count += 1);
    }
}

impl Got {
    /// How many events with this name came.
    pub(super) fn told(&self, name: &str) -> usize {
        self.names.get(name).copied().unwrap_or_default()
    }

    fn take(&mut self, frame: Value) {
        if let Some(seq) = frame.get("seq").and_then(Value::as_u64) {
            if Some(seq) <= self.cursor {
                self.faults
                    .push(format!("{seq} came when {:?} was known", self.cursor));
            }
            let more = frame.get("more") == Some(&Value::Bool(true));
            if !more {
                self.cursor = self.cursor.max(Some(seq));
            }
        }
        *self
            .names
            .entry(text(&frame, "event").to_owned())
            .or_default() += 1;
        self.frames.push(frame);
    }
}

/// Reads until the connection ends or its client is gone.
pub(super) async fn read(
    mut stream: SplitStream<Stream>,
    mut may: watch::Receiver<bool>,
    shared: Arc<Shared>,
) {
    while may.wait_for(|may| *may).await.is_ok() {
        let message = tokio::select! {
            _ = may.wait_for(|may| !*may) => continue,
            message = stream.next() => message,
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                shared.change(|got| match serde_json::from_str(&text) {
                    Ok(frame) => got.take(frame),
                    Err(error) => got.faults.push(format!("no JSON ({error}): {text}")),
                })
            }
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = frame.map_or((1005, String::new()), |frame: CloseFrame| {
                    (frame.code.into(), frame.reason.to_string())
                });
                shared.change(|got| {
                    got.closed.get_or_insert((code, reason));
                });
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    shared.change(|got| {
        got.closed.get_or_insert((1006, String::new()));
    });
}
