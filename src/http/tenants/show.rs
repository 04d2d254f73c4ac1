//! One tenant.

use super::{TenantInPath, TenantView};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};

/// A tenant; `current` is the caller's own.
#[utoipa::path(
    tag = "tenants",
    params(("id" = String, Path, description = "An id, or `current`")),
    responses(
        (status = 200, description = "The tenant", body = TenantView),
        (status = 404, description = "No such tenant", body = ErrorBody),
    )
)]
#[get("/tenants/{id}")]
pub(crate) async fn show_tenant(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<TenantInPath>,
) -> Result<HttpResponse, ApiError> {
    let tenant = id.administered_by(&user)?;
    let found = app.database.find_tenant_by_id(tenant).await?;
    Ok(HttpResponse::Ok().json(TenantView::from(found)))
}
