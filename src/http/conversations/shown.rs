//! Messages as they are shown: with what is known of the files that they bring.

use super::MessageView;
use crate::app::AppState;
use crate::error::ApiError;
use crate::http::media::MediaView;
use papo_domain::conversation::Body;
use papo_domain::{ConversationId, MediaId, MediaKind, TenantId};
use papo_storage::app::MessageRecord;
use std::collections::HashMap;

/// What clients see of these messages of one conversation.
pub(super) async fn shown(
    app: &AppState,
    tenant: TenantId,
    conversation: ConversationId,
    rows: Vec<MessageRecord>,
) -> Result<Vec<MessageView>, ApiError> {
    let files: Vec<Option<MediaId>> = rows.iter().map(|row| file_of(conversation, row)).collect();
    let ids: Vec<MediaId> = files.iter().copied().flatten().collect();
    let known = app.database.list_media(tenant, &ids).await?;
    let known: HashMap<MediaId, MediaView> = known
        .into_iter()
        .map(|file| (file.id, file.into()))
        .collect();
    let views = rows.into_iter().zip(files).map(|(row, file)| {
        // One file may be in several messages.
        let file = file.and_then(|file| known.get(&file).cloned());
        MessageView::of(conversation.0, row, file)
    });
    Ok(views.collect())
}

/// The file that a message brings, by its kind and sender.
fn file_of(conversation: ConversationId, row: &MessageRecord) -> Option<MediaId> {
    let _: MediaKind = row.kind.parse().ok()?;
    let body = row.body.clone()?;
    match serde_json::from_value(body).ok()? {
        Body::Inbound { content } => {
            content.file()?;
            let seq = u64::try_from(row.seq).ok()?;
            Some(MediaId::of(conversation, seq))
        }
        Body::Outbound { outbound } => outbound.file().map(|(_, file)| file.id),
        _ => None,
    }
}
