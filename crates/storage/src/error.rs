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
    /// The statement took longer than the session allows.
    #[error("the query took too long")]
    Timeout(#[source] Error),
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
        let kind = match &error {
            Error::NotFound => return Self::NotFound,
            Error::BrokenTransactionManager => return Self::Unavailable(Box::new(error)),
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => ConstraintKind::Unique,
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                ConstraintKind::ForeignKey
            }
            Error::DatabaseError(DatabaseErrorKind::CheckViolation, _) => ConstraintKind::Check,
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => {
                return Self::Unavailable(Box::new(error));
            }
            Error::DatabaseError(_, info) if info.message().contains("statement timeout") => {
                return Self::Timeout(error);
            }
            _ => return Self::Query(error),
        };
        match &error {
            Error::DatabaseError(_, info) => Self::Constraint {
                constraint: info.constraint_name().unwrap_or_default().to_owned(),
                kind,
            },
            _ => Self::Query(error),
        }
    }
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
