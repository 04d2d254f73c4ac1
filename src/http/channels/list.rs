//! Listing channels.

use super::ChannelView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::Page;
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;
use papo_storage::app::Channel;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A number that a conversation can be started from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelName {
    id: Uuid,
    name: String,
    /// As people write it.
    display_phone: Option<String>,
}

impl From<Channel> for ChannelName {
    fn from(row: Channel) -> Self {
        Self {
            id: row.id,
            name: row.name,
            display_phone: row.display_phone,
        }
    }
}

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

/// The tenant's active channels by name, for those who serve customers.
#[utoipa::path(
    tag = "channels",
    responses((status = 200, description = "All of them", body = Page<ChannelName>))
)]
#[get("/channels/names")]
pub(crate) async fn channel_names(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let mut rows = app.database.list_channels(user.tenant()?).await?;
    rows.retain(|row| row.is_active);
    Ok(HttpResponse::Ok().json(Page::whole(rows, ChannelName::from)))
}
