//! Files of messages, as people and the jobs that fetch and send them see them. What state the
//! file of a conversation's message is in, the engine writes.

use crate::schema::media;
use crate::{Database, DbError};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    Selectable, SelectableHelper,
};
use diesel::sql_types::{Double, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use papo_domain::media::{MediaKind, MediaState, UnknownWord};
use papo_domain::{ChannelId, ConversationId, MediaId, TenantId, Timestamp, UserId};
use std::time::Duration;
use uuid::Uuid;

/// A file of a message, or one that waits to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaRecord {
    pub id: MediaId,
    /// `None` for what was uploaded and is not sent yet.
    pub conversation: Option<ConversationId>,
    pub message_seq: Option<u64>,
    /// Whether a customer sent it.
    pub inbound: bool,
    pub kind: MediaKind,
    pub state: MediaState,
    /// By the bytes, once they are here; before, what the provider says.
    pub mime_type: Option<String>,
    pub size: Option<u64>,
    pub sha256: Option<String>,
    pub filename: Option<String>,
    pub storage_key: Option<String>,
    /// The number that `provider_id` belongs to.
    pub channel: Option<ChannelId>,
    pub provider_id: Option<String>,
    pub provider_sha256: Option<String>,
    pub provider_expires_at: Option<Timestamp>,
    pub uploaded_by: Option<UserId>,
    pub error: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = media, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    conversation_id: Option<Uuid>,
    message_seq: Option<i64>,
    direction: String,
    kind: String,
    state: String,
    mime_type: Option<String>,
    size: Option<i64>,
    sha256: Option<String>,
    filename: Option<String>,
    storage_key: Option<String>,
    channel_id: Option<Uuid>,
    provider_id: Option<String>,
    provider_sha256: Option<String>,
    provider_expires_at: Option<Timestamp>,
    uploaded_by: Option<Uuid>,
    error: Option<String>,
    created_at: Timestamp,
}

impl TryFrom<Row> for MediaRecord {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let count = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok());
        Ok(Self {
            id: MediaId(row.id),
            conversation: row.conversation_id.map(ConversationId),
            message_seq: count(row.message_seq),
            inbound: row.direction == "inbound",
            kind: row
                .kind
                .parse()
                .map_err(|e: UnknownWord| DbError::corrupt("media.kind", e))?,
            state: row
                .state
                .parse()
                .map_err(|e: UnknownWord| DbError::corrupt("media.state", e))?,
            mime_type: row.mime_type,
            size: count(row.size),
            sha256: row.sha256,
            filename: row.filename,
            storage_key: row.storage_key,
            channel: row.channel_id.map(ChannelId),
            provider_id: row.provider_id,
            provider_sha256: row.provider_sha256,
            provider_expires_at: row.provider_expires_at,
            uploaded_by: row.uploaded_by.map(UserId),
            error: row.error,
            created_at: row.created_at,
        })
    }
}

/// A file that was uploaded, with its bytes in the object storage.
#[derive(Clone, Debug)]
pub struct NewUpload {
    pub id: MediaId,
    pub kind: MediaKind,
    pub mime_type: String,
    pub size: u64,
    pub sha256: String,
    pub filename: Option<String>,
    pub storage_key: String,
    pub uploaded_by: UserId,
}

#[derive(Insertable)]
#[diesel(table_name = media)]
struct NewRow<'a> {
    tenant_id: Uuid,
    id: Uuid,
    direction: &'static str,
    kind: &'static str,
    state: &'static str,
    mime_type: &'a str,
    size: i64,
    sha256: &'a str,
    filename: Option<&'a str>,
    storage_key: &'a str,
    uploaded_by: Uuid,
}

impl Database {
    /// A file, whoever may see it.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_media(&self, tenant: TenantId, id: MediaId) -> Result<MediaRecord, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Row = media::table
                .find((tenant.0, id.0))
                .select(Row::as_select())
                .first(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Those of `ids` that there are, in any order.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_media(
        &self,
        tenant: TenantId,
        ids: &[MediaId],
    ) -> Result<Vec<MediaRecord>, DbError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        self.scoped(tenant, async |conn| {
            let rows: Vec<Row> = media::table
                .filter(media::tenant_id.eq(tenant.0))
                .filter(media::id.eq_any(&ids))
                .select(Row::as_select())
                .load(conn)
                .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        })
        .await
    }

    /// Adds an uploaded file.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_upload(
        &self,
        tenant: TenantId,
        upload: &NewUpload,
    ) -> Result<MediaRecord, DbError> {
        let row = NewRow {
            tenant_id: tenant.0,
            id: upload.id.0,
            direction: "outbound",
            kind: upload.kind.name(),
            state: MediaState::Stored.name(),
            mime_type: &upload.mime_type,
            size: i64::try_from(upload.size).unwrap_or(i64::MAX),
            sha256: &upload.sha256,
            filename: upload.filename.as_deref(),
            storage_key: &upload.storage_key,
            uploaded_by: upload.uploaded_by.0,
        };
        self.scoped(tenant, async |conn| {
            let stored: Row = diesel::insert_into(media::table)
                .values(&row)
                .returning(Row::as_returning())
                .get_result(conn)
                .await?;
            stored.try_into()
        })
        .await
    }

    /// The provider's id by which an upload can be sent through `channel`, if it was handed in there
    /// and is not over.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn provider_media(
        &self,
        tenant: TenantId,
        id: MediaId,
        channel: ChannelId,
    ) -> Result<Option<String>, DbError> {
        self.scoped(tenant, async |conn| {
            let known: Option<Option<String>> = media::table
                .find((tenant.0, id.0))
                .filter(media::direction.eq("outbound"))
                .filter(media::channel_id.eq(channel.0))
                .filter(media::provider_expires_at.gt(diesel::dsl::now))
                .select(media::provider_id)
                .first(conn)
                .await
                .optional()?;
            Ok(known.flatten())
        })
        .await
    }

    /// Keeps the provider's id of an upload that was handed in to be sent through `channel`, for
    /// `lives`; `None` forgets it.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn remember_provider_media(
        &self,
        tenant: TenantId,
        id: MediaId,
        channel: ChannelId,
        provider: Option<(&str, Duration)>,
    ) -> Result<(), DbError> {
        let query = diesel::sql_query(
            "UPDATE media SET channel_id = $3, provider_id = $4,
                    provider_expires_at = now() + $5 * interval '1 second'
             WHERE tenant_id = $1 AND id = $2 AND direction = 'outbound'",
        )
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<SqlUuid, _>(id.0)
        .bind::<SqlUuid, _>(channel.0)
        .bind::<Nullable<Text>, _>(provider.map(|(id, _)| id))
        .bind::<Double, _>(provider.map_or(0.0, |(_, lives)| lives.as_secs_f64()));
        self.scoped(tenant, async |conn| {
            query.execute(conn).await?;
            Ok(())
        })
        .await
    }

    /// Forgets an upload that belongs to no message. Returns where its bytes lie, or `None` where
    /// there is no such upload (any more).
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn drop_unsent_upload(
        &self,
        tenant: TenantId,
        id: MediaId,
    ) -> Result<Option<String>, DbError> {
        self.scoped(tenant, async |conn| {
            let unsent = media::tenant_id
                .eq(tenant.0)
                .and(media::id.eq(id.0))
                .and(media::conversation_id.is_null());
            let dropped: Option<Option<String>> = diesel::delete(media::table.filter(unsent))
                .returning(media::storage_key)
                .get_result(conn)
                .await
                .optional()?;
            Ok(dropped.flatten())
        })
        .await
    }
}
