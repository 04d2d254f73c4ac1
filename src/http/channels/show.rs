//! One channel and its health.

use super::{ChannelView, HealthView};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::{ChannelId, Permission, Role};

/// A channel.
#[utoipa::path(
    tag = "channels",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The channel", body = ChannelView),
        (status = 404, description = "No such channel", body = ErrorBody),
    )
)]
#[get("/channels/{id}")]
pub(crate) async fn show_channel(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ChannelId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let found = app.database.find_channel(user.tenant()?, id).await?;
    Ok(HttpResponse::Ok().json(ChannelView::from(found)))
}

/// How a channel is: as its actor sees it now, or, while that sleeps, as it was last stored.
#[utoipa::path(
    tag = "channels",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "Its health", body = HealthView),
        (status = 404, description = "No such channel", body = ErrorBody),
    )
)]
#[get("/channels/{id}/health")]
pub(crate) async fn channel_health(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ChannelId>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let tenant = user.tenant()?;
    let mut health = ChannelView::from(app.database.find_channel(tenant, id).await?).health;
    let report = app.engine.describe(tenant).await?;
    if let Some(live) = report.channels.iter().find(|channel| channel.id == id) {
        live.health.clone_into(&mut health.status);
        health.code = live.code;
    }
    Ok(HttpResponse::Ok().json(health))
}
