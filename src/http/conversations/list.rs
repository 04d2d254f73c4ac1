//! Listing conversations.

use super::ConversationView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::{ConversationId, DepartmentId, Permission, Timestamp, UserId};
use papo_storage::app::{Assignee, Conversation, ConversationFilter, ConversationPosition};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whether a conversation goes on.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusFilter {
    Open,
    Waiting,
    Closed,
}

/// Who leads.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModeFilter {
    Bot,
    Waiting,
    Human,
    Closed,
}

/// Which conversations.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListConversations {
    #[garde(skip)]
    #[param(inline)]
    status: Option<StatusFilter>,
    #[garde(skip)]
    #[param(inline)]
    mode: Option<ModeFilter>,
    /// `me`, `none`, or a user's id.
    #[garde(skip)]
    assignee: Option<String>,
    #[garde(skip)]
    department: Option<Uuid>,
    /// Part of a name, a number, or one of the newest 100 messages of the newest 1,000
    /// conversations.
    #[garde(length(chars, min = 2, max = 100))]
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

impl ListConversations {
    fn filter(&self, user: &CurrentUser) -> Result<ConversationFilter, ApiError> {
        let assignee = match self.assignee.as_deref() {
            None => None,
            Some("me") => Some(Assignee::User(user.id)),
            Some("none") => Some(Assignee::Nobody),
            Some(id) => {
                let fault = |_| FieldFault::new("assignee", "must be me, none or an id");
                let id: Uuid = id.parse().map_err(fault).map_err(ApiError::Unreadable)?;
                Some(Assignee::User(UserId(id)))
            }
        };
        Ok(ConversationFilter {
            status: self.status.map(|status| match status {
                StatusFilter::Open => "open",
                StatusFilter::Waiting => "waiting",
                StatusFilter::Closed => "closed",
            }),
            mode: self.mode.map(|mode| match mode {
                ModeFilter::Bot => "bot",
                ModeFilter::Waiting => "waiting",
                ModeFilter::Human => "human",
                ModeFilter::Closed => "closed",
            }),
            department: self.department.map(DepartmentId),
            assignee,
            text: self.q.clone(),
        })
    }
}

/// Conversations by newest message. Attendants see their own and those of nobody in their
/// departments.
#[utoipa::path(
    tag = "conversations",
    params(ListConversations),
    responses(
        (status = 200, description = "A page of conversations", body = Page<ConversationView>),
        (status = 400, description = "A filter cannot be read", body = ErrorBody),
    )
)]
#[get("/conversations")]
pub(crate) async fn list_conversations(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListConversations>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let filter = query.filter(&user)?;
    let after: Option<(Timestamp, ConversationId)> = query.cursor.key()?;
    let after = after.map(|(last_message_at, id)| ConversationPosition {
        last_message_at,
        id,
    });
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_conversations(tenant, &user.sight(), &filter, after, limit)
        .await?;
    let key = |row: &Conversation| (row.last_message_at, row.id);
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, ConversationView::from)))
}
