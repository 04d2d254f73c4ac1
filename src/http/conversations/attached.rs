//! From what a client wrote to what is sent: files and messages that it names are looked up here, so
//! that nobody sends what they could not see.

use super::outgoing::{Outgoing, OutgoingButton};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::templates;
use papo_domain::media::MediaFile;
use papo_domain::outbound::Button;
use papo_domain::{ChannelId, ConversationId, MediaId, MediaState, Outbound};
use papo_storage::DbError;
use uuid::Uuid;

/// What is sent.
pub(in crate::http) async fn outbound(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    content: Outgoing,
) -> Result<Outbound, ApiError> {
    let file = async |id: Uuid| attached(app, user, conversation, MediaId(id)).await;
    Ok(match content {
        Outgoing::Template { template } => {
            let (tenant, sight) = (user.tenant()?, user.sight());
            let found = app
                .database
                .find_conversation(tenant, &sight, conversation)
                .await?;
            let channel = ChannelId(found.channel_id);
            templates::filled(app, tenant, channel, template).await?
        }
        Outgoing::Text { body, preview_url } => Outbound::Text { body, preview_url },
        Outgoing::Buttons {
            header,
            body,
            footer,
            buttons,
        } => Outbound::Buttons {
            header,
            body,
            footer,
            buttons: buttons
                .into_iter()
                .map(|OutgoingButton { id, title }| Button { id, title })
                .collect(),
        },
        Outgoing::List {
            header,
            body,
            footer,
            button,
            sections,
        } => Outbound::List {
            header,
            body,
            footer,
            button,
            sections: sections.into_iter().map(Into::into).collect(),
        },
        Outgoing::Image { media_id, caption } => Outbound::Image {
            media: file(media_id).await?,
            caption,
        },
        Outgoing::Video { media_id, caption } => Outbound::Video {
            media: file(media_id).await?,
            caption,
        },
        Outgoing::Audio { media_id, voice } => Outbound::Audio {
            media: file(media_id).await?,
            voice,
        },
        Outgoing::Document { media_id, caption } => Outbound::Document {
            media: file(media_id).await?,
            caption,
        },
        Outgoing::Sticker { media_id } => Outbound::Sticker {
            media: file(media_id).await?,
        },
        Outgoing::Location {
            latitude,
            longitude,
            name,
            address,
        } => Outbound::Location {
            latitude,
            longitude,
            name,
            address,
        },
        Outgoing::Contacts { contacts } => Outbound::Contacts {
            cards: contacts.into_iter().map(Into::into).collect(),
        },
        Outgoing::Reaction { message_id, emoji } => Outbound::Reaction {
            message: provider_id(app, user, conversation, message_id, "message_id").await?,
            emoji,
        },
    })
}

/// A file that the user uploaded for this, or that was sent in this conversation before.
async fn attached(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    id: MediaId,
) -> Result<MediaFile, ApiError> {
    let unusable = || ApiError::invalid("media_id", "is not a file that can be sent here");
    let media = match app.database.find_media(user.tenant()?, id).await {
        Ok(media) => media,
        Err(DbError::NotFound) => return Err(unusable()),
        Err(error) => return Err(error.into()),
    };
    let ours = match media.conversation {
        Some(other) => other == conversation,
        None => media.uploaded_by == Some(user.id),
    };
    match (media.mime_type, media.size) {
        (Some(mime_type), Some(size))
            if ours && !media.inbound && media.state == MediaState::Stored =>
        {
            Ok(MediaFile {
                id,
                mime_type,
                size,
                filename: media.filename,
            })
        }
        _ => Err(unusable()),
    }
}

/// The provider's id of a message of the conversation.
pub(super) async fn provider_id(
    app: &AppState,
    user: &CurrentUser,
    conversation: ConversationId,
    message: Uuid,
    field: &'static str,
) -> Result<String, ApiError> {
    let found = app
        .database
        .external_id_of(user.tenant()?, conversation, message)
        .await;
    match found {
        Ok(external_id) => Ok(external_id),
        Err(DbError::NotFound) => Err(ApiError::invalid(
            field,
            "is not a message that can be quoted",
        )),
        Err(error) => Err(error.into()),
    }
}
