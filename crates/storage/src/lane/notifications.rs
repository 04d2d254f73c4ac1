//! What single people are told of, with the commit that says why. Each is told in the stream as
//! well, to that person alone.

use crate::engine::columns::bigint;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::children::Winner;
use crate::lane::stream::Draft;
use papo_domain::conversation::Audience;
use papo_domain::ports::EventBody;
use uuid::Uuid;

/// One that is there already was told before.
const NOTIFY: &str = "
INSERT INTO notifications (tenant_id, user_id, id, kind, conversation_id, message_seq, by_user_id)
SELECT u.tenant_id, u.user_id, u.id, u.kind, u.conversation_id, u.message_seq, u.by_user_id
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::uuid[])
     AS u(tenant_id, user_id, id, kind, conversation_id, message_seq, by_user_id)
ON CONFLICT DO NOTHING";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[NOTIFY];

/// Stores the notifications of every commit.
pub(crate) async fn store(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    let rows: Vec<_> = winners
        .iter()
        .flat_map(|(tenant, commit)| {
            let own = commit.notifications.iter();
            own.map(move |told| (tenant.0, commit.conversation.0, told))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let tenants: Vec<Uuid> = rows.iter().map(|(tenant, ..)| *tenant).collect();
    let users: Vec<Uuid> = rows.iter().map(|(.., told)| told.user.0).collect();
    let ids: Vec<Uuid> = rows.iter().map(|(.., told)| told.id.0).collect();
    let kinds: Vec<&str> = rows.iter().map(|(.., told)| told.kind.name()).collect();
    let conversations: Vec<Uuid> = rows.iter().map(|(_, id, _)| *id).collect();
    let seqs: Vec<Option<i64>> = rows
        .iter()
        .map(|(.., told)| told.message_seq.map(bigint))
        .collect();
    let by: Vec<Option<Uuid>> = rows
        .iter()
        .map(|(.., told)| told.by.map(|user| user.0))
        .collect();
    link.execute(
        NOTIFY,
        &[&tenants, &users, &ids, &kinds, &conversations, &seqs, &by],
    )
    .await?;
    Ok(())
}

/// What a commit tells single people.
pub(crate) fn drafts((tenant, commit): Winner<'_>) -> impl Iterator<Item = Draft> {
    commit.notifications.iter().map(move |told| Draft {
        tenant,
        conversation: commit.conversation,
        version: None,
        body: EventBody::Notification {
            notification: told.id,
            kind: told.kind,
            message_seq: told.message_seq,
            by: told.by,
        },
        audience: Audience::Only(told.user),
        prior: None,
        message: None,
    })
}
