//! Why a socket is closed, as clients are told: code and reason of the closing frame.

use crate::error::{ApiError, AuthFault};
use papo_actors::CutReason;

/// A closing frame. The reason fits in the 123 bytes that RFC 6455 leaves for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ws) struct Farewell {
    pub(in crate::ws) code: u16,
    pub(in crate::ws) reason: &'static str,
}

impl Farewell {
    /// The client closed.
    pub(in crate::ws) const GOODBYE: Self = Self::new(1000, "");
    pub(in crate::ws) const PROTOCOL: Self = Self::new(1002, "protocol");
    pub(in crate::ws) const BINARY: Self = Self::new(1003, "text only");
    pub(in crate::ws) const TOO_LONG: Self = Self::new(1009, "too long");
    /// This node stops serving the tenant.
    pub(in crate::ws) const AWAY: Self = Self::new(1012, "away");
    pub(in crate::ws) const BUSY: Self = Self::new(1013, "busy");
    /// The login ended, or its rights changed.
    pub(in crate::ws) const REVOKED: Self = Self::new(4001, "revoked");
    pub(in crate::ws) const FORBIDDEN: Self = Self::new(4003, "forbidden");
    /// The client could not keep up.
    pub(in crate::ws) const RESYNC: Self = Self::new(4008, "resync");
    /// Nothing was heard of the client.
    pub(in crate::ws) const IDLE: Self = Self::new(4010, "idle");
    pub(in crate::ws) const TOO_FAST: Self = Self::new(4029, "too fast");
    pub(in crate::ws) const TOO_MANY: Self = Self::new(4030, "too many sockets");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }

    /// A token that does not let in, or not any more.
    pub(in crate::ws) fn of(fault: AuthFault) -> Self {
        let reason = match fault {
            AuthFault::Missing => "Token não fornecido",
            AuthFault::Expired => "Token expirado",
            AuthFault::Ended => return Self::REVOKED,
            _ => "Token inválido",
        };
        Self::new(4001, reason)
    }
}

impl From<CutReason> for Farewell {
    fn from(reason: CutReason) -> Self {
        match reason {
            CutReason::Resync => Self::RESYNC,
            CutReason::Revoked => Self::REVOKED,
            CutReason::Away => Self::AWAY,
        }
    }
}

impl From<&ApiError> for Farewell {
    fn from(error: &ApiError) -> Self {
        match error {
            ApiError::Unauthenticated(fault) => Self::of(*fault),
            ApiError::Forbidden
            | ApiError::NotFound
            | ApiError::TenantNotFound
            | ApiError::TenantRequired => Self::FORBIDDEN,
            ApiError::TooMany { .. } => Self::TOO_MANY,
            _ => Self::BUSY,
        }
    }
}
