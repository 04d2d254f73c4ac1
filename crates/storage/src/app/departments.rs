//! Departments.

use super::plain::{lower, unaccent};
use crate::schema::departments;
use crate::{Database, DbError};
use diesel::prelude::{
    AsChangeset, ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use papo_domain::routing::{Routing, Skill, Strategy};
use papo_domain::tenant::BusinessHours;
use papo_domain::{DepartmentId, TenantId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// A department.
#[derive(Clone, Debug)]
pub struct DepartmentRecord {
    pub id: DepartmentId,
    pub name: String,
    /// Order in menus and lists.
    pub position: i32,
    /// Own hours; `None` follows the tenant's.
    pub business_hours: Option<BusinessHours>,
    pub routing: Routing,
    pub created_at: Timestamp,
}

/// What may change about a department; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct DepartmentChange {
    pub name: Option<String>,
    pub position: Option<i32>,
    /// `Some(None)` follows the tenant's hours again.
    pub business_hours: Option<Option<BusinessHours>>,
    pub strategy: Option<Strategy>,
    pub offer_seconds: Option<u32>,
    pub skills: Option<Vec<Skill>>,
}

/// A department to create.
#[derive(Clone, Debug)]
pub struct NewDepartment {
    pub id: DepartmentId,
    pub name: String,
    pub position: i32,
    pub business_hours: Option<BusinessHours>,
    pub routing: Routing,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = departments, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    name: String,
    position: i32,
    business_hours: Option<Value>,
    strategy: String,
    offer_seconds: i32,
    skills: Vec<String>,
    created_at: Timestamp,
}

#[derive(AsChangeset)]
#[diesel(table_name = departments)]
struct Changes<'a> {
    name: Option<&'a str>,
    position: Option<i32>,
    business_hours: Option<Option<Value>>,
    strategy: Option<&'a str>,
    offer_seconds: Option<i32>,
    skills: Option<&'a [Skill]>,
}

impl TryFrom<Row> for DepartmentRecord {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let hours = row.business_hours.map(serde_json::from_value).transpose();
        let strategy = row.strategy.parse();
        Ok(Self {
            id: DepartmentId(row.id),
            name: row.name,
            position: row.position,
            business_hours: hours.map_err(|e| DbError::corrupt("departments.business_hours", e))?,
            routing: Routing {
                strategy: strategy.map_err(|e| DbError::corrupt("departments.strategy", e))?,
                offer_seconds: u32::try_from(row.offer_seconds).unwrap_or_default(),
                skills: row.skills,
            },
            created_at: row.created_at,
        })
    }
}

fn stored_seconds(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn stored(hours: Option<&BusinessHours>) -> Result<Option<Value>, DbError> {
    let hours = hours.map(serde_json::to_value).transpose();
    hours.map_err(|e| DbError::corrupt("departments.business_hours", e))
}

impl Database {
    /// All departments, in their order. There are few.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_departments(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<DepartmentRecord>, DbError> {
        self.scoped(tenant, async |conn| {
            let rows: Vec<Row> = departments::table
                .filter(departments::tenant_id.eq(tenant.0))
                .order((
                    departments::position.asc(),
                    lower(unaccent(departments::name)).asc(),
                ))
                .limit(1_000)
                .select(Row::as_select())
                .load(conn)
                .await?;
            rows.into_iter().map(TryInto::try_into).collect()
        })
        .await
    }

    /// Creates a department. A name that is taken violates `departments_name_unique`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_department(
        &self,
        tenant: TenantId,
        new: &NewDepartment,
    ) -> Result<DepartmentRecord, DbError> {
        let hours = stored(new.business_hours.as_ref())?;
        let seconds = stored_seconds(new.routing.offer_seconds);
        self.scoped(tenant, async |conn| {
            let row: Row = diesel::insert_into(departments::table)
                .values((
                    departments::tenant_id.eq(tenant.0),
                    departments::id.eq(new.id.0),
                    departments::name.eq(&new.name),
                    departments::position.eq(new.position),
                    departments::business_hours.eq(hours),
                    departments::strategy.eq(new.routing.strategy.name()),
                    departments::offer_seconds.eq(seconds),
                    departments::skills.eq(&new.routing.skills),
                ))
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into()
        })
        .await
    }

    /// Changes a department.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_department(
        &self,
        tenant: TenantId,
        id: DepartmentId,
        change: &DepartmentChange,
    ) -> Result<DepartmentRecord, DbError> {
        let hours = match &change.business_hours {
            None => None,
            Some(hours) => Some(stored(hours.as_ref())?),
        };
        let changes = Changes {
            name: change.name.as_deref(),
            position: change.position,
            business_hours: hours,
            strategy: change.strategy.map(Strategy::name),
            offer_seconds: change.offer_seconds.map(stored_seconds),
            skills: change.skills.as_deref(),
        };
        let empty = matches!(
            changes,
            Changes {
                name: None,
                position: None,
                business_hours: None,
                strategy: None,
                offer_seconds: None,
                skills: None,
            }
        );
        self.scoped(tenant, async |conn| {
            let row: Row = if empty {
                departments::table
                    .find((tenant.0, id.0))
                    .select(Row::as_select())
                    .first(conn)
                    .await?
            } else {
                diesel::update(departments::table.find((tenant.0, id.0)))
                    .set(changes)
                    .returning(Row::as_select())
                    .get_result(conn)
                    .await?
            };
            row.try_into()
        })
        .await
    }
}
