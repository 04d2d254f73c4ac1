//! What a query of the HTTP side can end with, classed by what the caller may do. The engine's
//! lanes answer in the words of the ports instead.

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::PoolError;
use papo_domain::ports::StoreError;
use thiserror::Error as ThisError;

/// Why a scoped query failed.
#[derive(Debug, ThisError)]
pub enum DbError {
    /// No connection in time, or it broke: the caller may try later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The statement took longer than the session allows. Nothing was stored.
    #[error("the query took too long")]
    Timeout(#[source] Error),
    /// The connection broke while it was committing: all of it is stored, or nothing.
    #[error("the outcome is unknown")]
    Unknown(#[source] Error),
    /// The row does not exist, or belongs to another tenant.
    #[error("not found")]
    NotFound,
    /// A named constraint refused the value.
    #[error("constraint {constraint} violated")]
    Constraint {
        /// As spelled in `migrations/`, for mapping to a field.
        constraint: String,
        kind: ConstraintKind,
    },
    /// Somebody else changed the row in between.
    #[error("the row was changed by someone else")]
    Stale,
    /// A stored value cannot be read.
    #[error("unreadable value in {place}")]
    Corrupt {
        place: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Anything else: a bug.
    #[error("query failed")]
    Query(#[source] Error),
}

/// What a violated constraint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    Unique,
    ForeignKey,
    Check,
}

impl DbError {
    /// A stored value at `place` (`table.column`) that cannot be read.
    pub fn corrupt(
        place: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Corrupt {
            place,
            source: Box::new(source),
        }
    }

    /// Whether this is the violation of the constraint of that name.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if constraint == name)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        let Error::DatabaseError(kind, info) = &error else {
            return match error {
                Error::NotFound => Self::NotFound,
                Error::BrokenTransactionManager => Self::Unavailable(Box::new(error)),
                Error::RollbackErrorOnCommit { commit_error, .. } => Self::of_commit(*commit_error),
                _ => Self::Query(error),
            };
        };
        let violated = |kind| Self::Constraint {
            constraint: info.constraint_name().unwrap_or_default().to_owned(),
            kind,
        };
        match kind {
            DatabaseErrorKind::UniqueViolation => violated(ConstraintKind::Unique),
            DatabaseErrorKind::ForeignKeyViolation => violated(ConstraintKind::ForeignKey),
            DatabaseErrorKind::CheckViolation => violated(ConstraintKind::Check),
            // A server that is a replica for the moment takes no writes.
            DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ReadOnlyTransaction => {
                Self::Unavailable(Box::new(error))
            }
            _ if is_lost(*kind, info.message()) || says(&REFUSED, info.message()) => {
                Self::Unavailable(Box::new(error))
            }
            _ if says(&TOO_LONG, info.message()) => Self::Timeout(error),
            _ => Self::Query(error),
        }
    }
}

impl DbError {
    /// What it means that a COMMIT was sent and failed.
    pub(crate) fn of_commit(error: Error) -> Self {
        match &error {
            Error::DatabaseError(kind, info) if is_lost(*kind, info.message()) => {
                Self::Unknown(error)
            }
            Error::BrokenTransactionManager => Self::Unknown(error),
            _ => error.into(),
        }
    }
}

/// The server's words for "not now", of which diesel keeps no code: lock_not_available,
/// deadlock_detected. Sessions speak English, see [`crate::roles`].
const REFUSED: [&str; 2] = ["due to lock timeout", "deadlock detected"];
/// statement_timeout, and an administrator's pg_cancel_backend.
const TOO_LONG: [&str; 2] = ["due to statement timeout", "due to user request"];
/// admin_shutdown, crash_shutdown, an idle transaction; cannot_connect_now.
const ENDED: [&str; 2] = ["terminating connection", "the database system is"];
/// What the driver says of values that fit no column; everything else that comes without the
/// server's answer is about the connection.
const UNFIT: [&str; 2] = ["serializing parameter", "error encoding message"];

/// Whether the connection is gone.
fn is_lost(kind: DatabaseErrorKind, message: &str) -> bool {
    match kind {
        DatabaseErrorKind::ClosedConnection => true,
        DatabaseErrorKind::UnableToSendCommand => !says(&UNFIT, message),
        _ => says(&ENDED, message),
    }
}

fn says(words: &[&str], message: &str) -> bool {
    words.iter().any(|word| message.contains(word))
}

impl From<deadpool::managed::PoolError<PoolError>> for DbError {
    fn from(error: deadpool::managed::PoolError<PoolError>) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::Corrupt { place, .. } => Self::Corrupt(place.to_owned()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
