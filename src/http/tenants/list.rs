//! Listing tenants.

use super::TenantView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::{Page, Paging, Query};
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;
use papo_storage::app::Tenant;

/// All tenants by slug; for super admins.
#[utoipa::path(
    tag = "tenants",
    params(Paging),
    responses((status = 200, description = "A page of tenants", body = Page<TenantView>))
)]
#[get("/tenants")]
pub(crate) async fn list_tenants(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::OrganizationManage)?;
    let after: Option<String> = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let rows = app.database.list_tenants(after.as_deref(), limit).await?;
    let key = |row: &Tenant| row.slug.clone();
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, TenantView::from)))
}
