//! Customers as clients see them.

use crate::http::conversations::Named;
use chrono::{DateTime, Utc};
use papo_domain::customer::AttributeKind;
use papo_storage::app::{
    Customer, CustomerAlias, CustomerConversation, CustomerMerge, CustomerRecord,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A customer in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerLine {
    id: Uuid,
    /// For people to read out.
    number: i64,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    /// How many of their conversations the caller sees.
    conversations: i64,
    first_seen_at: DateTime<Utc>,
    /// When they wrote last, as far as the caller sees.
    last_seen_at: Option<DateTime<Utc>>,
    /// The customer whose record this one became part of.
    merged_into: Option<Uuid>,
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerDetail {
    #[serde(flatten)]
    line: CustomerLine,
    notes: Option<String>,
    /// Values of the tenant's attributes, by their keys.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    /// What providers know them by.
    aliases: Vec<AliasView>,
    /// Those that the caller sees, newest first.
    #[serde(rename = "conversation_list")]
    shown: Vec<CustomerConversationView>,
    /// Records that became part of this one, newest first.
    merges: Vec<MergeView>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A name of a customer at a provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AliasView {
    /// `wa_id`, `bsuid` or `group`.
    kind: String,
    value: String,
}

/// A conversation of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerConversationView {
    id: Uuid,
    channel: Named,
    /// The address that messages go to.
    address: String,
    /// `open`, `waiting` or `closed`.
    status: String,
    /// `bot`, `waiting`, `human` or `closed`.
    mode: String,
    assigned_user: Option<Named>,
    department: Option<Named>,
    /// `seq` of the newest message.
    last_seq: i64,
    unread_count: i32,
    last_message_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// A merge that stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergeView {
    /// To undo it with.
    id: Uuid,
    /// Whose record it was.
    source_id: Uuid,
    by_user_id: Uuid,
    at: DateTime<Utc>,
}

impl From<Customer> for CustomerLine {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id,
            number: customer.number,
            name: customer.name,
            phone: customer.phone,
            email: customer.email,
            conversations: customer.conversations,
            first_seen_at: customer.first_seen_at.unwrap_or(customer.created_at),
            last_seen_at: customer.last_seen_at,
            merged_into: customer.merged_into,
        }
    }
}

impl CustomerDetail {
    /// With the values of the attributes that there are.
    pub(super) fn of(record: CustomerRecord, known: &BTreeMap<String, AttributeKind>) -> Self {
        let customer = record.customer;
        let mut attributes = match &customer.metadata {
            Value::Object(all) => all.clone(),
            _ => Map::new(),
        };
        attributes.retain(|key, _| known.contains_key(key));
        Self {
            notes: customer.notes.clone(),
            attributes,
            aliases: record.aliases.into_iter().map(AliasView::from).collect(),
            shown: record.conversations.into_iter().map(Into::into).collect(),
            merges: record.merges.into_iter().map(MergeView::from).collect(),
            created_at: customer.created_at,
            updated_at: customer.updated_at,
            line: customer.into(),
        }
    }
}

impl From<CustomerAlias> for AliasView {
    fn from(alias: CustomerAlias) -> Self {
        Self {
            kind: alias.kind,
            value: alias.value,
        }
    }
}

impl From<CustomerMerge> for MergeView {
    fn from(merge: CustomerMerge) -> Self {
        Self {
            id: merge.id,
            source_id: merge.source_id,
            by_user_id: merge.by_user_id,
            at: merge.at,
        }
    }
}

impl From<CustomerConversation> for CustomerConversationView {
    fn from(row: CustomerConversation) -> Self {
        let named = |id: Option<Uuid>, name| id.map(|id| Named { id, name });
        Self {
            id: row.id,
            channel: Named {
                id: row.channel_id,
                name: Some(row.channel_name),
            },
            address: row.address,
            status: row.status,
            mode: row.mode,
            assigned_user: named(row.assigned_user_id, row.assigned_name),
            department: named(row.department_id, row.department_name),
            last_seq: row.last_seq,
            unread_count: row.unread_count,
            last_message_at: row.last_message_at,
            created_at: row.created_at,
        }
    }
}
