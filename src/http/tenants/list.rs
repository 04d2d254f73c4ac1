//! Listing tenants.

use super::TenantView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::Permission;
use papo_storage::app::Tenant;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of the list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTenants {
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// All tenants by slug; for super admins.
#[utoipa::path(
    tag = "tenants",
    params(ListTenants),
    responses((status = 200, description = "A page of tenants", body = Page<TenantView>))
)]
#[get("/tenants")]
pub(crate) async fn list_tenants(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListTenants>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::OrganizationManage)?;
    let after: Option<String> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let rows = app.database.list_tenants(after.as_deref(), limit).await?;
    let key = |row: &Tenant| row.slug.clone();
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, TenantView::from)))
}
