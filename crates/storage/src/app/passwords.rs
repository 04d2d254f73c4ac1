//! Password hashes: read to check a login, written by their owners. Apart from the other columns
//! of users, so that no list can carry one along.

use super::plain::lower;
use super::sessions::end_all;
use crate::schema::{account_links, second_factors, users};
use crate::{Database, DbError};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{TenantId, UserId};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// What a login is checked against.
#[derive(Clone, Debug)]
pub struct PasswordRecord {
    pub user: UserId,
    pub is_active: bool,
    /// Whether a login needs a second factor besides.
    pub two_factor: bool,
    pub hash: SecretString,
}

type Columns = (Uuid, bool, bool, String);

impl Database {
    /// What the login of `email` is checked against, if there is such a user.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn password_of(
        &self,
        tenant: TenantId,
        email: &str,
    ) -> Result<Option<PasswordRecord>, DbError> {
        let email = email.to_lowercase();
        self.scoped(tenant, async |conn| {
            let row: Option<Columns> = users::table
                .filter(users::tenant_id.eq(tenant.0))
                .filter(lower(users::email).eq(&email))
                .select((
                    users::id,
                    users::is_active,
                    users::two_factor_at.is_not_null(),
                    users::password_hash,
                ))
                .first(conn)
                .await
                .optional()?;
            Ok(row.map(password_record))
        })
        .await
    }

    /// What the password of a logged-in user is checked against.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn password_of_user(
        &self,
        tenant: TenantId,
        id: UserId,
    ) -> Result<PasswordRecord, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Columns = users::table
                .find((tenant.0, id.0))
                .select((
                    users::id,
                    users::is_active,
                    users::two_factor_at.is_not_null(),
                    users::password_hash,
                ))
                .first(conn)
                .await?;
            Ok(password_record(row))
        })
        .await
    }

    /// Puts a password in the place of the one of which `old` was kept, and ends all that could
    /// go on by the old one: links, logins that owe a code, and logins except `keep`, whose ids
    /// are returned.
    ///
    /// # Errors
    /// [`DbError::Stale`] if it is another password by now, and others.
    pub async fn change_password(
        &self,
        tenant: TenantId,
        id: UserId,
        old: &SecretString,
        new: &SecretString,
        keep: Uuid,
    ) -> Result<Vec<Uuid>, DbError> {
        self.scoped(tenant, async |conn| {
            drop_links(conn, tenant, id).await?;
            let same: Option<Uuid> = users::table
                .find((tenant.0, id.0))
                .filter(users::password_hash.eq(old.expose_secret()))
                .select(users::id)
                .for_no_key_update()
                .first(conn)
                .await
                .optional()?;
            if same.is_none() {
                return Err(DbError::Stale);
            }
            replace(conn, tenant, id, new).await?;
            end_all(conn, tenant, id, Some(keep)).await
        })
        .await
    }

    /// Stores a new hash, and that its owner chose it.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn set_password(
        &self,
        tenant: TenantId,
        id: UserId,
        hash: &SecretString,
    ) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| replace(conn, tenant, id, hash).await)
            .await
    }
}

/// Links of a user are no good any more. Before anything of the user's account is written:
/// whoever uses one holds it first, and the account next.
pub(super) async fn drop_links(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    id: UserId,
) -> Result<(), DbError> {
    diesel::delete(account_links::table.find((tenant.0, id.0)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a new hash. A login that has shown the old password and owes a code is void.
pub(super) async fn replace(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    id: UserId,
    hash: &SecretString,
) -> Result<(), DbError> {
    let changed = diesel::update(users::table.find((tenant.0, id.0)))
        .set((
            users::password_hash.eq(hash.expose_secret()),
            users::must_change_password.eq(false),
        ))
        .execute(conn)
        .await?;
    if changed == 0 {
        return Err(DbError::NotFound);
    }
    diesel::update(second_factors::table.find((tenant.0, id.0)))
        .set(second_factors::challenge_hash.eq(None::<Vec<u8>>))
        .execute(conn)
        .await?;
    Ok(())
}

fn password_record((user, is_active, two_factor, hash): Columns) -> PasswordRecord {
    PasswordRecord {
        user: UserId(user),
        is_active,
        two_factor,
        hash: SecretString::from(hash),
    }
}
