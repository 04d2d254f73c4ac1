//! Customer organisations. Listing and creating them needs the platform's scope; everything else
//! happens in the tenant's own.

use super::account_links::{self, NewLink};
use super::users::{self, NewUser};
use crate::schema::tenants;
use crate::{Database, DbError};
use diesel::prelude::{
    AsChangeset, ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel::sql_types::{Integer, Text};
use diesel_async::RunQueryDsl;
use papo_domain::tenant::TenantPolicy;
use papo_domain::{Shard, TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub email: Option<String>,
    /// `trial`, `active`, `suspended` or `platform`.
    pub status: String,
    pub trial_ends_at: Option<Timestamp>,
    /// `free`, `pro` or `enterprise`.
    pub plan: String,
    pub policy: TenantPolicy,
    pub created_at: Timestamp,
}

impl Tenant {
    /// Whether its people may come in at `now`, and anything is said to its customers.
    #[must_use]
    pub fn is_served(&self, now: Timestamp) -> bool {
        match self.status.as_str() {
            "suspended" => false,
            "trial" => self.trial_ends_at.is_none_or(|end| end > now),
            _ => true,
        }
    }
}

/// A tenant to create, with its first administrator.
#[derive(Clone, Debug)]
pub struct NewTenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
    pub email: Option<String>,
    pub trial_days: i32,
    pub admin: NewUser,
    /// By which the administrator is to choose a password.
    pub invitation: Option<NewLink>,
}

/// What may change about a tenant; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct TenantChange {
    pub name: Option<String>,
    pub email: Option<String>,
    /// `trial`, `active` or `suspended`.
    pub status: Option<String>,
    pub trial_ends_at: Option<Timestamp>,
    /// `free`, `pro` or `enterprise`.
    pub plan: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
struct Row {
    tenant_id: Uuid,
    slug: String,
    name: String,
    email: Option<String>,
    status: String,
    trial_ends_at: Option<Timestamp>,
    plan: String,
    policy: Value,
    created_at: Timestamp,
}

#[derive(AsChangeset)]
#[diesel(table_name = tenants)]
struct Changes<'a> {
    name: Option<&'a str>,
    email: Option<&'a str>,
    status: Option<&'a str>,
    trial_ends_at: Option<Timestamp>,
    plan: Option<&'a str>,
}

impl TryFrom<Row> for Tenant {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let policy = serde_json::from_value(row.policy)
            .map_err(|e| DbError::corrupt("tenants.policy", e))?;
        Ok(Self {
            id: TenantId(row.tenant_id),
            slug: row.slug,
            name: row.name,
            email: row.email,
            status: row.status,
            trial_ends_at: row.trial_ends_at,
            plan: row.plan,
            policy,
            created_at: row.created_at,
        })
    }
}

impl Database {
    /// Tenants by slug; `after` is the last of the page before. The platform is none of them.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_tenants(
        &self,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Tenant>, DbError> {
        self.scoped(TenantId::PLATFORM, async |conn| {
            let rows: Vec<Row> = tenants::table
                .filter(tenants::tenant_id.ne(TenantId::PLATFORM.0))
                .filter(tenants::slug.gt(after.unwrap_or_default()))
                .order(tenants::slug.asc())
                .limit(limit)
                .select(Row::as_select())
                .load(conn)
                .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        })
        .await
    }

    /// One tenant.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_tenant_by_id(&self, id: TenantId) -> Result<Tenant, DbError> {
        self.scoped(id, async |conn| {
            let row: Row = tenants::table
                .find(id.0)
                .select(Row::as_select())
                .first(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Creates a tenant on trial and its administrator. A slug that is taken violates
    /// `tenants_slug_unique`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_tenant(&self, new: &NewTenant) -> Result<Tenant, DbError> {
        self.scoped(TenantId::PLATFORM, async |conn| {
            let trial = diesel::dsl::sql::<
                diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>,
            >("now() + interval '1 day' * ")
            .bind::<Integer, _>(new.trial_days);
            let row: Row = diesel::insert_into(tenants::table)
                .values((
                    tenants::tenant_id.eq(new.id.0),
                    tenants::slug.eq(&new.slug),
                    tenants::name.eq(&new.name),
                    tenants::email.eq(&new.email),
                    tenants::shard.eq(i16::from(Shard::of(new.id).0)),
                    tenants::trial_ends_at.eq(trial),
                ))
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            // From here on the new tenant's own scope: users are visible nowhere else.
            diesel::sql_query("SELECT set_config('app.tenant_id', $1, true)")
                .bind::<Text, _>(new.id.to_string())
                .execute(conn)
                .await?;
            users::insert(conn, new.id, &new.admin).await?;
            if let Some(link) = &new.invitation {
                account_links::issue(conn, new.id, new.admin.id, link).await?;
            }
            row.try_into()
        })
        .await
    }

    /// Changes a tenant.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_tenant(
        &self,
        id: TenantId,
        change: &TenantChange,
    ) -> Result<Tenant, DbError> {
        let changes = Changes {
            name: change.name.as_deref(),
            email: change.email.as_deref(),
            status: change.status.as_deref(),
            trial_ends_at: change.trial_ends_at,
            plan: change.plan.as_deref(),
        };
        let empty = changes.name.is_none()
            && changes.email.is_none()
            && changes.status.is_none()
            && changes.trial_ends_at.is_none()
            && changes.plan.is_none();
        if empty {
            return self.find_tenant_by_id(id).await;
        }
        self.scoped(id, async |conn| {
            let row: Row = diesel::update(tenants::table.find(id.0))
                .set(changes)
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Changes a tenant's rules from what they are now. What `edit` refuses is returned and
    /// nothing changes.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn edit_policy<E: Send>(
        &self,
        id: TenantId,
        edit: impl FnOnce(&TenantPolicy) -> Result<TenantPolicy, E> + Send,
    ) -> Result<Result<TenantPolicy, E>, DbError> {
        self.scoped(id, async |conn| {
            let row: Row = tenants::table
                .find(id.0)
                .select(Row::as_select())
                .for_update()
                .first(conn)
                .await?;
            let policy = match edit(&Tenant::try_from(row)?.policy) {
                Ok(policy) => policy,
                Err(refused) => return Ok(Err(refused)),
            };
            let stored =
                serde_json::to_value(&policy).map_err(|e| DbError::corrupt("tenants.policy", e))?;
            diesel::update(tenants::table.find(id.0))
                .set(tenants::policy.eq(stored))
                .execute(conn)
                .await?;
            Ok(Ok(policy))
        })
        .await
    }
}
