//! What is known of customers changes here, between two batches of messages: names and
//! conversations that a merge moves are found at their new place by whatever comes next. Every
//! conversation of a changed customer is told of in the stream.

use crate::engine::columns::{json, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::Params;
use crate::lane::delivery::audience;
use crate::lane::stream::{Draft, Stream};
use papo_domain::ids::{ConversationId, CustomerId, MergeId, TenantId, UserId};
use papo_domain::ports::{
    CustomerChange, CustomerFields, CustomerOutcome, CustomerRefusal, EventBody,
};
use std::borrow::Cow;
use uuid::Uuid;

const FIND: &str = "
SELECT merged_into FROM customers WHERE tenant_id = $1 AND id = $2 FOR UPDATE";

const EDIT: &str = "
UPDATE customers
SET name = CASE WHEN $3 THEN $4 ELSE name END,
    email = CASE WHEN $5 THEN $6 ELSE email END,
    notes = CASE WHEN $7 THEN $8 ELSE notes END,
    metadata = (metadata - $9::text[]) || $10::text::jsonb
WHERE tenant_id = $1 AND id = $2";

/// What the target takes over from the source: it had nothing there.
const FILLED: &str = "
SELECT array_remove(ARRAY[
           CASE WHEN t.name IS NULL AND s.name IS NOT NULL THEN 'name' END,
           CASE WHEN t.phone IS NULL AND s.phone IS NOT NULL THEN 'phone' END,
           CASE WHEN t.email IS NULL AND s.email IS NOT NULL THEN 'email' END,
           CASE WHEN t.notes IS NULL AND s.notes IS NOT NULL THEN 'notes' END], NULL)
       || ARRAY(SELECT 'metadata.' || k.key FROM jsonb_object_keys(s.metadata) AS k(key)
                WHERE NOT t.metadata ? k.key ORDER BY k.key)
FROM customers t
JOIN customers s ON s.tenant_id = t.tenant_id AND s.id = $3
WHERE t.tenant_id = $1 AND t.id = $2";

const FILL: &str = "
UPDATE customers t
SET name = coalesce(t.name, s.name), phone = coalesce(t.phone, s.phone),
    email = coalesce(t.email, s.email), notes = coalesce(t.notes, s.notes),
    metadata = s.metadata || t.metadata
FROM customers s
WHERE t.tenant_id = $1 AND t.id = $2 AND s.tenant_id = $1 AND s.id = $3";

/// A value that somebody has changed since is the target's own.
const EMPTY: &str = "
UPDATE customers t
SET name = CASE WHEN 'name' = ANY (m.filled) AND t.name = s.name THEN NULL ELSE t.name END,
    phone = CASE WHEN 'phone' = ANY (m.filled) AND t.phone = s.phone THEN NULL ELSE t.phone END,
    email = CASE WHEN 'email' = ANY (m.filled) AND t.email = s.email THEN NULL ELSE t.email END,
    notes = CASE WHEN 'notes' = ANY (m.filled) AND t.notes = s.notes THEN NULL ELSE t.notes END,
    metadata = t.metadata - ARRAY(SELECT k.key FROM jsonb_object_keys(t.metadata) AS k(key)
                                  WHERE 'metadata.' || k.key = ANY (m.filled)
                                    AND t.metadata -> k.key = s.metadata -> k.key)
FROM customer_merges m
JOIN customers s ON s.tenant_id = m.tenant_id AND s.id = m.source_id
WHERE m.tenant_id = $1 AND m.id = $2 AND t.tenant_id = $1 AND t.id = m.target_id";

const MARK: &str = "
UPDATE customers SET merged_into = $3 WHERE tenant_id = $1 AND id = $2";

const MOVE_NAMES: &str = "
UPDATE customer_aliases SET customer_id = $3, merges = merges || $4::uuid
WHERE tenant_id = $1 AND customer_id = $2";

const RETURN_NAMES: &str = "
UPDATE customer_aliases SET customer_id = $3, merges = array_remove(merges, $4::uuid)
WHERE tenant_id = $1 AND customer_id = $2 AND $4 = ANY (merges)";

const MOVE_CONVERSATIONS: &str = "
UPDATE conversations SET customer_id = $3, updated_at = now()
WHERE tenant_id = $1 AND customer_id = $2
RETURNING id";

/// Those that came with the merge, and those that the names which go back began since.
const RETURN_CONVERSATIONS: &str = "
UPDATE conversations c SET customer_id = $3, updated_at = now()
WHERE c.tenant_id = $1 AND c.customer_id = $2
  AND (c.id = ANY ($4)
       OR EXISTS (SELECT FROM conversation_peers p
                  JOIN customer_aliases a
                    ON a.tenant_id = p.tenant_id AND a.kind = p.kind AND a.key = p.key
                  WHERE p.tenant_id = c.tenant_id AND p.conversation_id = c.id
                    AND a.customer_id = $3))";

const RECORD: &str = "
INSERT INTO customer_merges (tenant_id, id, source_id, target_id, by_user_id, conversations, filled)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const RECORDED: &str = "
SELECT m.source_id, m.target_id, m.undone_at IS NOT NULL, m.conversations
FROM customer_merges m WHERE m.tenant_id = $1 AND m.id = $2 FOR UPDATE";

const UNDONE: &str = "
UPDATE customer_merges SET undone_at = now(), undone_by = $3 WHERE tenant_id = $1 AND id = $2";

const CONVERSATIONS: &str = "
SELECT c.id, ARRAY[c.assigned_user_id, c.department_id]
FROM conversations c WHERE c.tenant_id = $1 AND c.customer_id = $2
LIMIT 1000";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    FIND,
    EDIT,
    FILLED,
    FILL,
    EMPTY,
    MARK,
    MOVE_NAMES,
    RETURN_NAMES,
    MOVE_CONVERSATIONS,
    RETURN_CONVERSATIONS,
    RECORD,
    RECORDED,
    UNDONE,
    CONVERSATIONS,
];

/// A rule that is broken changes nothing, and ends neither the batch nor the transaction.
type Ruled<T> = Result<Result<T, CustomerRefusal>, Fault>;

/// Makes a change, and tells the stream of it.
pub(crate) async fn change(
    link: &Link,
    tenant: TenantId,
    change: &CustomerChange,
    stream: &mut Stream,
) -> Result<CustomerOutcome, Fault> {
    let changed = match change {
        CustomerChange::Edit { customer, fields } => edit(link, tenant, *customer, fields).await?,
        CustomerChange::Merge {
            id,
            source,
            target,
            by,
        } => merge(link, tenant, (*id, *by), *source, *target).await?,
        CustomerChange::Unmerge { id, by } => unmerge(link, tenant, *id, *by).await?,
    };
    let touched = match changed {
        Ok(touched) => touched,
        Err(refusal) => return Ok(CustomerOutcome::Refused(refusal)),
    };
    for customer in &touched {
        tell(link, tenant, *customer, stream).await?;
    }
    let now = touched.first().copied();
    now.map(CustomerOutcome::Changed)
        .ok_or_else(|| Fault::Data("a change of nobody".to_owned()))
}

/// Locks a customer's record, which must be whole.
async fn whole(link: &Link, tenant: TenantId, customer: CustomerId) -> Ruled<()> {
    let rows = link.query(FIND, &[&tenant.0, &customer.0]).await?;
    let Some(row) = rows.first() else {
        return Ok(Err(CustomerRefusal::NotFound));
    };
    Ok(match row.try_get::<Option<Uuid>>(0)? {
        None => Ok(()),
        Some(into) => Err(CustomerRefusal::Merged {
            into: CustomerId(into),
        }),
    })
}

async fn edit(
    link: &Link,
    tenant: TenantId,
    customer: CustomerId,
    fields: &CustomerFields,
) -> Ruled<Vec<CustomerId>> {
    if let Err(refusal) = whole(link, tenant, customer).await? {
        return Ok(Err(refusal));
    }
    let value = |field: &Option<Option<String>>| -> Option<String> {
        let value = field.as_ref()?.as_deref()?;
        Some(text(value).into_owned())
    };
    let keys: Vec<Cow<'_, str>> = fields.attributes.keys().map(|key| text(key)).collect();
    let given = fields.attributes.iter();
    let set: serde_json::Map<_, _> = given
        .filter_map(|(key, value)| Some((key.clone(), value.clone()?)))
        .collect();
    let params: Params<'_> = &[
        &tenant.0,
        &customer.0,
        &fields.name.is_some(),
        &value(&fields.name),
        &fields.email.is_some(),
        &value(&fields.email),
        &fields.notes.is_some(),
        &value(&fields.notes),
        &keys,
        &json(&set)?,
    ];
    link.execute(EDIT, params).await?;
    Ok(Ok(vec![customer]))
}

async fn merge(
    link: &Link,
    tenant: TenantId,
    (id, by): (MergeId, UserId),
    source: CustomerId,
    target: CustomerId,
) -> Ruled<Vec<CustomerId>> {
    for customer in [target, source] {
        if let Err(refusal) = whole(link, tenant, customer).await? {
            return Ok(Err(refusal));
        }
    }
    let both: Params<'_> = &[&tenant.0, &target.0, &source.0];
    let filled: Vec<String> = match link.query(FILLED, both).await?.first() {
        Some(row) => row.try_get(0)?,
        None => Vec::new(),
    };
    link.execute(FILL, both).await?;
    link.execute(MARK, &[&tenant.0, &source.0, &Some(target.0)])
        .await?;
    link.execute(MOVE_NAMES, &[&tenant.0, &source.0, &target.0, &id.0])
        .await?;
    let moved = link
        .query(MOVE_CONVERSATIONS, &[&tenant.0, &source.0, &target.0])
        .await?;
    let moved: Vec<Uuid> = moved
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    let record: Params<'_> = &[
        &tenant.0, &id.0, &source.0, &target.0, &by.0, &moved, &filled,
    ];
    link.execute(RECORD, record).await?;
    Ok(Ok(vec![target]))
}

async fn unmerge(link: &Link, tenant: TenantId, id: MergeId, by: UserId) -> Ruled<Vec<CustomerId>> {
    let rows = link.query(RECORDED, &[&tenant.0, &id.0]).await?;
    let Some(row) = rows.first() else {
        return Ok(Err(CustomerRefusal::NotFound));
    };
    let source = CustomerId(row.try_get(0)?);
    let target = CustomerId(row.try_get(1)?);
    if row.try_get(2)? {
        return Ok(Err(CustomerRefusal::Undone));
    }
    let conversations: Vec<Uuid> = row.try_get(3)?;
    match whole(link, tenant, target).await? {
        Ok(()) => {}
        Err(CustomerRefusal::Merged { into }) => {
            return Ok(Err(CustomerRefusal::MergedOn { into }));
        }
        Err(refusal) => return Ok(Err(refusal)),
    }
    link.execute(EMPTY, &[&tenant.0, &id.0]).await?;
    link.execute(MARK, &[&tenant.0, &source.0, &None::<Uuid>])
        .await?;
    link.execute(RETURN_NAMES, &[&tenant.0, &target.0, &source.0, &id.0])
        .await?;
    let back: Params<'_> = &[&tenant.0, &target.0, &source.0, &conversations];
    link.execute(RETURN_CONVERSATIONS, back).await?;
    link.execute(UNDONE, &[&tenant.0, &id.0, &by.0]).await?;
    Ok(Ok(vec![target, source]))
}

async fn tell(
    link: &Link,
    tenant: TenantId,
    customer: CustomerId,
    stream: &mut Stream,
) -> Result<(), Fault> {
    let conversations = link.query(CONVERSATIONS, &[&tenant.0, &customer.0]).await?;
    for row in conversations {
        stream.push(Draft {
            tenant,
            conversation: ConversationId(row.try_get(0)?),
            version: None,
            body: EventBody::Customer { customer },
            audience: audience(row.try_get(1)?),
            prior: None,
            message: None,
        });
    }
    Ok(())
}
