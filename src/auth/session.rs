//! Logins behind access tokens. A token says who is meant; whether that login still stands, and
//! what its user may do now, is looked up and believed for a few seconds. A login that ends on
//! this node is refused at once.

use super::Claims;
use crate::error::{ApiError, AuthFault};
use crate::recent::Cache;
use papo_domain::{DepartmentId, Permission, Role, TenantId, UserId};
use papo_storage::app::{SessionState, Sight};
use papo_storage::{Database, DbError};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Logins remembered.
const REMEMBERED: usize = 50_000;

/// Who is calling, proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// Where the user's account is.
    pub home: TenantId,
    /// What the request is about: the user's own tenant, or the one a super admin named.
    pub acting: TenantId,
    /// The login.
    pub session: Uuid,
    pub departments: Vec<DepartmentId>,
    /// Nothing but setting up a second factor is allowed before that is done.
    pub must_set_up_two_factor: bool,
}

impl CurrentUser {
    /// Refuses whoever lacks the permission.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`].
    pub fn must(&self, permission: Permission) -> Result<(), ApiError> {
        if self.role.may(permission) {
            Ok(())
        } else {
            Err(ApiError::Forbidden)
        }
    }

    /// Refuses lower roles.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`].
    pub fn must_be(&self, lowest: Role) -> Result<(), ApiError> {
        if self.role >= lowest {
            Ok(())
        } else {
            Err(ApiError::Forbidden)
        }
    }

    /// The tenant whose data the request is about.
    ///
    /// # Errors
    /// [`ApiError::TenantRequired`] for a super admin who named none.
    pub fn tenant(&self) -> Result<TenantId, ApiError> {
        if self.acting == TenantId::PLATFORM {
            return Err(ApiError::TenantRequired);
        }
        Ok(self.acting)
    }

    /// Which conversations the user may see.
    #[must_use]
    pub fn sight(&self) -> Sight {
        if self.role >= Role::Supervisor {
            return Sight::All;
        }
        Sight::Own {
            user: self.id,
            departments: self.departments.clone(),
        }
    }

    /// Whether the user may take a conversation from somebody else.
    #[must_use]
    pub fn may_force(&self) -> bool {
        self.role >= Role::Supervisor
    }
}

#[derive(Clone)]
struct Known {
    user: UserId,
    tenant: TenantId,
    state: SessionState,
}

/// What is known of logins.
pub struct Sessions {
    database: Database,
    alive: Cache<Uuid, Known>,
    /// Ended on this node. Kept apart from `alive`, so that a look-up that was under way cannot
    /// bring an ended login back.
    ended: Cache<Uuid, ()>,
    /// How often anybody's rights changed. One count for all: changes are rare, and whatever was
    /// looked up across one may be older than it, so it is used once and not remembered.
    changes: Mutex<u64>,
    believed_for: Duration,
    /// No access token outlives this.
    token_ttl: Duration,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// Look-ups are believed for `believed_for`.
    #[must_use]
    pub fn new(database: Database, believed_for: Duration, token_ttl: Duration) -> Self {
        Self {
            database,
            alive: Cache::new(REMEMBERED),
            ended: Cache::new(REMEMBERED),
            changes: Mutex::new(0),
            believed_for,
            token_ttl,
        }
    }

    /// The user behind a genuine token.
    ///
    /// # Errors
    /// The login has ended, or the database is away.
    pub async fn user(&self, claims: &Claims) -> Result<CurrentUser, ApiError> {
        let stored = self
            .database
            .session_state(claims.tid, claims.sub, claims.sid);
        self.user_as_stored(claims, stored).await
    }

    /// `stored` looks the login up, and is asked only when that is necessary.
    async fn user_as_stored(
        &self,
        claims: &Claims,
        stored: impl Future<Output = Result<Option<SessionState>, DbError>>,
    ) -> Result<CurrentUser, ApiError> {
        let state = match self.alive.get(&claims.sid) {
            Some(known) if known.user == claims.sub && known.tenant == claims.tid => known.state,
            _ => self.look_up(claims, stored).await?,
        };
        // After the look-up: it may have begun before the end.
        if self.ended.get(&claims.sid).is_some() {
            return Err(ApiError::Unauthenticated(AuthFault::Ended));
        }
        Ok(CurrentUser {
            id: claims.sub,
            name: state.name,
            role: state.role,
            home: claims.tid,
            acting: claims.tid,
            session: claims.sid,
            departments: state.departments,
            must_set_up_two_factor: state.must_set_up_two_factor,
        })
    }

    async fn look_up(
        &self,
        claims: &Claims,
        stored: impl Future<Output = Result<Option<SessionState>, DbError>>,
    ) -> Result<SessionState, ApiError> {
        let before = *self.changes();
        let found = stored.await?;
        let state = found.ok_or(ApiError::Unauthenticated(AuthFault::Ended))?;
        let known = Known {
            user: claims.sub,
            tenant: claims.tid,
            state: state.clone(),
        };
        {
            // Held until it is remembered: a change must not come in between.
            let changes = self.changes();
            if *changes == before {
                self.alive.put(claims.sid, known, self.believed_for);
            }
        }
        Ok(state)
    }

    /// These logins have ended.
    pub fn end(&self, sessions: &[Uuid]) {
        for session in sessions {
            self.ended.put(*session, (), self.token_ttl);
            self.alive.forget(session);
        }
    }

    /// The user's role or departments changed: look again.
    pub fn refresh(&self, user: UserId) {
        self.changed(|known| known.user == user);
    }

    /// Whether the tenant's users may come in changed: look again.
    pub fn refresh_tenant(&self, tenant: TenantId) {
        self.changed(|known| known.tenant == tenant);
    }

    fn changed(&self, whose: impl Fn(&Known) -> bool) {
        let mut changes = self.changes();
        *changes += 1;
        self.alive.forget_where(|_, known| whose(known));
    }

    fn changes(&self) -> MutexGuard<'_, u64> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
