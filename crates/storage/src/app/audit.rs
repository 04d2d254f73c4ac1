//! The audit trail: added to in the transaction that does what it tells, read page by page, never
//! changed.

use super::sessions::Device;
use crate::schema::{audit_events, users};
use crate::{Database, DbError};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use papo_domain::{Role, TenantId, Timestamp, UserId};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// Something that somebody does.
#[derive(Clone, Debug, Default)]
pub struct AuditEntry {
    /// Such as `authentication`.
    pub category: &'static str,
    /// Such as `login`.
    pub action: &'static str,
    /// Who; not known where nobody could prove to be anybody.
    pub actor: Option<UserId>,
    pub actor_name: Option<String>,
    pub actor_role: Option<Role>,
    /// Such as `user`.
    pub object_kind: Option<&'static str>,
    pub object_id: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub device: Device,
    pub request_id: String,
}

impl AuditEntry {
    /// About a thing of that kind.
    #[must_use]
    pub fn about(mut self, kind: &'static str, id: impl ToString) -> Self {
        self.object_kind = Some(kind);
        self.object_id = Some(id.to_string());
        self
    }

    /// With what was so before.
    #[must_use]
    pub fn before(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }

    /// With what is so from now on. Never a secret, never what a customer wrote.
    #[must_use]
    pub fn after(mut self, after: Value) -> Self {
        self.after = Some(after);
        self
    }

    /// With what changes: of the fields of both objects, those that differ.
    #[must_use]
    pub fn change(mut self, before: &Value, after: &Value) -> Self {
        let differing = |one: &Value, other: &Value| -> Value {
            let fields = one.as_object().into_iter().flatten();
            let fields = fields.filter(|(name, value)| other.get(*name) != Some(*value));
            Value::Object(
                fields
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Map<_, _>>(),
            )
        };
        // Only what the request names: the rest of what was there is not its business.
        let named = |(name, _): &(&String, &Value)| after.get(name.as_str()).is_some();
        let before = before.as_object().into_iter().flatten().filter(named);
        let before = before.map(|(name, value)| (name.clone(), value.clone()));
        let before = Value::Object(before.collect());
        self.after = Some(differing(after, &before));
        self.before = Some(differing(&before, after));
        self
    }
}

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    pub category: Option<String>,
    pub action: Option<String>,
    pub actor: Option<UserId>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// Something that somebody did.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit_events, check_for_backend(diesel::pg::Pg))]
pub struct AuditEvent {
    pub id: i64,
    pub at: Timestamp,
    pub category: String,
    pub action: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: Option<String>,
    pub actor_role: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: String,
}

#[derive(Insertable)]
#[diesel(table_name = audit_events)]
struct Insert<'a> {
    tenant_id: Uuid,
    category: &'a str,
    action: &'a str,
    actor_id: Option<Uuid>,
    actor_name: Option<&'a str>,
    actor_role: Option<&'a str>,
    object_kind: Option<&'a str>,
    object_id: Option<&'a str>,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    address: Option<&'a str>,
    user_agent: Option<&'a str>,
    request_id: &'a str,
}

impl Database {
    /// The same database, which adds `entry` to the audit trail in the transaction of the next
    /// call, if that succeeds. For one call.
    #[must_use]
    pub fn noting(&self, entry: AuditEntry) -> Self {
        let mut noting = self.clone();
        noting.note = Some(Arc::new(entry));
        noting
    }

    /// Adds an entry about what no other write goes with.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn note(&self, tenant: TenantId, entry: AuditEntry) -> Result<(), DbError> {
        self.noting(entry).scoped(tenant, async |_| Ok(())).await
    }

    /// The trail, newest first; `before` is the last of the page before.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn list_audit_events(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        before: Option<(Timestamp, i64)>,
        limit: i64,
    ) -> Result<Vec<AuditEvent>, DbError> {
        use audit_events as a;
        let known = users::table.on(users::tenant_id
            .eq(a::tenant_id)
            .and(a::actor_id.eq(users::id.nullable())));
        let mut query = a::table
            .left_join(known)
            .filter(a::tenant_id.eq(tenant.0))
            .order((a::at.desc(), a::id.desc()))
            .limit(limit)
            .select((AuditEvent::as_select(), users::full_name.nullable()))
            .into_boxed();
        if let Some(category) = &filter.category {
            query = query.filter(a::category.eq(category));
        }
        if let Some(action) = &filter.action {
            query = query.filter(a::action.eq(action));
        }
        if let Some(actor) = filter.actor {
            query = query.filter(a::actor_id.eq(actor.0));
        }
        if let Some(kind) = &filter.object_kind {
            query = query.filter(a::object_kind.eq(kind));
        }
        if let Some(id) = &filter.object_id {
            query = query.filter(a::object_id.eq(id));
        }
        if let Some(from) = filter.from {
            query = query.filter(a::at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(a::at.lt(to));
        }
        if let Some((at, id)) = before {
            let same = a::at.eq(at).and(a::id.lt(id));
            query = query.filter(a::at.le(at).and(a::at.lt(at).or(same)));
        }
        self.scoped(tenant, async |conn| {
            let rows: Vec<(AuditEvent, Option<String>)> = query.load(conn).await?;
            let named = |(event, name): (AuditEvent, Option<String>)| AuditEvent {
                actor_name: event.actor_name.or(name),
                ..event
            };
            Ok(rows.into_iter().map(named).collect())
        })
        .await
    }
}

/// Adds an entry inside of a transaction in the tenant's scope.
pub(crate) async fn write(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
    entry: &AuditEntry,
) -> Result<(), DbError> {
    diesel::insert_into(audit_events::table)
        .values(Insert {
            tenant_id: tenant.0,
            category: entry.category,
            action: entry.action,
            actor_id: entry.actor.map(|actor| actor.0),
            actor_name: entry.actor_name.as_deref(),
            actor_role: entry.actor_role.map(Role::name),
            object_kind: entry.object_kind,
            object_id: entry.object_id.as_deref(),
            before: entry.before.as_ref(),
            after: entry.after.as_ref(),
            address: entry.device.address.as_deref(),
            user_agent: entry.device.user_agent.as_deref(),
            request_id: &entry.request_id,
        })
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::AuditEntry;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({ "role": "attendant", "is_active": true, "name": "Ana", "x": 1 });
        let after = json!({ "role": "supervisor", "is_active": true, "y": 2 });
        let entry = AuditEntry::default().change(&before, &after);
        assert_eq!(entry.before, Some(json!({ "role": "attendant" })));
        assert_eq!(entry.after, Some(json!({ "role": "supervisor", "y": 2 })));
    }
}
