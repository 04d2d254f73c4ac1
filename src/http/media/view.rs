//! Files as clients see them.

use crate::media::plain;
use chrono::{DateTime, Utc};
use papo_domain::MessageId;
use papo_storage::app::MediaRecord;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A file of a message, or one that waits to be sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MediaView {
    pub id: Uuid,
    /// `null` for what was uploaded and is not sent yet.
    pub conversation_id: Option<Uuid>,
    pub message_id: Option<Uuid>,
    /// `image`, `video`, `audio`, `document` or `sticker`.
    pub kind: &'static str,
    /// `pending` (it is being fetched), `stored`, `failed`, `too_large` or `expired` (the provider
    /// does not have it any more).
    pub state: &'static str,
    /// By the bytes, once they are here; before, what the provider says.
    pub mime_type: Option<String>,
    /// In bytes, once they are here.
    pub size: Option<u64>,
    pub filename: Option<String>,
    /// Why it could not be fetched.
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl From<MediaRecord> for MediaView {
    fn from(media: MediaRecord) -> Self {
        let place = media.conversation.zip(media.message_seq);
        Self {
            id: media.id.0,
            conversation_id: media.conversation.map(Uuid::from),
            message_id: place.map(|(conversation, seq)| MessageId::of(conversation, seq).0),
            kind: media.kind.name(),
            state: media.state.name(),
            mime_type: media
                .mime_type
                .as_deref()
                .map(|kind| plain(kind).to_owned()),
            size: media.size,
            filename: media.filename,
            error: media.error,
            created_at: media.created_at,
        }
    }
}
