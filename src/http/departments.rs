//! Departments.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::{Body, Id, Page};
use crate::http::rules;
use actix_web::{HttpResponse, get, patch, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::tenant::BusinessHours;
use papo_domain::{DepartmentId, Permission};
use papo_storage::app::{DepartmentChange, DepartmentRecord};
use serde::{Deserialize, Serialize};
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
    created_at: DateTime<Utc>,
}

impl From<DepartmentRecord> for DepartmentView {
    fn from(department: DepartmentRecord) -> Self {
        Self {
            id: department.id.0,
            name: department.name,
            position: department.position,
            business_hours: department.business_hours,
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
}

fn check(hours: Option<&BusinessHours>) -> Result<(), ApiError> {
    let faults: Vec<FieldFault> = hours
        .map(BusinessHours::check)
        .unwrap_or_default()
        .into_iter()
        .map(|fault| FieldFault::new(format!("business_hours.{}", fault.field), fault.problem))
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
    body: Body<CreateDepartment>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let new = body.value;
    check(new.business_hours.as_ref())?;
    let created = app
        .database
        .create_department(
            tenant,
            DepartmentId(Uuid::now_v7()),
            new.name.trim(),
            new.position,
            new.business_hours.as_ref(),
        )
        .await?;
    app.tenant_changed(tenant).await;
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
    Id(id): Id<DepartmentId>,
    body: Body<UpdateDepartment>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let change = body.value;
    check(change.business_hours.as_ref().and_then(Option::as_ref))?;
    let changed = app
        .database
        .update_department(
            tenant,
            id,
            &DepartmentChange {
                name: change.name.map(|name| name.trim().to_owned()),
                position: change.position,
                business_hours: change.business_hours,
            },
        )
        .await?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::Ok().json(DepartmentView::from(changed)))
}
