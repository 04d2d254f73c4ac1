//! Finding canned replies.

use super::{CannedReplyView, reader};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::{CannedReplyId, Permission};
use papo_storage::app::CannedReply;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which canned replies.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCannedReplies {
    /// What a shortcut begins with, with or without the `/`, or words of title and text.
    #[garde(length(chars, max = 100))]
    q: Option<String>,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// The canned replies of everybody, of the caller's departments, and the caller's own, by
/// shortcut. With `q`, those whose shortcut begins with it come first.
#[utoipa::path(
    tag = "canned replies",
    params(ListCannedReplies),
    responses(
        (status = 200, description = "A page of canned replies", body = Page<CannedReplyView>),
        (status = 400, description = "A parameter cannot be read", body = ErrorBody),
    )
)]
#[get("/canned-replies")]
pub(crate) async fn list_canned_replies(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListCannedReplies>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let after: Option<(i32, String, CannedReplyId)> = query.cursor.key()?;
    let text = query.q.as_deref().map(str::trim);
    let text = text.filter(|text| !text.is_empty());
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_canned_replies(user.tenant()?, &reader(&user), text, after, limit)
        .await?;
    let key = |row: &CannedReply| (row.rank, row.shortcut.clone(), row.id);
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, CannedReplyView::from)))
}
