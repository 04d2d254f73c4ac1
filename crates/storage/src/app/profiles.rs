//! What users say about themselves: name, language, preferences, picture.

use super::users::{self as people, User};
use crate::schema::{avatars, users};
use crate::{Database, DbError};
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel::sql_types::{Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use papo_domain::{TenantId, UserId};
use serde_json::Value;

/// What may change about oneself; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    pub full_name: Option<String>,
    /// `pt-BR` or `en`.
    pub locale: Option<String>,
    /// An object, whose fields take the place of those there are.
    pub preferences: Option<Value>,
}

/// A picture.
#[derive(Clone)]
pub struct Avatar {
    /// Such as `image/png`.
    pub media_type: String,
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes.
    pub digest: Vec<u8>,
}

impl std::fmt::Debug for Avatar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Avatar")
            .field("media_type", &self.media_type)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Changes what a user says about themselves.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_profile(
        &self,
        tenant: TenantId,
        user: UserId,
        change: &ProfileChange,
    ) -> Result<User, DbError> {
        self.scoped(tenant, async |conn| {
            diesel::sql_query(
                "UPDATE users SET full_name = coalesce($3, full_name),
                                  locale = coalesce($4, locale),
                                  preferences = preferences || coalesce($5, '{}')
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind::<SqlUuid, _>(tenant.0)
            .bind::<SqlUuid, _>(user.0)
            .bind::<Nullable<Text>, _>(change.full_name.as_deref())
            .bind::<Nullable<Text>, _>(change.locale.as_deref())
            .bind::<Nullable<Jsonb>, _>(change.preferences.as_ref())
            .execute(conn)
            .await?;
            people::load(conn, tenant, user).await
        })
        .await
    }

    /// Puts a picture in the place of the user's, which is served at `url` from now on.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn set_avatar(
        &self,
        tenant: TenantId,
        user: UserId,
        avatar: &Avatar,
        url: &str,
    ) -> Result<User, DbError> {
        use avatars::{bytes, digest, media_type, tenant_id, updated_at, user_id};
        let picture = (
            media_type.eq(&avatar.media_type),
            bytes.eq(&avatar.bytes),
            digest.eq(&avatar.digest),
            updated_at.eq(diesel::dsl::now),
        );
        self.scoped(tenant, async |conn| {
            diesel::update(users::table.find((tenant.0, user.0)))
                .set(users::avatar_url.eq(url))
                .execute(conn)
                .await?;
            // Before the picture, so that an unknown user is "not found".
            let found = people::load(conn, tenant, user).await?;
            diesel::insert_into(avatars::table)
                .values((tenant_id.eq(tenant.0), user_id.eq(user.0), picture))
                .on_conflict((tenant_id, user_id))
                .do_update()
                .set(picture)
                .execute(conn)
                .await?;
            Ok(found)
        })
        .await
    }

    /// Takes the user's picture away, wherever it is served.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn remove_avatar(&self, tenant: TenantId, user: UserId) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            diesel::delete(avatars::table.find((tenant.0, user.0)))
                .execute(conn)
                .await?;
            diesel::update(users::table.find((tenant.0, user.0)))
                .set(users::avatar_url.eq(None::<String>))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }

    /// The picture that a user uploaded, if there is one.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn find_avatar(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<Avatar>, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Option<(String, Vec<u8>, Vec<u8>)> = avatars::table
                .find((tenant.0, user.0))
                .select((avatars::media_type, avatars::bytes, avatars::digest))
                .first(conn)
                .await
                .optional()?;
            Ok(row.map(|(media_type, bytes, digest)| Avatar {
                media_type,
                bytes,
                digest,
            }))
        })
        .await
    }
}
