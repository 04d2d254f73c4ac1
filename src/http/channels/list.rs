//! Listing channels.

use super::ChannelView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::Page;
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;

/// The tenant's channels by name.
#[utoipa::path(
    tag = "channels",
    responses((status = 200, description = "All channels", body = Page<ChannelView>))
)]
#[get("/channels")]
pub(crate) async fn list_channels(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let rows = app.database.list_channels(user.tenant()?).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, ChannelView::from)))
}
