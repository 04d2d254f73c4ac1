//! How staff serve customers: whether they take something now, how much, and what they can do.

use crate::schema::attendants;
use crate::{Database, DbError};
use diesel::OptionalExtension;
use diesel::prelude::{AsChangeset, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::routing::{Availability, CAPACITY_DEFAULT, Skill};
use papo_domain::{TenantId, UserId};
use uuid::Uuid;

/// How somebody serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    pub availability: Availability,
    pub capacity: u32,
    pub skills: Vec<Skill>,
}

impl Default for Attendance {
    /// As of somebody of whom nothing was ever said.
    fn default() -> Self {
        Self {
            availability: Availability::default(),
            capacity: CAPACITY_DEFAULT,
            skills: Vec::new(),
        }
    }
}

/// What may change about it; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct AttendanceChange {
    pub availability: Option<Availability>,
    pub capacity: Option<u32>,
    pub skills: Option<Vec<Skill>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attendants, check_for_backend(diesel::pg::Pg))]
struct Row {
    availability: String,
    capacity: i32,
    skills: Vec<String>,
}

/// A row to make; what it does not say is the table's default.
#[derive(Insertable)]
#[diesel(table_name = attendants)]
struct Insert<'a> {
    tenant_id: Uuid,
    user_id: Uuid,
    #[diesel(embed)]
    values: Values<'a>,
}

#[derive(Clone, Copy, AsChangeset, Insertable)]
#[diesel(table_name = attendants)]
struct Values<'a> {
    availability: Option<&'a str>,
    capacity: Option<i32>,
    skills: Option<&'a [Skill]>,
}

impl TryFrom<Row> for Attendance {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let availability = row.availability.parse();
        Ok(Self {
            availability: availability
                .map_err(|e| DbError::corrupt("attendants.availability", e))?,
            capacity: u32::try_from(row.capacity).unwrap_or_default(),
            skills: row.skills,
        })
    }
}

impl Database {
    /// How a user serves.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn attendance(&self, tenant: TenantId, user: UserId) -> Result<Attendance, DbError> {
        self.scoped(tenant, async |conn| read(conn, tenant, user).await)
            .await
    }

    /// Changes how a user serves. A user that there is not violates `attendants_user_fk`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn change_attendance(
        &self,
        tenant: TenantId,
        user: UserId,
        change: &AttendanceChange,
    ) -> Result<Attendance, DbError> {
        let capacity = change.capacity.map(i32::try_from).transpose();
        let values = Values {
            availability: change.availability.map(Availability::name),
            capacity: capacity.map_err(|e| DbError::corrupt("attendants.capacity", e))?,
            skills: change.skills.as_deref(),
        };
        let empty = matches!(
            values,
            Values {
                availability: None,
                capacity: None,
                skills: None,
            }
        );
        self.scoped(tenant, async |conn| {
            if empty {
                return read(conn, tenant, user).await;
            }
            let row: Row = diesel::insert_into(attendants::table)
                .values(Insert {
                    tenant_id: tenant.0,
                    user_id: user.0,
                    values,
                })
                .on_conflict((attendants::tenant_id, attendants::user_id))
                .do_update()
                .set(values)
                .returning(Row::as_select())
                .get_result(conn)
                .await?;
            row.try_into()
        })
        .await
    }
}

async fn read(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
) -> Result<Attendance, DbError> {
    let row: Option<Row> = attendants::table
        .find((tenant.0, user.0))
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map_or_else(|| Ok(Attendance::default()), TryInto::try_into)
}
