//! What a tenant has of that which its plan bounds, and the bound itself: counted before and after a
//! write, in its transaction.

use crate::{ConstraintKind, Database, DbError};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::TenantId;

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Usage {
    /// Active ones.
    #[diesel(sql_type = BigInt)]
    pub users: i64,
    /// Active ones.
    #[diesel(sql_type = BigInt)]
    pub channels: i64,
    /// Sessions: a customer who comes back begins another. Of days of this month.
    #[diesel(sql_type = BigInt)]
    pub conversations: i64,
    /// Of those sessions.
    #[diesel(sql_type = BigInt)]
    pub messages: i64,
    /// Of files of messages, and of pictures of people.
    #[diesel(sql_type = BigInt)]
    pub storage_bytes: i64,
}

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    Users,
    Channels,
    /// Bytes of files that staff uploads. What customers send is counted and never refused.
    Storage,
}

impl Counted {
    /// The constraint that too many of them violate.
    #[must_use]
    pub fn constraint(self) -> &'static str {
        match self {
            Self::Users => "quota_users",
            Self::Channels => "quota_channels",
            Self::Storage => "quota_storage",
        }
    }
}

/// The most that a tenant may have of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    pub of: Counted,
    pub most: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

const LOCK: &str = "SELECT FROM tenants WHERE tenant_id = $1 FOR NO KEY UPDATE";
const USERS: &str = "SELECT count(*) AS n FROM users WHERE tenant_id = $1 AND is_active";
const CHANNELS: &str = "SELECT count(*) AS n FROM channels WHERE tenant_id = $1 AND is_active";
const STORAGE: &str = include_str!("sql/stored_bytes.sql");

impl Database {
    /// The same database, whose next call fails, without effect, if the tenant would have more
    /// than it has and than `bound` says. It violates [`Counted::constraint`] then. For one call.
    #[must_use]
    pub fn within(&self, bound: Option<Bound>) -> Self {
        let mut within = self.clone();
        within.bound = bound;
        within
    }

    /// The bytes that are kept for the tenant.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn stored_bytes(&self, tenant: TenantId) -> Result<i64, DbError> {
        self.scoped(tenant, async |conn| {
            let query = diesel::sql_query(STORAGE).bind::<SqlUuid, _>(tenant.0);
            let found: Found = query.get_result(conn).await?;
            Ok(found.n)
        })
        .await
    }

    /// What the tenant has.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn usage(&self, tenant: TenantId) -> Result<Usage, DbError> {
        self.scoped(tenant, async |conn| {
            Ok(diesel::sql_query(include_str!("sql/usage.sql"))
                .bind::<SqlUuid, _>(tenant.0)
                .get_result(conn)
                .await?)
        })
        .await
    }
}

/// Counts what there is. Transactions that add something wait for each other from here to their
/// ends, so that each sees what the other added.
pub(crate) async fn count(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    bound: Bound,
) -> Result<i64, DbError> {
    diesel::sql_query(LOCK)
        .bind::<SqlUuid, _>(tenant.0)
        .execute(conn)
        .await?;
    let count = match bound.of {
        Counted::Users => USERS,
        Counted::Channels => CHANNELS,
        Counted::Storage => STORAGE,
    };
    let found: Found = diesel::sql_query(count)
        .bind::<SqlUuid, _>(tenant.0)
        .get_result(conn)
        .await?;
    Ok(found.n)
}

/// Refuses what has been done since there were `before`, if that is more than the bound says now
/// and more than it was: what there is too much of stays.
pub(crate) async fn check(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    bound: Bound,
    before: i64,
) -> Result<(), DbError> {
    if count(conn, tenant, bound).await? > bound.most.max(before) {
        return Err(DbError::Constraint {
            constraint: bound.of.constraint().to_owned(),
            kind: ConstraintKind::Check,
        });
    }
    Ok(())
}
