//! Jobs: work that follows from what was committed, such as fetching a file.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Cursor, Id, Page, Query, Source};
use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::Role;
use papo_storage::app::JobRecord;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which jobs.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListJobs {
    /// Without it: all.
    #[garde(skip)]
    #[param(inline)]
    state: Option<JobState>,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobState {
    Pending,
    Running,
    Done,
    Dead,
}

impl JobState {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    id: i64,
    /// Such as `fetch_media`.
    kind: String,
    /// What it is about.
    key: String,
    /// `pending`, `running`, `done` or `dead`.
    state: String,
    /// Tries that were begun.
    attempts: i32,
    /// When it may begin, or when it ended.
    next_at: DateTime<Utc>,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<JobRecord> for JobView {
    fn from(row: JobRecord) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            key: row.key,
            state: row.state,
            attempts: row.attempts,
            next_at: row.next_at,
            last_error: row.last_error,
            created_at: row.created_at,
        }
    }
}

/// Jobs, newest first; those that were given up with `state=dead`.
#[utoipa::path(
    tag = "engine",
    params(ListJobs),
    responses((status = 200, description = "A page", body = Page<JobView>))
)]
#[get("/engine/jobs")]
pub(crate) async fn list_jobs(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListJobs>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let before: Option<i64> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let state = query.state.map(JobState::name);
    let rows = app
        .database
        .list_jobs(user.tenant()?, state, before, limit)
        .await?;
    let key = |row: &JobRecord| row.id;
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, JobView::from)))
}

/// Tries a given-up job again, with its attempts forgotten.
#[utoipa::path(
    tag = "engine",
    params(("id" = i64, Path)),
    responses(
        (status = 202, description = "Will be tried"),
        (status = 404, description = "No such job, or it is not given up", body = ErrorBody),
    )
)]
#[post("/engine/jobs/{id}/retry")]
pub(crate) async fn retry_job(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<i64>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let entry = source.tells(&user, Action::JobRetried).about("job", id);
    let noting = app.database.noting(entry);
    noting.revive_job(user.tenant()?, id).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Throws a given-up job away: what it was to do is never done.
#[utoipa::path(
    tag = "engine",
    params(("id" = i64, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such job, or it is not given up", body = ErrorBody),
    )
)]
#[delete("/engine/jobs/{id}")]
pub(crate) async fn discard_job(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<i64>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let entry = source.tells(&user, Action::JobDiscarded).about("job", id);
    let noting = app.database.noting(entry);
    noting.discard_job(user.tenant()?, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
