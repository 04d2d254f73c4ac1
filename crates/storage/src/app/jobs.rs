//! Jobs as people see them, and as those add them who write without the engine.

use crate::schema::jobs;
use crate::{Database, DbError};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel::sql_types::{Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::ports::JobDraft;
use papo_domain::{TenantId, Timestamp};

/// A job, without what it works on.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg))]
pub struct JobRecord {
    pub id: i64,
    pub kind: String,
    /// What it is about.
    pub key: String,
    /// `pending`, `running`, `done` or `dead`.
    pub state: String,
    /// Tries that were begun.
    pub attempts: i32,
    /// When it may begin, or when it ended.
    pub next_at: Timestamp,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
}

/// The same as the lane's.
const ADD: &str = "
INSERT INTO jobs (tenant_id, kind, key, payload, next_at)
VALUES ($1, $2, $3, $4, coalesce($5, now()))
ON CONFLICT (tenant_id, kind, key) DO UPDATE
SET state = CASE jobs.state WHEN 'running' THEN jobs.state ELSE 'pending' END,
    attempts = CASE jobs.state WHEN 'running' THEN jobs.attempts ELSE 0 END,
    next_at = CASE jobs.state WHEN 'running' THEN jobs.next_at ELSE excluded.next_at END,
    again_at = CASE jobs.state WHEN 'running' THEN least(jobs.again_at, excluded.next_at) END,
    last_error = CASE jobs.state WHEN 'running' THEN jobs.last_error END,
    payload = excluded.payload
WHERE jobs.state <> 'pending'";

/// Adds a job in the transaction of what it follows from.
pub(super) async fn add_job(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    job: &JobDraft,
) -> Result<(), DbError> {
    diesel::sql_query(ADD)
        .bind::<SqlUuid, _>(tenant.0)
        .bind::<Text, _>(job.kind)
        .bind::<Text, _>(&job.key)
        .bind::<Json, _>(&job.payload)
        .bind::<Nullable<Timestamptz>, _>(job.due)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a job that was not begun: there is nothing to be done for it any more.
pub(super) async fn drop_job(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    job: &JobDraft,
) -> Result<(), DbError> {
    diesel::update(
        jobs::table
            .filter(jobs::tenant_id.eq(tenant.0))
            .filter(jobs::kind.eq(job.kind))
            .filter(jobs::key.eq(&job.key))
            .filter(jobs::state.eq("pending")),
    )
    .set((jobs::state.eq("done"), jobs::next_at.eq(diesel::dsl::now)))
    .execute(conn)
    .await?;
    Ok(())
}

impl Database {
    /// Adds a job by itself.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn add_job(&self, tenant: TenantId, job: &JobDraft) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| add_job(conn, tenant, job).await)
            .await
    }

    /// Jobs in one state, or all, newest first; `before` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_jobs(
        &self,
        tenant: TenantId,
        state: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<JobRecord>, DbError> {
        let mut query = jobs::table
            .filter(jobs::tenant_id.eq(tenant.0))
            .filter(jobs::id.lt(before.unwrap_or(i64::MAX)))
            .order(jobs::id.desc())
            .limit(limit)
            .select(JobRecord::as_select())
            .into_boxed();
        if let Some(state) = state {
            query = query.filter(jobs::state.eq(state));
        }
        self.scoped(tenant, async |conn| Ok(query.load(conn).await?))
            .await
    }

    /// Has a dead job tried again, with its attempts forgotten.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if it is not dead; and others.
    pub async fn revive_job(&self, tenant: TenantId, id: i64) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let dead = jobs::tenant_id
                .eq(tenant.0)
                .and(jobs::id.eq(id))
                .and(jobs::state.eq("dead"));
            let changed = diesel::update(jobs::table.filter(dead))
                .set((
                    jobs::state.eq("pending"),
                    jobs::attempts.eq(0),
                    jobs::last_error.eq(None::<String>),
                    jobs::next_at.eq(diesel::dsl::now),
                ))
                .execute(conn)
                .await?;
            match changed {
                0 => Err(DbError::NotFound),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Throws a dead job away.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if it is not dead; and others.
    pub async fn discard_job(&self, tenant: TenantId, id: i64) -> Result<(), DbError> {
        self.scoped(tenant, async |conn| {
            let dead = jobs::tenant_id
                .eq(tenant.0)
                .and(jobs::id.eq(id))
                .and(jobs::state.eq("dead"));
            let discarded = diesel::delete(jobs::table.filter(dead))
                .execute(conn)
                .await?;
            match discarded {
                0 => Err(DbError::NotFound),
                _ => Ok(()),
            }
        })
        .await
    }
}
