//! What a writer is told whose answer was overtaken by somebody's words.

use super::shown::shown;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use papo_domain::ConversationId;
use papo_domain::conversation::Rejection;
use papo_storage::app::MessagePage;

/// The most messages that a refusal shows.
const SHOWN: i64 = 20;

/// The refusal, with what came after `expected_seq` if it is about that. Who was refused may see the
/// conversation: they lead it.
pub(super) async fn with_what_came(
    app: &AppState,
    user: &CurrentUser,
    id: ConversationId,
    expected_seq: Option<u64>,
    refused: ApiError,
) -> ApiError {
    let (ApiError::Rejected(Rejection::ConversationMoved { last_seq }), Some(seen)) =
        (&refused, expected_seq)
    else {
        return refused;
    };
    let last_seq = *last_seq;
    let came = async {
        let tenant = user.tenant()?;
        let page = MessagePage::After(seen);
        let rows = app.database.list_messages(tenant, id, page, SHOWN).await?;
        let messages = shown(app, tenant, id, rows).await?;
        serde_json::to_value(messages).map_err(ApiError::internal)
    };
    match came.await {
        Ok(messages) => ApiError::Moved { last_seq, messages },
        Err(error) => error,
    }
}
