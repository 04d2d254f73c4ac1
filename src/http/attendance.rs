//! How staff serve customers: whether they take conversations now, how many, and what they can do.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::audit::{Action, named};
use crate::http::extract::{Body, Id, Source};
use actix_web::{HttpResponse, get, patch, put, web};
use garde::Validate;
use papo_domain::routing::{Availability, CAPACITY_MAX, SKILLS_MAX, skills_problem};
use papo_domain::{Permission, Role, TenantId, UserId};
use papo_storage::Database;
use papo_storage::app::{Attendance, AttendanceChange};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// How somebody serves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserAttendanceView {
    user_id: Uuid,
    /// `available`, or `away`: then they are given nothing new.
    availability: &'static str,
    /// The most conversations that they lead or are offered at once.
    capacity: u32,
    skills: Vec<String>,
}

impl UserAttendanceView {
    fn of(user: UserId, row: Attendance) -> Self {
        Self {
            user_id: user.0,
            availability: row.availability.name(),
            capacity: row.capacity,
            skills: row.skills,
        }
    }
}

/// Whether the caller takes conversations from now on.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvailabilityBody {
    #[garde(skip)]
    availability: AvailabilityName,
}

/// Whether somebody takes conversations.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AvailabilityName {
    Available,
    Away,
}

impl From<AvailabilityName> for Availability {
    fn from(name: AvailabilityName) -> Self {
        match name {
            AvailabilityName::Available => Self::Available,
            AvailabilityName::Away => Self::Away,
        }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateAttendance {
    /// 0 to 500.
    #[garde(range(max = CAPACITY_MAX))]
    capacity: Option<u32>,
    /// At most 30, each 1 to 20 of a-z, 0-9, '-', '_' and '.'.
    #[garde(skip)]
    skills: Option<Vec<String>>,
}

/// The caller takes conversations from now on, or nothing new. What somebody leads stays theirs;
/// what they are asked to take is offered to others.
#[utoipa::path(
    tag = "users",
    request_body = AvailabilityBody,
    responses(
        (status = 200, description = "As it is now", body = UserAttendanceView),
        (status = 403, description = "Not a member of this tenant's staff", body = ErrorBody),
    )
)]
#[put("/me/availability")]
pub(crate) async fn set_availability(
    app: web::Data<AppState>,
    user: CurrentUser,
    body: Body<AvailabilityBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    // The platform's people serve nobody's customers.
    if user.home != tenant {
        return Err(ApiError::Forbidden);
    }
    let change = AttendanceChange {
        availability: Some(body.value.availability.into()),
        ..AttendanceChange::default()
    };
    change_of(&app, &app.database, (tenant, user.id), &change).await
}

/// How a user of the tenant serves; one's own is always visible.
#[utoipa::path(
    tag = "users",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "How they serve", body = UserAttendanceView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
    )
)]
#[get("/users/{id}/attendance")]
pub(crate) async fn show_attendance(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    if id != user.id {
        user.must_be(Role::Supervisor)?;
    }
    let tenant = user.tenant()?;
    app.database.find_user(tenant, id).await?;
    let row = app.database.attendance(tenant, id).await?;
    Ok(HttpResponse::Ok().json(UserAttendanceView::of(id, row)))
}

/// Changes how many conversations a user may have and what they can do.
#[utoipa::path(
    tag = "users",
    params(("id" = Uuid, Path)),
    request_body = UpdateAttendance,
    responses(
        (status = 200, description = "As it is now", body = UserAttendanceView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such user", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/users/{id}/attendance")]
pub(crate) async fn update_attendance(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<UserId>,
    body: Body<UpdateAttendance>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let tenant = user.tenant()?;
    let UpdateAttendance { capacity, skills } = body.value;
    let problem = skills.as_ref().and_then(|s| skills_problem(s, SKILLS_MAX));
    if let Some(problem) = problem {
        return Err(ApiError::Invalid(vec![FieldFault::new("skills", problem)]));
    }
    app.database.find_user(tenant, id).await?;
    let before = app.database.attendance(tenant, id).await?;
    let before = json!({ "capacity": before.capacity, "skills": before.skills });
    let after = named([
        ("capacity", capacity.map(|v| json!(v))),
        ("skills", skills.as_ref().map(|v| json!(v))),
    ]);
    let change = AttendanceChange {
        availability: None,
        capacity,
        skills,
    };
    let entry = source.tells(&user, Action::AttendanceUpdated);
    let entry = entry.about("user", id).change(&before, &after);
    let noting = app.database.noting(entry);
    change_of(&app, &noting, (tenant, id), &change).await
}

async fn change_of(
    app: &AppState,
    database: &Database,
    (tenant, user): (TenantId, UserId),
    change: &AttendanceChange,
) -> Result<HttpResponse, ApiError> {
    let row = database.change_attendance(tenant, user, change).await?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::Ok().json(UserAttendanceView::of(user, row)))
}
