//! Password hashes: read to check a login, written by their owners. Apart from the other columns
//! of users, so that no list can carry one along.

use crate::schema::users;
use crate::{Database, DbError};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
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

diesel::define_sql_function! {
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

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
        self.scoped(tenant, async |conn| {
            let changed = diesel::update(users::table.find((tenant.0, id.0)))
                .set((
                    users::password_hash.eq(hash.expose_secret()),
                    users::must_change_password.eq(false),
                ))
                .execute(conn)
                .await?;
            if changed == 0 {
                Err(DbError::NotFound)
            } else {
                Ok(())
            }
        })
        .await
    }
}

fn password_record((user, is_active, two_factor, hash): Columns) -> PasswordRecord {
    PasswordRecord {
        user: UserId(user),
        is_active,
        two_factor,
        hash: SecretString::from(hash),
    }
}
