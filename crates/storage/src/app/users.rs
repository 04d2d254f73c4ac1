//! Staff of a tenant, and super admins in the platform's scope.

use super::pattern::contains;
use super::plain::{lower, unaccent};
use crate::schema::{user_departments, users};
use crate::{ConstraintKind, Database, DbError};
use diesel::prelude::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, PgTextExpressionMethods,
    QueryDsl, Queryable, Selectable, SelectableHelper, TextExpressionMethods,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{DepartmentId, Role, TenantId, Timestamp, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// A user, without anything secret.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub full_name: String,
    pub role: Role,
    pub avatar_url: Option<String>,
    pub is_active: bool,
    pub must_change_password: bool,
    /// Since when logins need a second factor.
    pub two_factor_at: Option<Timestamp>,
    /// `pt-BR` or `en`.
    pub locale: String,
    /// How the dashboard behaves; what is missing has its default.
    pub preferences: Value,
    pub last_login_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub departments: Vec<DepartmentId>,
}

/// A user to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub id: UserId,
    pub email: String,
    pub full_name: String,
    pub role: Role,
    pub password_hash: SecretString,
    pub must_change_password: bool,
    pub departments: Vec<DepartmentId>,
}

/// What may change about a user; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    pub full_name: Option<String>,
    pub role: Option<Role>,
    /// `Some(None)` takes the picture away.
    pub avatar_url: Option<Option<String>>,
    pub is_active: Option<bool>,
    pub departments: Option<Vec<DepartmentId>>,
}

/// Which users a list shows.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    pub role: Option<Role>,
    pub is_active: Option<bool>,
    /// Part of a name, without regard to accents, or of an e-mail address.
    pub text: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    email: String,
    full_name: String,
    role: String,
    avatar_url: Option<String>,
    is_active: bool,
    must_change_password: bool,
    two_factor_at: Option<Timestamp>,
    locale: String,
    preferences: Value,
    last_login_at: Option<Timestamp>,
    created_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct Insert<'a> {
    tenant_id: Uuid,
    id: Uuid,
    email: &'a str,
    password_hash: &'a str,
    full_name: &'a str,
    role: &'a str,
    must_change_password: bool,
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Changes<'a> {
    full_name: Option<&'a str>,
    role: Option<&'a str>,
    avatar_url: Option<Option<&'a str>>,
    is_active: Option<bool>,
}

impl Row {
    fn with(self, departments: Vec<DepartmentId>) -> Result<User, DbError> {
        let role = self
            .role
            .parse()
            .map_err(|e| DbError::corrupt("users.role", e))?;
        Ok(User {
            id: UserId(self.id),
            email: self.email,
            full_name: self.full_name,
            role,
            avatar_url: self.avatar_url,
            is_active: self.is_active,
            must_change_password: self.must_change_password,
            two_factor_at: self.two_factor_at,
            locale: self.locale,
            preferences: self.preferences,
            last_login_at: self.last_login_at,
            created_at: self.created_at,
            departments,
        })
    }
}

impl Database {
    /// Users by name, then id; `after` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_users(
        &self,
        tenant: TenantId,
        filter: &UserFilter,
        after: Option<&(String, UserId)>,
        limit: i64,
    ) -> Result<Vec<User>, DbError> {
        let mut query = users::table
            .filter(users::tenant_id.eq(tenant.0))
            .order((lower(unaccent(users::full_name)).asc(), users::id.asc()))
            .limit(limit)
            .select(Row::as_select())
            .into_boxed();
        if let Some(role) = filter.role {
            query = query.filter(users::role.eq(role.name()));
        }
        if let Some(active) = filter.is_active {
            query = query.filter(users::is_active.eq(active));
        }
        if let Some(text) = &filter.text {
            let like = contains(text);
            query = query.filter(
                lower(unaccent(users::full_name))
                    .like(lower(unaccent(like.clone())))
                    .or(users::email.ilike(like)),
            );
        }
        if let Some((name, id)) = after {
            let plain = lower(unaccent(users::full_name));
            let last = lower(unaccent(name));
            let same_name = plain.eq(last).and(users::id.gt(id.0));
            query = query.filter(plain.gt(last).or(same_name));
        }
        self.scoped(tenant, async |conn| {
            let rows: Vec<Row> = query.load(conn).await?;
            with_departments(conn, tenant, rows).await
        })
        .await
    }

    /// One user.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn find_user(&self, tenant: TenantId, id: UserId) -> Result<User, DbError> {
        self.scoped(tenant, async |conn| load(conn, tenant, id).await)
            .await
    }

    /// The users of these ids that exist, for showing their names.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn users_by_id(
        &self,
        tenant: TenantId,
        ids: &[UserId],
    ) -> Result<Vec<User>, DbError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        self.scoped(tenant, async |conn| {
            let rows: Vec<Row> = users::table
                .filter(users::tenant_id.eq(tenant.0))
                .filter(users::id.eq_any(&ids))
                .order(lower(unaccent(users::full_name)).asc())
                .select(Row::as_select())
                .load(conn)
                .await?;
            with_departments(conn, tenant, rows).await
        })
        .await
    }

    /// Creates a user. An address that is taken violates `users_email_unique`, an unknown
    /// department `user_departments_department_fk`.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn create_user(&self, tenant: TenantId, user: &NewUser) -> Result<User, DbError> {
        self.scoped(tenant, async |conn| {
            insert(conn, tenant, user).await?;
            load(conn, tenant, user.id).await
        })
        .await
    }

    /// Changes a user. Taking away the last active administrator violates `users_last_admin`.
    ///
    /// # Errors
    /// [`DbError::NotFound`] and others.
    pub async fn update_user(
        &self,
        tenant: TenantId,
        id: UserId,
        change: &UserChange,
    ) -> Result<User, DbError> {
        let changes = Changes {
            full_name: change.full_name.as_deref(),
            role: change.role.map(Role::name),
            avatar_url: change.avatar_url.as_ref().map(Option::as_deref),
            is_active: change.is_active,
        };
        let empty = changes.full_name.is_none()
            && changes.role.is_none()
            && changes.avatar_url.is_none()
            && changes.is_active.is_none();
        let demoted = change.role.is_some_and(|role| role < Role::TenantAdmin);
        let dismissed = demoted || change.is_active == Some(false);
        self.scoped(tenant, async |conn| {
            if dismissed && is_last_admin(conn, tenant, id).await? {
                return Err(DbError::Constraint {
                    constraint: "users_last_admin".to_owned(),
                    kind: ConstraintKind::Check,
                });
            }
            if !empty {
                diesel::update(users::table.find((tenant.0, id.0)))
                    .set(changes)
                    .execute(conn)
                    .await?;
            }
            // Before the departments, so that an unknown user is "not found".
            let mut user = load(conn, tenant, id).await?;
            if let Some(departments) = &change.departments {
                set_departments(conn, tenant, id, departments).await?;
                user.departments.clone_from(departments);
            }
            Ok(user)
        })
        .await
    }
}

/// Whether nobody but `id` administers the tenant. Two who dismiss each other wait for one another.
async fn is_last_admin(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    id: UserId,
) -> Result<bool, DbError> {
    let admins: Vec<Uuid> = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::role.eq_any([Role::TenantAdmin.name(), Role::SuperAdmin.name()]))
        .filter(users::is_active.eq(true))
        .order(users::id.asc())
        .select(users::id)
        .for_update()
        .load(conn)
        .await?;
    Ok(admins == [id.0])
}

pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: &NewUser,
) -> Result<(), DbError> {
    diesel::insert_into(users::table)
        .values(Insert {
            tenant_id: tenant.0,
            id: user.id.0,
            email: &user.email,
            password_hash: user.password_hash.expose_secret(),
            full_name: &user.full_name,
            role: user.role.name(),
            must_change_password: user.must_change_password,
        })
        .execute(conn)
        .await?;
    set_departments(conn, tenant, user.id, &user.departments).await
}

pub(super) async fn load(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    id: UserId,
) -> Result<User, DbError> {
    let row: Row = users::table
        .find((tenant.0, id.0))
        .select(Row::as_select())
        .first(conn)
        .await?;
    let mut departments = departments_of(conn, tenant, &[id.0]).await?;
    row.with(departments.remove(&id.0).unwrap_or_default())
}

/// The users of these rows, in the same order.
async fn with_departments(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    rows: Vec<Row>,
) -> Result<Vec<User>, DbError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut departments = departments_of(conn, tenant, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let own = departments.remove(&row.id).unwrap_or_default();
            row.with(own)
        })
        .collect()
}

async fn departments_of(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Vec<DepartmentId>>, DbError> {
    let rows: Vec<(Uuid, Uuid)> = user_departments::table
        .filter(user_departments::tenant_id.eq(tenant.0))
        .filter(user_departments::user_id.eq_any(users))
        .order(user_departments::department_id.asc())
        .select((user_departments::user_id, user_departments::department_id))
        .load(conn)
        .await?;
    let mut map: HashMap<Uuid, Vec<DepartmentId>> = HashMap::new();
    for (user, department) in rows {
        map.entry(user).or_default().push(DepartmentId(department));
    }
    Ok(map)
}

async fn set_departments(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    user: UserId,
    departments: &[DepartmentId],
) -> Result<(), DbError> {
    use user_departments::{department_id, tenant_id, user_id};
    let own = user_departments::table
        .filter(tenant_id.eq(tenant.0))
        .filter(user_id.eq(user.0));
    diesel::delete(own).execute(conn).await?;
    let rows: Vec<_> = departments
        .iter()
        .map(|d| {
            (
                tenant_id.eq(tenant.0),
                user_id.eq(user.0),
                department_id.eq(d.0),
            )
        })
        .collect();
    diesel::insert_into(user_departments::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}
