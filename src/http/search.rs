//! Words in messages.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::conversations::Named;
use crate::http::extract::{Cursor, Page, Query};
use crate::http::rules;
use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::content::MessageKind;
use papo_domain::{ChannelId, ConversationId, CustomerId, DepartmentId, Permission, UserId};
use papo_storage::app::{HIT, HitPosition, MessageFilter, MessageHit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Who wrote.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SenderFilter {
    Customer,
    Bot,
    Attendant,
    Phone,
    System,
}

/// What is looked for, and where.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchMessages {
    /// Words, all of which a message holds; without regard to case, accents and endings. The first
    /// 16 count.
    #[garde(length(chars, min = 2, max = 200))]
    q: String,
    #[garde(skip)]
    conversation: Option<Uuid>,
    #[garde(skip)]
    customer: Option<Uuid>,
    #[garde(skip)]
    channel: Option<Uuid>,
    #[garde(skip)]
    department: Option<Uuid>,
    /// Who leads the conversation: `me`, or a user's id.
    #[garde(skip)]
    assignee: Option<String>,
    /// A type of message, such as `text`, `image` or `note`.
    #[garde(skip)]
    #[serde(rename = "type")]
    #[param(value_type = Option<String>)]
    kind: Option<MessageKind>,
    #[garde(skip)]
    #[param(inline)]
    sender: Option<SenderFilter>,
    /// Written then or later.
    #[garde(inner(custom(rules::moment)))]
    from: Option<DateTime<Utc>>,
    /// Written before.
    #[garde(inner(custom(rules::moment)))]
    to: Option<DateTime<Utc>>,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 50.
    #[garde(range(min = 1, max = 50))]
    #[serde(default = "few")]
    #[param(default = 20)]
    limit: u32,
}

fn few() -> u32 {
    20
}

/// A message that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    message_id: Uuid,
    conversation_id: Uuid,
    /// Place in the conversation.
    seq: i64,
    customer: Named,
    /// The address that messages of the conversation go to.
    address: String,
    channel_id: Uuid,
    /// `customer`, `bot`, `attendant`, `phone` or `system`.
    sender_type: String,
    sender: Option<Named>,
    message_type: String,
    sent_at: DateTime<Utc>,
    /// The words around what was found, in pieces: plain text, nothing in it is markup.
    snippet: Vec<SnippetPiece>,
}

/// A piece of a snippet.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SnippetPiece {
    text: String,
    /// Whether this is what was looked for.
    hit: bool,
}

impl From<MessageHit> for HitView {
    fn from(row: MessageHit) -> Self {
        Self {
            message_id: row.message_id,
            conversation_id: row.conversation_id,
            seq: row.seq,
            customer: Named {
                id: row.customer_id,
                name: row.customer_name,
            },
            address: row.address,
            channel_id: row.channel_id,
            sender_type: row.sender,
            sender: row.sender_user_id.map(|id| Named {
                id,
                name: row.sender_name,
            }),
            message_type: row.kind,
            sent_at: row.sent_at,
            snippet: pieces(&row.snippet),
        }
    }
}

/// A snippet, cut where hits begin and end.
fn pieces(snippet: &str) -> Vec<SnippetPiece> {
    let (begin, end) = HIT;
    let mut pieces = Vec::new();
    let mut piece = |text: &str, hit| {
        if !text.is_empty() {
            let text = text.to_owned();
            pieces.push(SnippetPiece { text, hit });
        }
    };
    let mut rest = snippet;
    while let Some((before, hit)) = rest.split_once(begin) {
        let (hit, after) = hit.split_once(end).unwrap_or((hit, ""));
        piece(before, false);
        piece(hit, true);
        rest = after;
    }
    piece(rest, false);
    pieces
}

impl SearchMessages {
    fn filter(&self, user: &CurrentUser) -> Result<MessageFilter, ApiError> {
        let assignee = match self.assignee.as_deref() {
            None => None,
            Some("me") => Some(user.id),
            Some(id) => {
                let fault = |_| FieldFault::new("assignee", "must be me or an id");
                let id: Uuid = id.parse().map_err(fault).map_err(ApiError::Unreadable)?;
                Some(UserId(id))
            }
        };
        let kind = match self.kind.map(serde_json::to_value).transpose() {
            Ok(Some(serde_json::Value::String(word))) => Some(word),
            _ => None,
        };
        Ok(MessageFilter {
            conversation: self.conversation.map(ConversationId),
            customer: self.customer.map(CustomerId),
            channel: self.channel.map(ChannelId),
            department: self.department.map(DepartmentId),
            assignee,
            kind,
            sender: self.sender.map(|sender| match sender {
                SenderFilter::Customer => "customer",
                SenderFilter::Bot => "bot",
                SenderFilter::Attendant => "attendant",
                SenderFilter::Phone => "phone",
                SenderFilter::System => "system",
            }),
            from: self.from,
            to: self.to,
        })
    }
}

/// Messages that hold all of these words, in conversations that the caller sees. Newer thousands of
/// a tenant's messages come before older ones; among them what fits best, then the newest. What was
/// just written can be found a second later.
#[utoipa::path(
    tag = "search",
    params(SearchMessages),
    responses(
        (status = 200, description = "A page of messages", body = Page<HitView>),
        (status = 400, description = "A filter cannot be read", body = ErrorBody),
        (status = 422, description = "Too few or too many characters", body = ErrorBody),
    )
)]
#[get("/search/messages")]
pub(crate) async fn search_messages(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<SearchMessages>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let filter = query.filter(&user)?;
    let after: Option<(i32, f32, i64)> = query.cursor.key()?;
    let after = after.map(|(block, rank, id)| HitPosition { block, rank, id });
    let limit = i32::try_from(query.limit).unwrap_or(i32::MAX);
    let rows = app
        .database
        .search_messages(
            tenant,
            &user.sight(),
            &query.q,
            &filter,
            after,
            limit.saturating_add(1),
        )
        .await?;
    let key = |row: &MessageHit| (row.block, row.rank, row.id);
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, HitView::from)))
}

#[cfg(test)]
mod tests {
    use super::{SnippetPiece, pieces};

    #[test]
    fn a_snippet_is_cut_at_its_hits() {
        let piece = |text: &str, hit| SnippetPiece {
            text: text.to_owned(),
            hit,
        };
        assert_eq!(
            pieces("o \u{2}prazo\u{3} de <b> \u{2}entrega\u{3}"),
            [
                piece("o ", false),
                piece("prazo", true),
                piece(" de <b> ", false),
                piece("entrega", true)
            ]
        );
        assert_eq!(pieces("nada"), [piece("nada", false)]);
        assert_eq!(
            pieces("cortado \u{2}no meio"),
            [piece("cortado ", false), piece("no meio", true)]
        );
        assert_eq!(pieces(""), []);
    }
}
