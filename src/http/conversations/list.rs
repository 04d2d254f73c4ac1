//! Listing conversations.

use super::ConversationView;
use super::priority::PriorityName;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::{
    ChannelId, ConversationId, DepartmentId, LabelId, Permission, Timestamp, UserId,
};
use papo_storage::app::{
    Assignee, Conversation, ConversationFilter, ConversationOrder, ConversationPosition,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whether a conversation goes on.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusFilter {
    /// Open or waiting.
    Active,
    Open,
    Waiting,
    Closed,
    Archived,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// The newest message.
    #[default]
    Newest,
    /// The longest wait for a person's answer; only conversations in which somebody waits.
    Waiting,
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

/// Tells the cursors of one order from those of another.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Waiting {
    Waiting,
}

/// Which conversations.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListConversations {
    /// Left out: all but archived ones; together with `q`, these too.
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
    #[garde(skip)]
    channel: Option<Uuid>,
    #[garde(skip)]
    label: Option<Uuid>,
    #[garde(skip)]
    #[param(inline)]
    priority: Option<PriorityName>,
    /// Whether something in it is unread.
    #[garde(skip)]
    unread: Option<bool>,
    /// Whether it is out of the way for a while.
    #[garde(skip)]
    snoozed: Option<bool>,
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// Part of a name, without regard to accents, of a number, or of one of the newest 100 messages
    /// of the newest 1,000 conversations. Older words are found by `GET /search/messages`.
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
    fn statuses(&self) -> Option<&'static [&'static str]> {
        Some(match self.status {
            Some(StatusFilter::Active) => &["open", "waiting"],
            Some(StatusFilter::Open) => &["open"],
            Some(StatusFilter::Waiting) => &["waiting"],
            Some(StatusFilter::Closed) => &["closed"],
            Some(StatusFilter::Archived) => &["archived"],
            None if self.q.is_some() => return None,
            None => &["open", "waiting", "closed"],
        })
    }

    /// A cursor of one order says nothing in another.
    fn after(&self) -> Result<Option<ConversationPosition>, ApiError> {
        let (at, id) = match self.order {
            Order::Newest => match self.cursor.key::<(Timestamp, ConversationId)>()? {
                Some(key) => key,
                None => return Ok(None),
            },
            Order::Waiting => match self.cursor.key::<(Waiting, Timestamp, ConversationId)>()? {
                Some((_, at, id)) => (at, id),
                None => return Ok(None),
            },
        };
        Ok(Some(ConversationPosition { at, id }))
    }

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
            status: self.statuses(),
            mode: self.mode.map(|mode| match mode {
                ModeFilter::Bot => "bot",
                ModeFilter::Waiting => "waiting",
                ModeFilter::Human => "human",
                ModeFilter::Closed => "closed",
            }),
            department: self.department.map(DepartmentId),
            channel: self.channel.map(ChannelId),
            label: self.label.map(LabelId),
            priority: self.priority.map(PriorityName::word),
            unread: self.unread,
            snoozed: self.snoozed,
            order: match self.order {
                Order::Newest => ConversationOrder::Newest,
                Order::Waiting => ConversationOrder::LongestWaiting,
            },
            assignee,
            text: self.q.clone(),
        })
    }
}

/// Conversations, the newest message first unless `order` says otherwise. Attendants see their own and those of nobody in their
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
    let after = query.after()?;
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_conversations(tenant, &user.sight(), &filter, after, limit)
        .await?;
    let key = |row: &Conversation| match query.order {
        Order::Newest => json!([row.last_message_at, row.id]),
        Order::Waiting => json!([Waiting::Waiting, row.waiting_since, row.id]),
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, ConversationView::from)))
}
