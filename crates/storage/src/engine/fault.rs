//! Why a statement of the engine failed, by what follows from it. Texts carry the SQLSTATE and
//! the constraint, never values: those may be somebody's words.

use papo_domain::ports::{CommitError, StoreError};
use thiserror::Error;
use tokio_postgres::error::SqlState;

/// The outcome of a statement that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    /// The connection is gone or the server cannot work. If a commit was under way, nobody knows
    /// how it ended.
    #[error("{0}")]
    Lost(String),
    /// Deadlock, serialization failure or a lock that was not given in time: try again.
    #[error("contention: {0}")]
    Contention(String),
    /// The data cannot be stored.
    #[error("data refused: {0}")]
    Data(String),
    /// Stored data cannot be read.
    #[error("unreadable {0}")]
    Corrupt(String),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            // Without an answer of the server: the socket, or a value that cannot be encoded.
            let text = error.to_string();
            return if error.is_closed() || !text.contains("serializing parameter") {
                Self::Lost(text)
            } else {
                Self::Data(text)
            };
        };
        let code = db.code();
        let text = match db.constraint() {
            Some(constraint) => format!("{} {constraint}", code.code()),
            None => format!("{} {}", code.code(), db.routine().unwrap_or_default()),
        };
        let contention = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
        ];
        if contention.contains(code) {
            return Self::Contention(text);
        }
        // 22 data exception, 23 integrity, 54 program limit. Everything else says that the
        // server or this program is at fault, and no item may be blamed for that.
        match code.code().get(..2) {
            Some("22" | "23" | "54") => Self::Data(text),
            _ => Self::Lost(text),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Lost(text) | Fault::Contention(text) => Self::Unavailable(text),
            Fault::Data(text) | Fault::Corrupt(text) => Self::Corrupt(text),
        }
    }
}

impl From<Fault> for CommitError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Lost(text) | Fault::Contention(text) => Self::Unavailable(text),
            Fault::Data(text) | Fault::Corrupt(text) => Self::Poison(text),
        }
    }
}
