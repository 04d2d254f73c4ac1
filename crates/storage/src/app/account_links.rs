//! Links by which a user sets a password without knowing one: invitations and resets. Only keyed
//! digests of their tokens are stored. All moments are the database's.

use super::passwords;
use super::sessions::end_all;
use super::users::{self, NewUser, User};
use crate::{Database, DbError};
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel::sql_types::{BigInt, Binary, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{TenantId, Timestamp, UserId};
use secrecy::SecretString;
use std::time::Duration;
use uuid::Uuid;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// To an account that nobody has logged in to.
    Invitation,
    PasswordReset,
}

impl LinkKind {
    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// A link to store.
#[derive(Clone, Copy, Debug)]
pub struct NewLink {
    pub kind: LinkKind,
    /// Digest of its token.
    pub digest: [u8; 32],
    pub ttl: Duration,
}

/// A link that is good.
#[derive(Clone, Debug, QueryableByName)]
pub struct AccountLink {
    /// As [`LinkKind::name`].
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: Timestamp,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    pub full_name: String,
    #[diesel(sql_type = Text)]
    pub tenant_name: String,
    #[diesel(sql_type = Text)]
    pub tenant_slug: String,
}

#[derive(QueryableByName)]
struct Issued {
    #[diesel(sql_type = Timestamptz)]
    expires_at: Timestamp,
}

/// A link of `user` with this token that may be used now: the digest is what proves possession.
const GOOD: &str = "
SELECT l.kind, l.expires_at, u.email, u.full_name, t.name AS tenant_name, t.slug AS tenant_slug
FROM account_links l
JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
JOIN tenants t ON t.tenant_id = l.tenant_id
WHERE l.tenant_id = $1 AND l.user_id = $2 AND l.token_hash = $3
  AND l.expires_at > now() AND u.is_active AND is_served(t.status, t.trial_ends_at)
FOR UPDATE OF l";

impl Database {
    /// Creates a user who is to choose a password by a link; when that expires. What an address
    /// or a department can be wrong by is as in [`Database::create_user`].
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn invite_user(
        &self,
        tenant: TenantId,
        user: &NewUser,
        link: &NewLink,
    ) -> Result<(User, Timestamp), DbError> {
        self.scoped(tenant, async |conn| {
            users::insert(conn, tenant, user).await?;
            let expires_at = issue(conn, tenant, user.id, link).await?;
            Ok((users::load(conn, tenant, user.id).await?, expires_at))
        })
        .await
    }

    /// Puts a link in the place of an earlier one of the user's; when it expires.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn issue_link(
        &self,
        tenant: TenantId,
        user: UserId,
        link: &NewLink,
    ) -> Result<Timestamp, DbError> {
        self.scoped(tenant, async |conn| {
            users::load(conn, tenant, user).await?;
            issue(conn, tenant, user, link).await
        })
        .await
    }

    /// The user's link with this token, if it is good.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn find_link(
        &self,
        tenant: TenantId,
        user: UserId,
        digest: &[u8; 32],
    ) -> Result<Option<AccountLink>, DbError> {
        self.scoped(tenant, async |conn| good(conn, tenant, user, digest).await)
            .await
    }

    /// Uses a link, once: the user has this password now, and all logins have ended, whose ids
    /// are returned.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if the link is not good, and others.
    pub async fn use_link(
        &self,
        tenant: TenantId,
        user: UserId,
        digest: &[u8; 32],
        password_hash: &SecretString,
        full_name: Option<&str>,
    ) -> Result<Vec<Uuid>, DbError> {
        self.scoped(tenant, async |conn| {
            if good(conn, tenant, user, digest).await?.is_none() {
                return Err(DbError::NotFound);
            }
            passwords::drop_links(conn, tenant, user).await?;
            passwords::replace(conn, tenant, user, password_hash).await?;
            if let Some(name) = full_name {
                diesel::update(crate::schema::users::table.find((tenant.0, user.0)))
                    .set(crate::schema::users::full_name.eq(name))
                    .execute(conn)
                    .await?;
            }
            end_all(conn, tenant, user, None).await
        })
        .await
    }
}

pub(super) async fn issue(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
    link: &NewLink,
) -> Result<Timestamp, DbError> {
    let ttl = i64::try_from(link.ttl.as_secs()).unwrap_or(i64::MAX);
    let issued: Issued = diesel::sql_query(
        "INSERT INTO account_links (tenant_id, user_id, kind, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second')
         ON CONFLICT (tenant_id, user_id) DO UPDATE
         SET kind = excluded.kind, token_hash = excluded.token_hash,
             expires_at = excluded.expires_at, created_at = now()
         RETURNING expires_at",
    )
    .bind::<SqlUuid, _>(tenant.0)
    .bind::<SqlUuid, _>(user.0)
    .bind::<Text, _>(link.kind.name())
    .bind::<Binary, _>(link.digest.as_slice())
    .bind::<BigInt, _>(ttl)
    .get_result(conn)
    .await?;
    Ok(issued.expires_at)
}

async fn good(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
    digest: &[u8; 32],
) -> Result<Option<AccountLink>, DbError> {
    Ok(diesel::sql_query(GOOD)
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(user.0)
        .bind::<Binary, _>(digest.as_slice())
        .get_result(conn)
        .await
        .optional()?)
}
