//! Why a statement of the engine failed, by what follows from it. Texts carry the SQLSTATE and
//! the constraint, never values: those may be somebody's words.

use crate::engine::wire::{Refusal, Refusals};
use diesel::result::{DatabaseErrorKind as Kind, Error};
use papo_domain::ports::{CommitError, StoreError};
use thiserror::Error as ThisError;
use tokio_postgres::error::SqlState;

/// The outcome of a statement that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub(crate) enum Fault {
    /// The connection is gone or the server cannot work; what was not committed is not stored.
    #[error("{0}")]
    Lost(String),
    /// As [`Fault::Lost`], with a COMMIT under way: nobody knows how it ended.
    #[error("unknown outcome: {0}")]
    Unheard(String),
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

impl Fault {
    /// Why a call failed; `refusals` are those of its connection.
    pub(crate) fn of(error: &diesel::result::Error, refusals: &Refusals) -> Self {
        match error {
            Error::DatabaseError(Kind::UnableToSendCommand | Kind::ClosedConnection, lost) => {
                Self::Lost(lost.message().to_owned())
            }
            Error::DatabaseError(_, refused) => match refusals.take(refused.message()) {
                Some(refusal) => Self::refused(&refusal, refused.constraint_name()),
                None => Self::Lost("refused without a code".to_owned()),
            },
            Error::SerializationError(_) => Self::Data("a value cannot be written".to_owned()),
            other => Self::Lost(other.to_string()),
        }
    }

    fn refused(refusal: &Refusal, constraint: Option<&str>) -> Self {
        let code = SqlState::from_code(&refusal.code);
        let text = format!("{} {}", code.code(), constraint.unwrap_or(&refusal.routine));
        let contention = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
        ];
        if contention.contains(&code) {
            return Self::Contention(text);
        }
        // 21 cardinality (one row was told two things at once), 22 data exception, 23 integrity,
        // 54 program limit. Everything else says that the server or this program is at fault, and
        // no item may be blamed for that.
        match code.code().get(..2) {
            Some("21" | "22" | "23" | "54") => Self::Data(text),
            _ => Self::Lost(text),
        }
    }

    /// Why a connection could not be opened.
    pub(crate) fn unopened(error: &tokio_postgres::Error) -> Self {
        Self::Lost(match error.as_db_error() {
            Some(db) => format!("{} {}", db.code().code(), db.routine().unwrap_or_default()),
            None => error.to_string(),
        })
    }
}

impl Fault {
    /// What a fault means once a COMMIT may have been on its way.
    pub(crate) fn while_committing(self) -> Self {
        match self {
            Self::Lost(text) => Self::Unheard(text),
            other => other,
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Lost(text) | Fault::Unheard(text) | Fault::Contention(text) => {
                Self::Unavailable(text)
            }
            Fault::Data(text) | Fault::Corrupt(text) => Self::Corrupt(text),
        }
    }
}

impl From<Fault> for CommitError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Lost(text) | Fault::Contention(text) => Self::Unavailable(text),
            Fault::Unheard(text) => Self::Unknown(text),
            Fault::Data(text) | Fault::Corrupt(text) => Self::Poison(text),
        }
    }
}
