//! Phone numbers and their sealed credentials. What is sealed stays sealed here; the key is the
//! root's.

use super::jobs::add_job;
use super::plain::{lower, unaccent};
use super::templates::forget_strays;
use crate::schema::{channels, conversation_peers, conversations};
use crate::{Database, DbError};
use diesel::dsl;
use diesel::prelude::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl,
    Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use papo_domain::ports::Alias;
use papo_domain::template::reading;
use papo_domain::{ChannelId, TenantId, Timestamp};
use uuid::Uuid;

/// A channel, without its credentials.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = channels, check_for_backend(diesel::pg::Pg))]
pub struct Channel {
    pub id: Uuid,
    /// `meta` or `uaz`.
    pub driver: String,
    pub name: String,
    pub phone_number_id: Option<String>,
    pub waba_id: Option<String>,
    pub display_phone: Option<String>,
    pub throughput_per_second: i32,
    /// `green`, `yellow` or `red`.
    pub health: String,
    pub health_code: Option<i64>,
    pub health_detail: Option<String>,
    pub health_at: Option<Timestamp>,
    pub is_active: bool,
    pub created_at: Timestamp,
    /// When the provider last asked whether the webhook's address is ours.
    pub webhook_verified_at: Option<Timestamp>,
    /// When something last came for it, to the minute.
    pub webhook_delivered_at: Option<Timestamp>,
}

/// A channel to create. The credentials are sealed.
#[derive(Clone, Insertable)]
#[diesel(table_name = channels)]
pub struct NewChannel {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub name: String,
    pub phone_number_id: String,
    pub waba_id: String,
    pub display_phone: Option<String>,
    pub access_token_enc: Vec<u8>,
    pub app_secret_enc: Vec<u8>,
    /// SHA-256.
    pub verify_token_hash: Vec<u8>,
    pub throughput_per_second: i32,
}

/// What may change about a channel; `None` leaves it.
#[derive(Clone, Default, AsChangeset)]
#[diesel(table_name = channels)]
pub struct ChannelChange {
    pub name: Option<String>,
    pub waba_id: Option<String>,
    pub display_phone: Option<String>,
    pub access_token_enc: Option<Vec<u8>>,
    pub app_secret_enc: Option<Vec<u8>>,
    pub verify_token_hash: Option<Vec<u8>>,
    pub throughput_per_second: Option<i32>,
    pub is_active: Option<bool>,
}

impl ChannelChange {
    fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.waba_id.is_none()
            && self.display_phone.is_none()
            && self.access_token_enc.is_none()
            && self.app_secret_enc.is_none()
            && self.verify_token_hash.is_none()
            && self.throughput_per_second.is_none()
            && self.is_active.is_none()
    }

    /// Whether its account is another one, or may be asked now where it could not.
    fn asks_otherwise(&self) -> bool {
        self.waba_id.is_some() || self.access_token_enc.is_some() || self.is_active == Some(true)
    }
}

/// What sending needs to know.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = channels, check_for_backend(diesel::pg::Pg))]
pub struct SendCredentials {
    pub phone_number_id: Option<String>,
    pub access_token_enc: Option<Vec<u8>>,
    pub is_active: bool,
}

impl Database {
    /// All channels by name. There are few.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_channels(&self, tenant: TenantId) -> Result<Vec<Channel>, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(channels::table
                .filter(channels::tenant_id.eq(tenant.0))
                .order((lower(unaccent(channels::name)).asc(), channels::id.asc()))
                .limit(1_000)
                .select(Channel::as_select())
                .load(conn)
                .await?)
        })
        .await
    }

    /// One channel.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_channel(&self, tenant: TenantId, id: ChannelId) -> Result<Channel, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(channels::table
                .find((tenant.0, id.0))
                .select(Channel::as_select())
                .first(conn)
                .await?)
        })
        .await
    }

    /// What sending through the channel needs.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn send_credentials(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> Result<SendCredentials, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(channels::table
                .find((tenant.0, id.0))
                .select(SendCredentials::as_select())
                .first(conn)
                .await?)
        })
        .await
    }

    /// Creates a channel, and has the templates of its account read. A number that anybody has registered violates
    /// `channels_phone_number_id_unique`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_channel(&self, new: &NewChannel) -> Result<Channel, DbError> {
        self.scoped(TenantId(new.tenant_id), async |conn| {
            let created = diesel::insert_into(channels::table)
                .values(new)
                .returning(Channel::as_select())
                .get_result(conn)
                .await?;
            add_job(conn, TenantId(new.tenant_id), &reading::of(&new.waba_id)).await?;
            Ok(created)
        })
        .await
    }

    /// Changes a channel. One that was retired has neither number nor credentials any more and
    /// cannot be used again: [`DbError::Stale`]. With another account, or another way to ask it, its
    /// templates are read.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_channel(
        &self,
        tenant: TenantId,
        id: ChannelId,
        change: &ChannelChange,
    ) -> Result<Channel, DbError> {
        if change.is_empty() {
            return self.find_channel(tenant, id).await;
        }
        self.scoped(tenant, async |conn| {
            let row = channels::table.find((tenant.0, id.0));
            let retired: bool = row
                .select(
                    channels::driver
                        .eq("meta")
                        .and(channels::phone_number_id.is_null()),
                )
                .for_update()
                .first(conn)
                .await?;
            if retired {
                return Err(DbError::Stale);
            }
            let changed: Channel = diesel::update(row)
                .set(change)
                .returning(Channel::as_select())
                .get_result(conn)
                .await?;
            if change.asks_otherwise() {
                forget_strays(conn, tenant).await?;
                if let Some(waba_id) = changed.waba_id.as_ref().filter(|_| changed.is_active) {
                    add_job(conn, tenant, &reading::of(waba_id)).await?;
                }
            }
            Ok(changed)
        })
        .await
    }

    /// Takes a channel out of use and forgets its credentials. Its conversations keep it as
    /// their history; the number can be registered again.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn retire_channel(&self, tenant: TenantId, id: ChannelId) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let changed = diesel::update(channels::table.find((tenant.0, id.0)))
                .set((
                    channels::is_active.eq(false),
                    channels::phone_number_id.eq(None::<String>),
                    channels::access_token_enc.eq(None::<Vec<u8>>),
                    channels::app_secret_enc.eq(None::<Vec<u8>>),
                    channels::verify_token_hash.eq(None::<Vec<u8>>),
                ))
                .execute(conn)
                .await?;
            if changed == 0 {
                return Err(DbError::NotFound);
            }
            forget_strays(conn, tenant).await
        })
        .await
    }
}

impl Database {
    /// Keeps that the provider asked whether the webhook's address is ours, and was told so.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn webhook_verified(&self, tenant: TenantId, id: ChannelId) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            diesel::update(channels::table.find((tenant.0, id.0)))
                .set(channels::webhook_verified_at.eq(dsl::now))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }

    /// Keeps that something came for a channel.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn webhook_delivered(&self, tenant: TenantId, id: ChannelId) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            diesel::update(channels::table.find((tenant.0, id.0)))
                .set(channels::webhook_delivered_at.eq(dsl::now))
                .execute(conn)
                .await?;
            Ok(())
        })
        .await
    }

    /// When a peer last wrote to a channel; `None` if they never did.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn last_heard_of(
        &self,
        tenant: TenantId,
        id: ChannelId,
        peer: &Alias,
    ) -> Result<Option<Timestamp>, DbError> {
        let peer = (tenant.0, id.0, peer.kind.name(), peer.key());
        self.scoped(tenant, async |conn| {
            let conversation = conversation_peers::table
                .find(peer)
                .select(conversation_peers::conversation_id);
            let heard: Option<Option<Timestamp>> = conversations::table
                .filter(conversations::tenant_id.eq(tenant.0))
                .filter(conversations::id.eq_any(conversation))
                .select(conversations::last_inbound_at)
                .first(conn)
                .await
                .optional()?;
            Ok(heard.flatten())
        })
        .await
    }
}
