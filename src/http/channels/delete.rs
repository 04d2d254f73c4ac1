//! Taking a channel out of use.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, delete, web};
use papo_domain::{ChannelId, Permission};

/// Takes a channel out of use and forgets its credentials. Its conversations stay; the number
/// can be registered again.
#[utoipa::path(
    tag = "channels",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 204, description = "Out of use"),
        (status = 404, description = "No such channel", body = ErrorBody),
    )
)]
#[delete("/channels/{id}")]
pub(crate) async fn delete_channel(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ChannelId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let tenant = user.tenant()?;
    let entry = source.tells(&user, Action::ChannelRetired);
    app.database
        .noting(entry.about("channel", id))
        .retire_channel(tenant, id)
        .await?;
    tracing::info!(tenant.id = %tenant, channel.id = %id, by = %user.id, "channel retired");
    app.channel_changed(tenant, id).await;
    Ok(HttpResponse::NoContent().finish())
}
