//! Listing flows.

use super::FlowView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::Page;
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;

/// The tenant's flows by name.
#[utoipa::path(
    tag = "bot",
    responses((status = 200, description = "All flows", body = Page<FlowView>))
)]
#[get("/bot/flows")]
pub(crate) async fn list_flows(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let rows = app.database.list_flows(user.tenant()?).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, FlowView::from)))
}
