//! Logins: families of refresh tokens, of which only keyed digests are stored. All moments are
//! the database's.

use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{OptionalExtension, QueryDsl};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{DepartmentId, Role, TenantId, Timestamp, UserId};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use uuid::Uuid;

/// A refresh token to store.
#[derive(Clone, Copy, Debug)]
pub struct NewToken {
    pub id: Uuid,
    /// Digest of the token; the token itself is known to its holder only.
    pub digest: [u8; 32],
    pub ttl: Duration,
    /// A browser keeps it, for all of its tabs.
    pub in_cookie: bool,
}

/// From where a token was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    pub user_agent: Option<String>,
    pub address: Option<String>,
}

/// A login that can be renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The family of its tokens.
    pub id: Uuid,
    pub device: Device,
    pub began_at: Timestamp,
    /// When it last asked for a token.
    pub last_used_at: Timestamp,
}

/// What became of a presented token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was exchanged for the new one.
    Rotated { user: UserId, family: Uuid },
    /// It had been used before: somebody has a copy. Its whole family is revoked now.
    Reused { user: UserId, family: Uuid },
    /// Unknown, expired or revoked, or its user may not log in any more.
    Refused,
}

/// A login that is alive, with what its user may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionState {
    pub role: Role,
    pub name: String,
    pub departments: Vec<DepartmentId>,
    /// The tenant asks for a second factor, and the user has none.
    pub must_set_up_two_factor: bool,
}

#[derive(QueryableByName)]
struct Presented {
    #[diesel(sql_type = SqlUuid)]
    family: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Binary)]
    token_hash: Vec<u8>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    began_at: Option<Timestamp>,
    #[diesel(sql_type = Bool)]
    used: bool,
    #[diesel(sql_type = Bool)]
    alive: bool,
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    full_name: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    departments: Vec<Uuid>,
    #[diesel(sql_type = Bool)]
    must_set_up_two_factor: bool,
}

#[derive(QueryableByName)]
struct LoginRow {
    #[diesel(sql_type = SqlUuid)]
    family: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    user_agent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    began_at: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    last_used_at: Timestamp,
}

#[derive(QueryableByName)]
struct FamilyRow {
    #[diesel(sql_type = SqlUuid)]
    family: Uuid,
}

impl Database {
    /// Begins a login of somebody whose password was checked against `hash`, and notes its time.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if the user may not log in (any more), also where the password has
    /// become another one since it was checked, and others.
    pub async fn open_session(
        &self,
        (tenant, user): (TenantId, UserId),
        hash: &SecretString,
        family: Uuid,
        token: &NewToken,
        device: &Device,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            insert(conn, tenant, (user, family, None), token, device).await?;
            let begun = diesel::sql_query(
                "UPDATE users u SET last_login_at = now() FROM tenants t
                 WHERE u.tenant_id = $1 AND u.id = $2 AND u.is_active AND u.password_hash = $3
                   AND t.tenant_id = u.tenant_id AND is_served(t.status, t.trial_ends_at)",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Text, _>(hash.expose_secret())
            .execute(conn)
            .await?;
            if begun == 0 {
                return Err(DbError::NotFound);
            }
            Ok(())
        })
        .await
    }

    /// Exchanges the token `presented` for `next`, once, and, if it is kept in a cookie, again for
    /// as long as `grace` after the first time (whole seconds; zero for none). Concurrent callers
    /// are served one after the other: without grace the second one is a reuse.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn rotate_token(
        &self,
        tenant: TenantId,
        presented: Uuid,
        digest: &[u8; 32],
        next: &NewToken,
        grace: Duration,
        device: &Device,
    ) -> Result<Rotation, DbError> {
        let grace = seconds(grace);
        self.scoped(tenant, async |conn| {
            let row: Option<Presented> = diesel::sql_query(
                "SELECT r.family, r.user_id, r.token_hash, r.began_at,
                        r.used_at IS NOT NULL
                        AND (NOT r.in_cookie OR $3 = 0
                             OR r.used_at <= now() - $3 * interval '1 second') AS used,
                        r.revoked_at IS NULL AND r.expires_at > now()
                        AND u.is_active AND is_served(t.status, t.trial_ends_at) AS alive
                 FROM refresh_tokens r
                 JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
                 JOIN tenants t ON t.tenant_id = r.tenant_id
                 WHERE r.tenant_id = $1 AND r.id = $2
                 FOR UPDATE OF r",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(presented)
            .bind::<BigInt, _>(grace)
            .get_result(conn)
            .await
            .optional()?;
            // The id is not secret; the digest is what proves possession.
            let Some(row) = row.filter(|row| row.token_hash == digest) else {
                return Ok(Rotation::Refused);
            };
            let (user, family) = (UserId(row.user_id), row.family);
            if row.used {
                revoke(conn, tenant, family).await?;
                return Ok(Rotation::Reused { user, family });
            }
            if !row.alive {
                return Ok(Rotation::Refused);
            }
            let login = (user, family, row.began_at);
            insert(conn, tenant, login, next, device).await?;
            diesel::sql_query(
                "UPDATE refresh_tokens SET used_at = coalesce(used_at, now()), replaced_by = $3
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(presented)
            .bind::<SqlUuid, _>(next.id)
            .execute(conn)
            .await?;
            Ok(Rotation::Rotated { user, family })
        })
        .await
    }

    /// Ends one login.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn revoke_session(&self, tenant: TenantId, family: Uuid) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            revoke(conn, tenant, family).await?;
            Ok(())
        })
        .await
    }

    /// The logins of a user that can be renewed, the one used last first; the newest 100.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_logins(&self, tenant: TenantId, user: UserId) -> Result<Vec<Login>, DbError> {
        let rows: Vec<LoginRow> = self
            .scoped(tenant, async |conn| {
                Ok(diesel::sql_query(include_str!("sql/logins.sql"))
                    .bind::<SqlUuid, _>(tenant.0)
                    .bind::<SqlUuid, _>(user.0)
                    .load(conn)
                    .await?)
            })
            .await?;
        let login = |row: LoginRow| Login {
            id: row.family,
            device: Device {
                user_agent: row.user_agent,
                address: row.address,
            },
            began_at: row.began_at,
            last_used_at: row.last_used_at,
        };
        Ok(rows.into_iter().map(login).collect())
    }

    /// Ends one login of a user.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if the user has no such login, and others.
    pub async fn revoke_session_of(
        &self,
        tenant: TenantId,
        user: UserId,
        family: Uuid,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let ended = diesel::sql_query(
                "UPDATE refresh_tokens SET revoked_at = now()
                 WHERE tenant_id = $1 AND family = $2 AND user_id = $3 AND revoked_at IS NULL",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(family)
            .bind::<SqlUuid, _>(user.0)
            .execute(conn)
            .await?;
            if ended == 0 {
                return Err(DbError::NotFound);
            }
            Ok(())
        })
        .await
    }

    /// Ends the login that a refresh token belongs to, if the token is genuine. Returns its user
    /// and family.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn revoke_session_of_token(
        &self,
        tenant: TenantId,
        token: Uuid,
        digest: &[u8; 32],
    ) -> Result<Option<(UserId, Uuid)>, DbError> {
        use crate::schema::refresh_tokens::{self, family, token_hash, user_id};
        self.scoped(tenant, async |conn| {
            let row: Option<(Uuid, Uuid, Vec<u8>)> = refresh_tokens::table
                .find((tenant.0, token))
                .select((user_id, family, token_hash))
                .first(conn)
                .await
                .optional()?;
            let Some((user, ended, _)) = row.filter(|(_, _, hash)| hash == digest) else {
                return Ok(None);
            };
            revoke(conn, tenant, ended).await?;
            Ok(Some((UserId(user), ended)))
        })
        .await
    }

    /// Ends every login of a user, except `keep`. Returns the families that were ended.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn revoke_sessions_of(
        &self,
        tenant: TenantId,
        user: UserId,
        keep: Option<Uuid>,
    ) -> Result<Vec<Uuid>, DbError> {
        self.scoped(tenant, async |conn| end_all(conn, tenant, user, keep).await)
            .await
    }

    /// What a login may do now; `None` if it has ended, its user is gone, or the tenant is
    /// suspended.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn session_state(
        &self,
        tenant: TenantId,
        user: UserId,
        family: Uuid,
    ) -> Result<Option<SessionState>, DbError> {
        let row: Option<StateRow> = self
            .scoped(tenant, async |conn| {
                Ok(diesel::sql_query(include_str!("sql/session_state.sql"))
                    .bind::<SqlUuid, _>(tenant.0)
                    .bind::<SqlUuid, _>(user.0)
                    .bind::<SqlUuid, _>(family)
                    .get_result(conn)
                    .await
                    .optional()?)
            })
            .await?;
        row.map(|row| {
            let role = row
                .role
                .parse()
                .map_err(|e| DbError::corrupt("users.role", e))?;
            Ok(SessionState {
                role,
                name: row.full_name,
                departments: row.departments.into_iter().map(DepartmentId).collect(),
                must_set_up_two_factor: row.must_set_up_two_factor,
            })
        })
        .transpose()
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// As [`Database::revoke_sessions_of`].
pub(super) async fn end_all(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
    keep: Option<Uuid>,
) -> Result<Vec<Uuid>, DbError> {
    let families: Vec<FamilyRow> = diesel::sql_query(
        "UPDATE refresh_tokens SET revoked_at = now()
         WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND family <> $3
         RETURNING family",
    )
    .bind::<SqlUuid, _>(tenant.0)
    .bind::<SqlUuid, _>(user.0)
    .bind::<SqlUuid, _>(keep.unwrap_or_default())
    .get_results(conn)
    .await?;
    let mut families: Vec<Uuid> = families.into_iter().map(|row| row.family).collect();
    families.sort_unstable();
    families.dedup();
    Ok(families)
}

async fn insert(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    (user, family, began_at): (UserId, Uuid, Option<Timestamp>),
    token: &NewToken,
    device: &Device,
) -> Result<(), DbError> {
    let ttl = seconds(token.ttl);
    diesel::sql_query(
        "INSERT INTO refresh_tokens (tenant_id, id, family, user_id, token_hash, expires_at,
                                     began_at, user_agent, address, in_cookie)
         VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second',
                 coalesce($7, now()), $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(tenant.0)
    .bind::<SqlUuid, _>(token.id)
    .bind::<SqlUuid, _>(family)
    .bind::<SqlUuid, _>(user.0)
    .bind::<Binary, _>(token.digest.as_slice())
    .bind::<BigInt, _>(ttl)
    .bind::<Nullable<Timestamptz>, _>(began_at)
    .bind::<Nullable<Text>, _>(device.user_agent.as_deref())
    .bind::<Nullable<Text>, _>(device.address.as_deref())
    .bind::<Bool, _>(token.in_cookie)
    .execute(conn)
    .await?;
    Ok(())
}

async fn revoke(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    family: Uuid,
) -> Result<usize, DbError> {
    Ok(diesel::sql_query(
        "UPDATE refresh_tokens SET revoked_at = now()
         WHERE tenant_id = $1 AND family = $2 AND revoked_at IS NULL",
    )
    .bind::<SqlUuid, _>(tenant.0)
    .bind::<SqlUuid, _>(family)
    .execute(conn)
    .await?)
}
