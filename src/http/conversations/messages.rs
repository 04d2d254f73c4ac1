//! The messages of a conversation, in both directions.

use super::shown::shown;
use super::{MessageView, must_see};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::{Id, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::{ConversationId, Permission};
use papo_storage::app::MessagePage;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which messages. Without a bound: the newest.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListMessages {
    /// Older than this `seq`, newest first.
    #[garde(skip)]
    before: Option<u64>,
    /// Newer than this `seq`, oldest first.
    #[garde(skip)]
    after: Option<u64>,
    /// The cursor of the page before, in the same direction.
    #[garde(length(chars, max = 24))]
    cursor: Option<String>,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

impl ListMessages {
    /// A cursor continues the direction that `before` or `after` began; alone it goes back in
    /// time, like a list that began with the newest.
    fn page(&self) -> Result<MessagePage, ApiError> {
        let unreadable =
            |field: &str, problem: &str| ApiError::Unreadable(FieldFault::new(field, problem));
        let cursor = self.cursor.as_deref().map(str::parse::<u64>).transpose();
        let cursor =
            cursor.map_err(|_not_a_number| unreadable("cursor", "is not a valid cursor"))?;
        match (self.before, self.after) {
            (Some(_), Some(_)) => Err(unreadable("after", "cannot go with before")),
            (None, Some(seq)) => Ok(MessagePage::After(cursor.unwrap_or(seq))),
            (Some(seq), None) => Ok(MessagePage::Before(cursor.unwrap_or(seq))),
            (None, None) => Ok(cursor.map_or(MessagePage::Newest, MessagePage::Before)),
        }
    }
}

/// A page of messages: the newest, older ones (`before`), or newer ones (`after`).
#[utoipa::path(
    tag = "conversations",
    params(("id" = uuid::Uuid, Path), ListMessages),
    responses(
        (status = 200, description = "A page of messages", body = Page<MessageView>),
        (status = 404, description = "No such conversation for the caller", body = ErrorBody),
    )
)]
#[get("/conversations/{id}/messages")]
pub(crate) async fn list_messages(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<ConversationId>,
    Query(query): Query<ListMessages>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let page = query.page()?;
    let tenant = must_see(&app, &user, id).await?;
    let limit = i64::from(query.limit) + 1;
    let mut rows = app.database.list_messages(tenant, id, page, limit).await?;
    let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next_cursor = rows.last().filter(|_| more).map(|row| row.seq.to_string());
    Ok(HttpResponse::Ok().json(Page {
        data: shown(&app, tenant, id, rows).await?,
        next_cursor,
    }))
}

#[cfg(test)]
mod tests {
    use super::ListMessages;
    use papo_storage::app::MessagePage;

    fn page(before: Option<u64>, after: Option<u64>, cursor: Option<&str>) -> Option<MessagePage> {
        let query = ListMessages {
            before,
            after,
            cursor: cursor.map(str::to_owned),
            limit: 50,
        };
        query.page().ok()
    }

    #[test]
    fn a_cursor_keeps_the_direction() {
        assert_eq!(page(None, None, None), Some(MessagePage::Newest));
        assert_eq!(page(None, None, Some("7")), Some(MessagePage::Before(7)));
        assert_eq!(page(Some(9), None, Some("7")), Some(MessagePage::Before(7)));
        assert_eq!(page(None, Some(1), None), Some(MessagePage::After(1)));
        assert_eq!(page(None, Some(1), Some("7")), Some(MessagePage::After(7)));
        assert_eq!(page(Some(1), Some(2), None), None);
        assert_eq!(page(None, None, Some("x")), None);
    }
}
