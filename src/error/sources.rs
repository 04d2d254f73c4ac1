//! How the errors of the layers below become answers.

use super::{ApiError, FieldFault};
use crate::auth::PasswordError;
use crate::engine::DispatchError;
use crate::media::StoreFault;
use papo_domain::ports::{InboxError, StoreError};
use papo_storage::DbError;
use papo_storage::app::Counted;
use std::time::Duration;

/// When an unavailable database is worth another try.
const SOON: Duration = Duration::from_secs(1);
/// When a node that is shutting down has been replaced.
const LATER: Duration = Duration::from_secs(5);

/// Constraints whose violation is the client's fault, with the field it is about. Unique ones
/// mean "taken", references mean "unknown".
const TAKEN: [(&str, &str); 8] = [
    ("users_email_unique", "email"),
    ("tenants_slug_unique", "slug"),
    ("departments_name_unique", "name"),
    ("labels_name_unique", "name"),
    ("channels_phone_number_id_unique", "phone_number_id"),
    ("bot_flows_one_active", "is_active"),
    ("canned_replies_shortcut_unique", "shortcut"),
    ("customer_attributes_pkey", "key"),
];
const UNKNOWN: [(&str, &str); 3] = [
    ("user_departments_department_fk", "departments"),
    ("canned_replies_department_fk", "department_id"),
    ("canned_replies_user_fk", "scope"),
];

fn unavailable(retry_after: Duration, reason: impl ToString) -> ApiError {
    ApiError::Unavailable {
        retry_after,
        reason: reason.to_string(),
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        let field = |table: &[(&str, &'static str)]| {
            let named = |(name, _): &&(&str, &str)| error.violates(name);
            table.iter().find(named).map(|(_, field)| *field)
        };
        if let Some(field) = field(&TAKEN) {
            return Self::Taken(field);
        }
        if let Some(field) = field(&UNKNOWN) {
            return Self::invalid(field, "is unknown");
        }
        for (of, quota) in [
            (Counted::Users, "users"),
            (Counted::Channels, "channels"),
            (Counted::Storage, "storage"),
        ] {
            if error.violates(of.constraint()) {
                return Self::QuotaExceeded(quota);
            }
        }
        if error.violates("users_last_admin") {
            return Self::LastAdmin;
        }
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::Stale => Self::Stale,
            DbError::Unavailable(_) | DbError::Timeout(_) => unavailable(SOON, error),
            DbError::Unknown(_) => Self::Unknown,
            other => Self::internal(other),
        }
    }
}

impl From<DispatchError> for ApiError {
    fn from(error: DispatchError) -> Self {
        match error {
            DispatchError::Rejected(rejection) => Self::Rejected(rejection),
            DispatchError::Busy => Self::Busy,
            DispatchError::Gone | DispatchError::NotHere => unavailable(SOON, error),
            DispatchError::Draining => unavailable(LATER, error),
            DispatchError::Timeout => Self::Timeout,
            DispatchError::Unknown => Self::Unknown,
            DispatchError::KeyReused => Self::KeyReused,
            DispatchError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Busy => Self::Busy,
            StoreError::Unavailable(_) | StoreError::Fenced => unavailable(SOON, error),
            StoreError::Corrupt(_) | StoreError::TooNew => Self::internal(error),
        }
    }
}

impl From<StoreFault> for ApiError {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::TooLarge(_) => Self::TooLarge,
            StoreFault::Missing => Self::NotFound,
            StoreFault::Broken => Self::Unreadable(FieldFault::new("body", "ended too early")),
            StoreFault::Slow | StoreFault::Failed(_) => unavailable(LATER, fault),
        }
    }
}

impl From<InboxError> for ApiError {
    fn from(error: InboxError) -> Self {
        unavailable(SOON, error)
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            other => Self::internal(other),
        }
    }
}

/// Rules that are checked before anything is stored: each report names its field.
impl From<garde::Report> for ApiError {
    fn from(report: garde::Report) -> Self {
        Self::Invalid(
            report
                .iter()
                .map(|(path, error)| super::FieldFault::new(path.to_string(), error.message()))
                .collect(),
        )
    }
}
