//! Files of messages: what is known of them, their bytes, and short-lived links to those. Bytes come
//! from customers, so nothing about how they are served is theirs to say.

mod content;
mod link;
mod retry;
mod show;
mod upload;
mod view;

pub(crate) use content::{linked_media, media_content};
pub(crate) use link::create_link;
pub(crate) use retry::retry_media;
pub(crate) use show::show_media;
pub(crate) use upload::upload_media;
pub(crate) use view::MediaView;

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::conversations::must_see;
use papo_domain::{MediaId, Permission, TenantId};
use papo_storage::app::MediaRecord;

/// A file that the user may see: of a conversation that they see, or uploaded by themselves.
async fn visible(
    app: &AppState,
    user: &CurrentUser,
    id: MediaId,
) -> Result<(TenantId, MediaRecord), ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let media = app.database.find_media(tenant, id).await?;
    match media.conversation {
        Some(conversation) => drop(must_see(app, user, conversation).await?),
        None if media.uploaded_by == Some(user.id) => {}
        None => return Err(ApiError::NotFound),
    }
    Ok((tenant, media))
}
