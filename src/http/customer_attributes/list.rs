//! All attributes.

use super::AttributeView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::Page;
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;

/// The attributes of the tenant's customers, in their order.
#[utoipa::path(
    tag = "customers",
    responses((status = 200, description = "All attributes", body = Page<AttributeView>))
)]
#[get("/customer-attributes")]
pub(crate) async fn list_customer_attributes(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let rows = app.database.list_customer_attributes(tenant).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, AttributeView::from)))
}
