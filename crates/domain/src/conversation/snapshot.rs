//! The stored form of a state: JSON with a schema version. Version N reads N and N − 1.

use super::state::State;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version this binary writes.
pub const SCHEMA_VERSION: u16 = 2;

/// Why a snapshot cannot be read.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// Written by a newer binary: another node must serve this shard.
    #[error("snapshot schema {0} is newer than this binary's {SCHEMA_VERSION}")]
    TooNew(u16),
    #[error("unreadable snapshot")]
    Corrupt(#[source] serde_json::Error),
}

#[derive(Serialize)]
struct Written<'a> {
    v: u16,
    state: &'a State,
}

#[derive(Deserialize)]
struct Header {
    v: u16,
}

#[derive(Deserialize)]
struct Read {
    state: State,
}

/// The snapshot of `state`.
///
/// # Errors
/// Never for a state that `evolve` made; the type is `serde_json`'s.
pub fn encode(state: &State) -> Result<String, SnapshotError> {
    serde_json::to_string(&Written {
        v: SCHEMA_VERSION,
        state,
    })
    .map_err(SnapshotError::Corrupt)
}

/// The state of a snapshot.
///
/// # Errors
/// [`SnapshotError::TooNew`] or [`SnapshotError::Corrupt`].
pub fn decode(payload: &str) -> Result<State, SnapshotError> {
    let Header { v } = serde_json::from_str(payload).map_err(SnapshotError::Corrupt)?;
    if v > SCHEMA_VERSION {
        return Err(SnapshotError::TooNew(v));
    }
    let Read { state } = serde_json::from_str(payload).map_err(SnapshotError::Corrupt)?;
    Ok(state)
}
