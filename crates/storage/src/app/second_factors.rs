//! Authenticators, recovery codes, and logins that still owe a code. All moments are the
//! database's, except the time steps of codes.

use crate::schema::{recovery_codes, second_factors, users};
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl,
};
use diesel::sql_types::{BigInt, Binary, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{TenantId, UserId};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// A user's authenticator.
#[derive(Clone)]
pub struct SecondFactor {
    pub secret_enc: Vec<u8>,
    /// Whether logins need it; else it was set up and not yet tried.
    pub enabled: bool,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor")
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// What proves that somebody has the second factor.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// The time step of a code that was found right.
    Step(i64),
    /// The hash of a recovery code.
    Recovery([u8; 32]),
}

/// A login that has shown its password.
pub struct Challenged {
    /// What a code is checked with.
    pub secret_enc: Vec<u8>,
    /// Of the password that was shown.
    pub password_hash: SecretString,
}

impl std::fmt::Debug for Challenged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenged")
    }
}

#[derive(QueryableByName)]
struct ChallengedRow {
    #[diesel(sql_type = Binary)]
    secret_enc: Vec<u8>,
    #[diesel(sql_type = Text)]
    password_hash: String,
}

impl Database {
    /// The authenticator of a user, if there is one.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn second_factor(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<SecondFactor>, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Option<(Vec<u8>, bool)> = second_factors::table
                .inner_join(
                    users::table.on(users::tenant_id
                        .eq(second_factors::tenant_id)
                        .and(users::id.eq(second_factors::user_id))),
                )
                .filter(second_factors::tenant_id.eq(tenant.0))
                .filter(second_factors::user_id.eq(user.0))
                .select((
                    second_factors::secret_enc,
                    users::two_factor_at.is_not_null(),
                ))
                .first(conn)
                .await
                .optional()?;
            Ok(row.map(|(secret_enc, enabled)| SecondFactor {
                secret_enc,
                enabled,
            }))
        })
        .await
    }

    /// Keeps the secret of an authenticator that is not in use yet, in place of an earlier one
    /// that is not either. False if one is in use.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn set_up_second_factor(
        &self,
        tenant: TenantId,
        user: UserId,
        secret_enc: &[u8],
    ) -> Result<bool, DbError> {
        self.scoped(tenant, async |conn| {
            if is_enabled(conn, tenant, user).await? {
                return Ok(false);
            }
            use second_factors::{last_step, secret_enc as secret, tenant_id, user_id};
            diesel::insert_into(second_factors::table)
                .values((
                    tenant_id.eq(tenant.0),
                    user_id.eq(user.0),
                    secret.eq(secret_enc),
                ))
                .on_conflict((tenant_id, user_id))
                .do_update()
                .set((secret.eq(secret_enc), last_step.eq(0)))
                .execute(conn)
                .await?;
            Ok(true)
        })
        .await
    }

    /// From now on logins need the authenticator, of which a code of time step `step` was right.
    ///
    /// # Errors
    /// [`DbError::Stale`] if one is in use already, and others.
    pub async fn enable_second_factor(
        &self,
        tenant: TenantId,
        user: UserId,
        step: i64,
        codes: &[[u8; 32]],
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            if is_enabled(conn, tenant, user).await? {
                return Err(DbError::Stale);
            }
            diesel::update(users::table.find((tenant.0, user.0)))
                .set(users::two_factor_at.eq(diesel::dsl::now))
                .execute(conn)
                .await?;
            if !prove(conn, tenant, user, Proof::Step(step)).await? {
                return Err(DbError::NotFound);
            }
            set_codes(conn, tenant, user, codes).await
        })
        .await
    }

    /// Whether the proof is good. It is good once.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn prove_second_factor(
        &self,
        tenant: TenantId,
        user: UserId,
        proof: Proof,
    ) -> Result<bool, DbError> {
        self.scoped(tenant, async |conn| prove(conn, tenant, user, proof).await)
            .await
    }

    /// Logins need no authenticator any more; it is forgotten with its codes.
    ///
    /// # Errors
    /// [`DbError::NotFound`] for an unknown user, [`DbError::Stale`] if none is in use, and others.
    pub async fn disable_second_factor(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            if !is_enabled(conn, tenant, user).await? {
                return Err(DbError::Stale);
            }
            diesel::delete(second_factors::table.find((tenant.0, user.0)))
                .execute(conn)
                .await?;
            diesel::update(users::table.find((tenant.0, user.0)))
                .set(users::two_factor_at.eq(None::<papo_domain::Timestamp>))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }

    /// Puts new recovery codes in the place of all earlier ones.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn replace_recovery_codes(
        &self,
        tenant: TenantId,
        user: UserId,
        codes: &[[u8; 32]],
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            set_codes(conn, tenant, user, codes).await
        })
        .await
    }

    /// Notes that a login has shown its password, which was checked against `hash`, and owes a
    /// code, in the place of an earlier one. False if it may not go on: nobody of the tenant may
    /// log in, or the password has become another one.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn open_challenge(
        &self,
        tenant: TenantId,
        user: UserId,
        hash: &SecretString,
        digest: &[u8; 32],
        ttl: Duration,
    ) -> Result<bool, DbError> {
        let ttl = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
        self.scoped(tenant, async |conn| {
            // Held to the end: whoever changes the password next finds the challenge, and voids it.
            let same: Option<uuid::Uuid> = users::table
                .find((tenant.0, user.0))
                .filter(users::password_hash.eq(hash.expose_secret()))
                .select(users::id)
                .for_share()
                .first(conn)
                .await
                .optional()?;
            if same.is_none() {
                return Ok(false);
            }
            let opened = diesel::sql_query(
                "UPDATE second_factors f
                 SET challenge_hash = $3, challenge_attempts = 0,
                     challenge_expires_at = now() + $4 * interval '1 second'
                 FROM tenants t
                 WHERE f.tenant_id = $1 AND f.user_id = $2
                   AND t.tenant_id = f.tenant_id AND is_served(t.status, t.trial_ends_at)",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Binary, _>(digest.as_slice())
            .bind::<BigInt, _>(ttl)
            .execute(conn)
            .await?;
            Ok(opened == 1)
        })
        .await
    }

    /// Counts an attempt at a challenge and returns what to check it with; `None` if the
    /// challenge is unknown, expired, answered, voided or used up.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn attempt_challenge(
        &self,
        tenant: TenantId,
        user: UserId,
        digest: &[u8; 32],
        most: i32,
    ) -> Result<Option<Challenged>, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Option<ChallengedRow> = diesel::sql_query(
                "UPDATE second_factors f SET challenge_attempts = challenge_attempts + 1
                 FROM users u
                 WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.challenge_hash = $3
                   AND f.challenge_expires_at > now() AND f.challenge_attempts < $4
                   AND u.tenant_id = f.tenant_id AND u.id = f.user_id
                   AND u.is_active AND u.two_factor_at IS NOT NULL
                 RETURNING f.secret_enc, u.password_hash",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Binary, _>(digest.as_slice())
            .bind::<Integer, _>(most)
            .get_result(conn)
            .await
            .optional()?;
            Ok(row.map(|row| Challenged {
                secret_enc: row.secret_enc,
                password_hash: row.password_hash.into(),
            }))
        })
        .await
    }
}

async fn is_enabled(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
) -> Result<bool, DbError> {
    Ok(users::table
        .find((tenant.0, user.0))
        .select(users::two_factor_at.is_not_null())
        .for_update()
        .first(conn)
        .await?)
}

/// Takes a proof. A challenge, if there is one, is answered by it.
async fn prove(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
    proof: Proof,
) -> Result<bool, DbError> {
    use second_factors::{challenge_hash, last_step};
    let answered = challenge_hash.eq(None::<Vec<u8>>);
    let factor = second_factors::table.find((tenant.0, user.0));
    let taken = match proof {
        // Older than the last one, or the same: somebody read it over a shoulder.
        Proof::Step(step) => {
            diesel::update(factor)
                .filter(last_step.lt(step))
                .set((last_step.eq(step), answered))
                .execute(conn)
                .await?
        }
        Proof::Recovery(digest) => {
            let code = recovery_codes::table.find((tenant.0, user.0, digest.as_slice()));
            let used = diesel::delete(code).execute(conn).await?;
            if used == 1 {
                diesel::update(factor).set(answered).execute(conn).await?;
            }
            used
        }
    };
    Ok(taken == 1)
}

async fn set_codes(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
    codes: &[[u8; 32]],
) -> Result<(), DbError> {
    use recovery_codes::{code_hash, tenant_id, user_id};
    let all = recovery_codes::table
        .filter(tenant_id.eq(tenant.0))
        .filter(user_id.eq(user.0));
    diesel::delete(all).execute(conn).await?;
    let rows: Vec<_> = codes
        .iter()
        .map(|code| {
            (
                tenant_id.eq(tenant.0),
                user_id.eq(user.0),
                code_hash.eq(code.as_slice()),
            )
        })
        .collect();
    diesel::insert_into(recovery_codes::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}
