//! Departments.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::Listed;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::audit::{Action, named};
use crate::http::extract::{Body, Id, Page, Source};
use crate::http::rules;
use actix_web::{HttpResponse, get, patch, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::routing::{Routing, Strategy};
use papo_domain::tenant::BusinessHours;
use papo_domain::{DepartmentId, Permission};
use papo_storage::app::{DepartmentChange, DepartmentRecord, NewDepartment};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// A department.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentView {
    id: Uuid,
    #[schema(example = "Vendas")]
    name: String,
    position: i32,
    /// `null` follows the tenant's.
    #[schema(value_type = Option<Object>)]
    business_hours: Option<BusinessHours>,
    /// `pull`, `round_robin` or `least_busy`.
    strategy: &'static str,
    /// How long an attendant who is asked to take a conversation has to answer.
    offer_seconds: u32,
    /// What whoever serves its customers must be able to do.
    skills: Vec<String>,
    created_at: DateTime<Utc>,
}

impl From<DepartmentRecord> for DepartmentView {
    fn from(department: DepartmentRecord) -> Self {
        Self {
            id: department.id.0,
            name: department.name,
            position: department.position,
            business_hours: department.business_hours,
            strategy: department.routing.strategy.name(),
            offer_seconds: department.routing.offer_seconds,
            skills: department.routing.skills,
            created_at: department.created_at,
        }
    }
}

/// A new department.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDepartment {
    #[garde(custom(rules::label))]
    #[schema(example = "Vendas")]
    name: String,
    /// Order in lists, lowest first.
    #[garde(range(min = 0, max = 10_000))]
    #[serde(default)]
    position: i32,
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    business_hours: Option<BusinessHours>,
    #[garde(skip)]
    #[serde(default)]
    strategy: StrategyName,
    /// 5 to 600; 30 unless it is said otherwise.
    #[garde(skip)]
    offer_seconds: Option<u32>,
    /// At most 2, each 1 to 20 of a-z, 0-9, '-', '_' and '.'.
    #[garde(skip)]
    #[serde(default)]
    skills: Vec<String>,
}

/// How requests for a person find one.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrategyName {
    /// People take the next one when they like to.
    #[default]
    Pull,
    /// Whoever was not given anything for the longest time is asked.
    RoundRobin,
    /// Whoever has the most room is asked.
    LeastBusy,
}

impl From<StrategyName> for Strategy {
    fn from(name: StrategyName) -> Self {
        match name {
            StrategyName::Pull => Self::Pull,
            StrategyName::RoundRobin => Self::RoundRobin,
            StrategyName::LeastBusy => Self::LeastBusy,
        }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateDepartment {
    #[garde(inner(custom(rules::label)))]
    name: Option<String>,
    #[garde(range(min = 0, max = 10_000))]
    position: Option<i32>,
    /// `null` follows the tenant's.
    #[garde(skip)]
    #[serde(default, deserialize_with = "crate::http::present")]
    #[schema(value_type = Option<Object>)]
    business_hours: Option<Option<BusinessHours>>,
    #[garde(skip)]
    strategy: Option<StrategyName>,
    #[garde(skip)]
    offer_seconds: Option<u32>,
    #[garde(skip)]
    skills: Option<Vec<String>>,
}

fn check(hours: Option<&BusinessHours>, routing: &Routing) -> Result<(), ApiError> {
    let routing = routing.faults().into_iter();
    let routing = routing.map(|(field, problem)| FieldFault::new(field, problem));
    let faults: Vec<FieldFault> = hours
        .map(BusinessHours::check)
        .unwrap_or_default()
        .into_iter()
        .map(|fault| FieldFault::new(format!("business_hours.{}", fault.field), fault.problem))
        .chain(routing)
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ApiError::Invalid(faults))
    }
}

/// The tenant's departments in their order.
#[utoipa::path(
    tag = "departments",
    responses((status = 200, description = "All departments", body = Page<DepartmentView>))
)]
#[get("/departments")]
pub(crate) async fn list_departments(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let rows = app.database.list_departments(user.tenant()?).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, DepartmentView::from)))
}

/// Creates a department.
#[utoipa::path(
    tag = "departments",
    request_body = CreateDepartment,
    responses(
        (status = 201, description = "Created", body = DepartmentView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The name is taken", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[post("/departments")]
pub(crate) async fn create_department(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateDepartment>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let new = body.value;
    let usual = Routing::default();
    let routing = Routing {
        strategy: new.strategy.into(),
        offer_seconds: new.offer_seconds.unwrap_or(usual.offer_seconds),
        skills: new.skills,
    };
    check(new.business_hours.as_ref(), &routing)?;
    let new = NewDepartment {
        id: DepartmentId(Uuid::now_v7()),
        name: new.name.trim().to_owned(),
        position: new.position,
        business_hours: new.business_hours,
        routing,
    };
    let entry = source.tells(&user, Action::DepartmentCreated);
    let created = app
        .database
        .noting(
            entry
                .about("department", new.id)
                .after(json!({ "name": new.name })),
        )
        .create_department(tenant, &new)
        .await?;
    app.tenant_changed(tenant).await;
    app.list_changed(tenant, Listed::Departments);
    Ok(HttpResponse::Created().json(DepartmentView::from(created)))
}

/// Changes a department.
#[utoipa::path(
    tag = "departments",
    params(("id" = Uuid, Path)),
    request_body = UpdateDepartment,
    responses(
        (status = 200, description = "The department as it is now", body = DepartmentView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such department", body = ErrorBody),
        (status = 409, description = "The name is taken", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/departments/{id}")]
pub(crate) async fn update_department(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<DepartmentId>,
    body: Body<UpdateDepartment>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let change = body.value;
    let usual = Routing::default();
    let routing = Routing {
        offer_seconds: change.offer_seconds.unwrap_or(usual.offer_seconds),
        skills: change.skills.clone().unwrap_or_default(),
        ..usual
    };
    check(
        change.business_hours.as_ref().and_then(Option::as_ref),
        &routing,
    )?;
    let change = DepartmentChange {
        name: change.name.map(|name| name.trim().to_owned()),
        position: change.position,
        business_hours: change.business_hours,
        strategy: change.strategy.map(Strategy::from),
        offer_seconds: change.offer_seconds,
        skills: change.skills,
    };
    let known = app.database.list_departments(tenant).await?;
    let before = known.into_iter().find(|department| department.id == id);
    let before = told_of(&before.ok_or(ApiError::NotFound)?);
    let entry = source.tells(&user, Action::DepartmentUpdated);
    let changed = app
        .database
        .noting(
            entry
                .about("department", id)
                .change(&before, &told(&change)),
        )
        .update_department(tenant, id, &change)
        .await?;
    app.tenant_changed(tenant).await;
    app.list_changed(tenant, Listed::Departments);
    Ok(HttpResponse::Ok().json(DepartmentView::from(changed)))
}

/// What the audit trail tells of a department.
fn told_of(department: &DepartmentRecord) -> Value {
    json!({
        "name": department.name,
        "position": department.position,
        "business_hours": department.business_hours,
        "strategy": department.routing.strategy,
        "offer_seconds": department.routing.offer_seconds,
        "skills": department.routing.skills,
    })
}

/// And of a change: what it names.
fn told(change: &DepartmentChange) -> Value {
    named([
        ("name", change.name.as_ref().map(|v| json!(v))),
        ("position", change.position.map(|v| json!(v))),
        (
            "business_hours",
            change.business_hours.as_ref().map(|v| json!(v)),
        ),
        ("strategy", change.strategy.map(|v| json!(v))),
        ("offer_seconds", change.offer_seconds.map(|v| json!(v))),
        ("skills", change.skills.as_ref().map(|v| json!(v))),
    ])
}
