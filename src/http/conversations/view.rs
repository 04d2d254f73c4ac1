//! Conversations and messages as clients see them.

use crate::http::labels::LabelView;
use crate::http::media::MediaView;
use chrono::{DateTime, Utc};
use papo_domain::conversation::{Body, REPLY_WINDOW};
use papo_domain::later;
use papo_storage::app::{Conversation, MessageRecord};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// One conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    pub id: Uuid,
    pub channel_id: Uuid,
    pub customer: CustomerView,
    /// `open`, `waiting`, `closed` or `archived`.
    pub status: String,
    /// Who leads: `bot`, `waiting`, `human` or `closed`.
    pub mode: String,
    pub assigned_user: Option<Named>,
    pub department: Option<Named>,
    /// Of this session, once something was said about it; of one that waits, its place in the
    /// queue.
    pub priority: Option<String>,
    /// Where the bot stands.
    pub current_menu_level: String,
    pub needs_human_attention: bool,
    pub unread_count: i32,
    /// `seq` of the newest message.
    pub last_seq: i64,
    pub last_message: Option<LastMessage>,
    pub last_message_at: Option<DateTime<Utc>>,
    /// Until when free text can be sent; `null` if the customer never wrote.
    pub window_closes_at: Option<DateTime<Utc>>,
    pub session_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Supervision has taken the automatic part away.
    pub quarantined: bool,
    /// Who is being asked to take it, while it waits.
    pub offered_user_id: Option<Uuid>,
    pub offer_expires_at: Option<DateTime<Utc>>,
    /// When it was put away.
    pub archived_at: Option<DateTime<Utc>>,
    /// Until when it is out of the way.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// What the customer said of the session that ended, 1 to 5.
    pub rating: Option<i16>,
    /// By name.
    #[schema(value_type = Vec<LabelView>)]
    pub labels: Value,
    /// Since when the customer waits for a person's answer.
    pub waiting_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// Who writes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerView {
    pub id: Uuid,
    pub name: Option<String>,
    /// The phone number, where it is known.
    pub phone: Option<String>,
    /// The address that messages go to.
    pub address: String,
    pub is_group: bool,
}

/// Something with a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Named {
    pub id: Uuid,
    pub name: Option<String>,
}

/// The newest message in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LastMessage {
    /// First 200 characters.
    pub text: String,
    /// `customer`, `bot`, `attendant`, `phone` or `system`.
    pub sender_type: String,
    pub message_type: String,
}

impl From<Conversation> for ConversationView {
    fn from(row: Conversation) -> Self {
        let phone = (row.peer_kind == "wa_id").then(|| row.peer_value.clone());
        let named = |id: Option<Uuid>, name| id.map(|id| Named { id, name });
        let last_message = row
            .last_sender
            .zip(row.last_kind)
            .map(|(sender_type, message_type)| LastMessage {
                text: row.last_text.unwrap_or_default(),
                sender_type,
                message_type,
            });
        Self {
            id: row.id,
            channel_id: row.channel_id,
            customer: CustomerView {
                id: row.customer_id,
                name: row.customer_name,
                phone,
                address: row.peer_value,
                is_group: row.is_group,
            },
            needs_human_attention: row.status == "waiting",
            status: row.status,
            mode: row.mode,
            assigned_user: named(row.assigned_user_id, row.assigned_name),
            department: named(row.department_id, row.department_name),
            priority: row.priority,
            current_menu_level: row.menu_level,
            unread_count: row.unread_count,
            last_seq: row.last_seq,
            last_message,
            last_message_at: row.last_message_at,
            window_closes_at: row.last_inbound_at.map(|at| later(at, REPLY_WINDOW)),
            session_at: row.session_at,
            ended_at: row.ended_at,
            quarantined: row.quarantined,
            offered_user_id: row.offered_user_id,
            offer_expires_at: row.offer_expires_at,
            archived_at: row.archived_at,
            snoozed_until: row.snoozed_until,
            rating: row.rating,
            labels: row.labels,
            waiting_since: row.waiting_since,
            created_at: row.created_at,
        }
    }
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    pub id: Uuid,
    pub conversation_id: Uuid,
    /// Place in the conversation; gap-free.
    pub seq: i64,
    /// `inbound`, `outbound` or `internal`.
    pub direction: &'static str,
    /// `customer`, `bot`, `attendant`, `phone` or `system`.
    pub sender_type: String,
    pub sender_user_id: Option<Uuid>,
    pub sender_name: Option<String>,
    /// Such as `text`, `image`, `interactive`, `note`.
    pub message_type: String,
    /// The words.
    pub text: String,
    /// The whole content, by its `type`; `null` once erased.
    #[schema(value_type = Option<Object>)]
    pub content: Option<Value>,
    /// The file that it brings, and how far that has come.
    pub media: Option<MediaView>,
    /// The provider's id.
    pub external_id: Option<String>,
    /// The provider's id of the message it answers.
    pub quoted: Option<String>,
    /// Forwarded, referral and product context as the provider sent it.
    #[schema(value_type = Option<Object>)]
    pub context: Option<Value>,
    pub sent_at: DateTime<Utc>,
    /// Written before a message that was already there.
    pub late: bool,
    /// `queued`, `sending`, `sent`, `delivered`, `read` …; `null` for what is not sent.
    pub status: Option<&'static str>,
    /// Why it failed.
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    pub created_at: DateTime<Utc>,
}

impl MessageView {
    pub(in crate::http) fn of(
        conversation_id: Uuid,
        row: MessageRecord,
        media: Option<MediaView>,
    ) -> Self {
        let direction = match (row.kind.as_str(), row.sender.as_str()) {
            ("note", _) => "internal",
            (_, "customer") => "inbound",
            _ => "outbound",
        };
        Self {
            id: row.id,
            conversation_id,
            seq: row.seq,
            direction,
            sender_type: row.sender,
            sender_user_id: row.sender_user_id,
            sender_name: row.sender_name,
            message_type: row.kind,
            text: row.text,
            content: row.body.map(content),
            media,
            external_id: row.external_id,
            quoted: row.quoted,
            context: row.context,
            sent_at: row.sent_at,
            late: row.late,
            status: row.delivery.map(papo_domain::ports::DeliveryStatus::name),
            error: row.delivery_error,
            created_at: row.created_at,
        }
    }
}

/// The content without its wrapping. What this version cannot read is shown as it is.
fn content(body: Value) -> Value {
    let inner = match serde_json::from_value::<Body>(body.clone()) {
        Ok(Body::Inbound { content }) => serde_json::to_value(content),
        Ok(Body::Outbound { outbound }) => serde_json::to_value(outbound),
        Ok(Body::Note { text, mentions }) if mentions.is_empty() => {
            Ok(json!({ "type": "note", "text": text }))
        }
        Ok(Body::Note { text, mentions }) => {
            Ok(json!({ "type": "note", "text": text, "mentions": mentions }))
        }
        Err(_) => return body,
    };
    inner.unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::content;
    use papo_domain::Outbound;
    use papo_domain::conversation::Body;
    use serde_json::json;

    #[test]
    fn content_is_shown_by_its_own_type() {
        let stored = |body: &Body| serde_json::to_value(body).expect("json");
        let outbound = Outbound::text("Oi");
        assert_eq!(
            content(stored(&Body::Outbound { outbound }))["type"],
            "text"
        );
        let note = Body::Note {
            text: "nota".to_owned(),
            mentions: Vec::new(),
        };
        assert_eq!(
            content(stored(&note)),
            json!({ "type": "note", "text": "nota" })
        );
        let strange = json!({ "body": "hologram", "x": 1 });
        assert_eq!(content(strange.clone()), strange);
    }
}
