//! The audit trail: what goes into it, and reading it.

mod action;
mod list;

pub(crate) use action::Action;
pub(crate) use list::list_audit_events;

use crate::app::AppState;
use papo_domain::TenantId;
use papo_storage::app::AuditEntry;
use serde_json::Value;

/// Adds an entry about what has been done already, elsewhere than in a transaction of this side.
/// What was done stands, also where this fails.
pub(crate) async fn note_done(app: &AppState, tenant: TenantId, entry: AuditEntry) {
    let action = entry.action;
    if let Err(error) = app.database.note(tenant, entry).await {
        tracing::error!(tenant.id = %tenant, action, %error, "the audit trail lacks an entry");
    }
}

/// Of these fields, those that have a value: what a change names.
pub(crate) fn named<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let set = fields.into_iter();
    let set = set.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(set.collect())
}
