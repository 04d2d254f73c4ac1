//! Scripts of the menu bot. At most one is active; without one the default flow serves.

use super::plain::{lower, unaccent};
use crate::schema::bot_flows;
use crate::{Database, DbError};
use diesel::prelude::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::bot::Flow;
use papo_domain::{TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// The most flows of a tenant.
pub const FLOWS_MAX: usize = 100;

/// A stored flow.
#[derive(Clone, Debug)]
pub struct FlowRecord {
    pub id: Uuid,
    pub name: String,
    pub is_active: bool,
    pub flow: Flow,
    /// Raised by every edit.
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A flow as it shall be.
#[derive(Clone, Debug)]
pub struct FlowChange {
    pub name: String,
    pub is_active: bool,
    pub flow: Flow,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = bot_flows, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    name: String,
    is_active: bool,
    definition: Value,
    version: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<Row> for FlowRecord {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let flow = serde_json::from_value(row.definition)
            .map_err(|e| DbError::corrupt("bot_flows.definition", e))?;
        Ok(Self {
            id: row.id,
            name: row.name,
            is_active: row.is_active,
            flow,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn stored(flow: &Flow) -> Result<Value, DbError> {
    serde_json::to_value(flow).map_err(|e| DbError::corrupt("bot_flows.definition", e))
}

impl Database {
    /// All flows by name. There are few.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_flows(&self, tenant: TenantId) -> Result<Vec<FlowRecord>, DbError> {
        self.scoped(tenant, async |conn| {
            let rows: Vec<Row> = bot_flows::table
                .filter(bot_flows::tenant_id.eq(tenant.0))
                .order((lower(unaccent(bot_flows::name)).asc(), bot_flows::id.asc()))
                .limit(1_000)
                .select(Row::as_select())
                .load(conn)
                .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        })
        .await
    }

    /// The flow that serves, if it is one of the tenant's own.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn active_flow(&self, tenant: TenantId) -> Result<Option<FlowRecord>, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Option<Row> = bot_flows::table
                .filter(bot_flows::tenant_id.eq(tenant.0))
                .filter(bot_flows::is_active)
                .select(Row::as_select())
                .first(conn)
                .await
                .optional()?;
            row.map(TryInto::try_into).transpose()
        })
        .await
    }

    /// One flow.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_flow(&self, tenant: TenantId, id: Uuid) -> Result<FlowRecord, DbError> {
        self.scoped(tenant, async |conn| {
            let row: Row = bot_flows::table
                .find((tenant.0, id))
                .select(Row::as_select())
                .first(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Creates a flow; an active one takes the place of the one before. `None`: there are
    /// [`FLOWS_MAX`] already.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_flow(
        &self,
        tenant: TenantId,
        id: Uuid,
        new: &FlowChange,
    ) -> Result<Option<FlowRecord>, DbError> {
        let definition = stored(&new.flow)?;
        self.scoped(tenant, async |conn| {
            if lock(conn, tenant).await? >= FLOWS_MAX {
                return Ok(None);
            }
            if new.is_active {
                deactivate(conn, tenant).await?;
            }
            let row: Row = diesel::insert_into(bot_flows::table)
                .values((
                    bot_flows::tenant_id.eq(tenant.0),
                    bot_flows::id.eq(id),
                    bot_flows::name.eq(&new.name),
                    bot_flows::is_active.eq(new.is_active),
                    bot_flows::definition.eq(definition),
                ))
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into().map(Some)
        })
        .await
    }

    /// Replaces a flow. `version` is the one that was edited.
    ///
    /// # Errors
    /// [`DbError::Stale`] if it was edited in between; [`DbError::NotFound`] and others.
    pub async fn replace_flow(
        &self,
        tenant: TenantId,
        id: Uuid,
        version: Option<i32>,
        new: &FlowChange,
    ) -> Result<FlowRecord, DbError> {
        let definition = stored(&new.flow)?;
        self.scoped(tenant, async |conn| {
            lock(conn, tenant).await?;
            let stored: i32 = bot_flows::table
                .find((tenant.0, id))
                .select(bot_flows::version)
                .first(conn)
                .await?;
            if version.is_some_and(|edited| edited != stored) {
                return Err(DbError::Stale);
            }
            if new.is_active {
                deactivate(conn, tenant).await?;
            }
            let row: Row = diesel::update(bot_flows::table.find((tenant.0, id)))
                .set((
                    bot_flows::name.eq(&new.name),
                    bot_flows::is_active.eq(new.is_active),
                    bot_flows::definition.eq(definition),
                    bot_flows::version.eq(stored + 1),
                ))
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into()
        })
        .await
    }
}

impl Database {
    /// Has a flow serve, in the place of the one before. `version` is the one that was looked at.
    ///
    /// # Errors
    /// [`DbError::Stale`] if it was edited in between; [`DbError::NotFound`] and others.
    pub async fn publish_flow(
        &self,
        tenant: TenantId,
        id: Uuid,
        version: Option<i32>,
    ) -> Result<FlowRecord, DbError> {
        self.scoped(tenant, async |conn| {
            lock(conn, tenant).await?;
            let stored: i32 = bot_flows::table
                .find((tenant.0, id))
                .select(bot_flows::version)
                .first(conn)
                .await?;
            if version.is_some_and(|seen| seen != stored) {
                return Err(DbError::Stale);
            }
            deactivate(conn, tenant).await?;
            let row: Row = diesel::update(bot_flows::table.find((tenant.0, id)))
                .set(bot_flows::is_active.eq(true))
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Deletes a flow that does not serve. Whether it did not.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn delete_flow(&self, tenant: TenantId, id: Uuid) -> Result<bool, DbError> {
        self.scoped(tenant, async |conn| {
            lock(conn, tenant).await?;
            let flow = bot_flows::table.find((tenant.0, id));
            if flow.select(bot_flows::is_active).first(conn).await? {
                return Ok(false);
            }
            diesel::delete(flow).execute(conn).await?;
            Ok(true)
        })
        .await
    }
}

/// Keeps others from changing any of the tenant's flows meanwhile: which one serves is decided by
/// one at a time. How many there are.
async fn lock(conn: &mut AsyncPgConnection, tenant: TenantId) -> Result<usize, DbError> {
    let all: Vec<Uuid> = bot_flows::table
        .filter(bot_flows::tenant_id.eq(tenant.0))
        .order(bot_flows::id)
        .select(bot_flows::id)
        .for_update()
        .load(conn)
        .await?;
    Ok(all.len())
}

async fn deactivate(conn: &mut AsyncPgConnection, tenant: TenantId) -> Result<(), DbError> {
    let active = bot_flows::table
        .filter(bot_flows::tenant_id.eq(tenant.0))
        .filter(bot_flows::is_active.eq(true));
    diesel::update(active)
        .set(bot_flows::is_active.eq(false))
        .execute(conn)
        .await?;
    Ok(())
}
