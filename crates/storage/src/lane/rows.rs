//! The rows of a conversation's new version: messages, outbox, the list row, and the drafts of
//! its events. One statement for each table and any number of conversations.

use crate::engine::columns::{bigint, class, json, sender, text, word};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::children::Winner;
use crate::lane::stream::Draft;
use papo_domain::conversation::{Event, Listing, MessageDraft};
use papo_domain::ports::{DeliveryStatus, EventBody, MessageView};
use papo_domain::{MessageId, Timestamp};
use std::borrow::Cow;
use uuid::Uuid;

const MESSAGES: &str = "
INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, sender_user_id, kind, text, body,
                      external_id, quoted, context, sent_at, late, delivery)
SELECT u.tenant_id, u.conversation_id, u.seq, u.id, u.sender, u.sender_user_id, u.kind, u.text,
       u.body::json, u.external_id, u.quoted, u.context::json, u.sent_at, u.late, u.delivery
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[],
            $14::boolean[], $15::smallint[])
     AS u(tenant_id, conversation_id, seq, id, sender, sender_user_id, kind, text, body,
          external_id, quoted, context, sent_at, late, delivery)";

const OUTBOX: &str = "
INSERT INTO outbox (tenant_id, id, conversation_id, seq, channel_id, class, epoch)
SELECT u.tenant_id, u.id, u.conversation_id, u.seq, u.channel_id, u.class, u.epoch
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::smallint[], $7::bigint[])
     AS u(tenant_id, id, conversation_id, seq, channel_id, class, epoch)";

const LISTING: &str = "
UPDATE conversations c
SET status = u.status, mode = u.mode, assigned_user_id = u.assigned_user_id,
    department_id = u.department_id, priority = u.priority, menu_level = u.menu_level,
    unread_count = u.unread_count, last_seq = u.last_seq, last_message_at = u.last_message_at,
    last_inbound_at = u.last_inbound_at, session_at = u.session_at, ended_at = u.ended_at,
    quarantined = u.quarantined, offered_user_id = u.offered_user_id,
    offer_expires_at = u.offer_expires_at, archived_at = u.archived_at, snoozed_until = u.snoozed_until,
    waiting_since = u.waiting_since, rating = u.rating, updated_at = now()
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
            $8::text[], $9::int[], $10::bigint[], $11::timestamptz[], $12::timestamptz[],
            $13::timestamptz[], $14::timestamptz[], $15::boolean[], $16::timestamptz[],
            $17::timestamptz[], $18::timestamptz[], $19::smallint[], $20::uuid[], $21::timestamptz[])
     AS u(tenant_id, id, status, mode, assigned_user_id, department_id, priority, menu_level,
          unread_count, last_seq, last_message_at, last_inbound_at, session_at, ended_at, quarantined,
          archived_at, snoozed_until, waiting_since, rating, offered_user_id, offer_expires_at)
WHERE c.tenant_id = u.tenant_id AND c.id = u.id";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[MESSAGES, OUTBOX, LISTING];

#[derive(Default)]
struct Messages<'a> {
    tenant: Vec<Uuid>,
    conversation: Vec<Uuid>,
    seq: Vec<i64>,
    id: Vec<Uuid>,
    sender: Vec<&'static str>,
    sender_user: Vec<Option<Uuid>>,
    kind: Vec<String>,
    text: Vec<Cow<'a, str>>,
    body: Vec<String>,
    external_id: Vec<Option<Cow<'a, str>>>,
    quoted: Vec<Option<Cow<'a, str>>>,
    context: Vec<Option<String>>,
    sent_at: Vec<Timestamp>,
    late: Vec<bool>,
    delivery: Vec<Option<i16>>,
}

impl<'a> Messages<'a> {
    fn push(
        &mut self,
        (tenant, commit): Winner<'a>,
        message: &'a MessageDraft,
    ) -> Result<(), Fault> {
        let (sender, user) = sender(message.sender);
        self.tenant.push(tenant.0);
        self.conversation.push(commit.conversation.0);
        self.seq.push(bigint(message.seq));
        self.id.push(message.id.0);
        self.sender.push(sender);
        self.sender_user.push(user);
        self.kind.push(word(&message.kind)?);
        self.text.push(text(message.body.text()));
        self.body.push(json(&message.body)?);
        self.external_id
            .push(message.external_id.as_deref().map(text));
        self.quoted
            .push(message.quote.as_ref().map(|q| text(&q.external_id)));
        self.context
            .push(message.context.as_ref().map(json).transpose()?);
        self.sent_at.push(message.sent_at);
        self.late.push(message.late);
        self.delivery
            .push(first_status(commit, message.seq).map(DeliveryStatus::rank));
        Ok(())
    }
}

/// The status a message begins with: none unless it is to be sent.
fn first_status(commit: &papo_domain::ports::Commit, seq: u64) -> Option<DeliveryStatus> {
    let sent = commit.outbox.iter().any(|row| row.seq == seq);
    sent.then_some(DeliveryStatus::Queued)
}

/// Stores the rows.
pub(crate) async fn store(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    tokio::try_join!(
        biased;
        insert_messages(link, winners),
        insert_outbox(link, winners),
        update_listing(link, winners),
    )?;
    Ok(())
}

async fn insert_messages(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    let mut m = Messages::default();
    for winner in winners {
        for message in &winner.1.messages {
            m.push(*winner, message)?;
        }
    }
    if m.tenant.is_empty() {
        return Ok(());
    }
    link.execute(
        MESSAGES,
        &[
            &m.tenant,
            &m.conversation,
            &m.seq,
            &m.id,
            &m.sender,
            &m.sender_user,
            &m.kind,
            &m.text,
            &m.body,
            &m.external_id,
            &m.quoted,
            &m.context,
            &m.sent_at,
            &m.late,
            &m.delivery,
        ],
    )
    .await?;
    Ok(())
}

async fn insert_outbox(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    let rows: Vec<_> = winners
        .iter()
        .flat_map(|(tenant, c)| {
            c.outbox
                .iter()
                .map(move |row| (*tenant, c.conversation, row))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let tenants: Vec<Uuid> = rows.iter().map(|(tenant, ..)| tenant.0).collect();
    let ids: Vec<Uuid> = rows
        .iter()
        .map(|(_, conversation, row)| MessageId::of(*conversation, row.seq).0)
        .collect();
    let conversations: Vec<Uuid> = rows.iter().map(|(_, c, _)| c.0).collect();
    let seqs: Vec<i64> = rows.iter().map(|(.., row)| bigint(row.seq)).collect();
    let channels: Vec<Uuid> = rows.iter().map(|(.., row)| row.channel.0).collect();
    let classes: Vec<i16> = rows.iter().map(|(.., row)| class(row.class)).collect();
    let epochs: Vec<Option<i64>> = rows.iter().map(|(.., row)| row.epoch.map(bigint)).collect();
    link.execute(
        OUTBOX,
        &[
            &tenants,
            &ids,
            &conversations,
            &seqs,
            &channels,
            &classes,
            &epochs,
        ],
    )
    .await?;
    Ok(())
}

async fn update_listing(link: &Link, winners: &[Winner<'_>]) -> Result<(), Fault> {
    let lists: Vec<(Uuid, Uuid, &Listing)> = winners
        .iter()
        .filter_map(|(tenant, c)| Some((tenant.0, c.conversation.0, c.listing.as_ref()?)))
        .collect();
    if lists.is_empty() {
        return Ok(());
    }
    fn column<'a, T>(lists: &[(Uuid, Uuid, &'a Listing)], of: impl Fn(&'a Listing) -> T) -> Vec<T> {
        lists.iter().map(|(_, _, l)| of(l)).collect()
    }
    let statuses: Vec<String> = lists
        .iter()
        .map(|(_, _, l)| word(&l.status))
        .collect::<Result<_, _>>()?;
    let priorities: Vec<Option<String>> = lists
        .iter()
        .map(|(_, _, l)| l.priority.as_ref().map(word).transpose())
        .collect::<Result<_, _>>()?;
    link.execute(
        LISTING,
        &[
            &lists.iter().map(|l| l.0).collect::<Vec<Uuid>>(),
            &lists.iter().map(|l| l.1).collect::<Vec<Uuid>>(),
            &statuses,
            &column(&lists, |l| l.mode),
            &column(&lists, |l| l.attendant.map(Uuid::from)),
            &column(&lists, |l| l.department.map(Uuid::from)),
            &priorities,
            &column(&lists, |l| text(&l.menu_level)),
            &column(&lists, |l| i32::try_from(l.unread).unwrap_or(i32::MAX)),
            &column(&lists, |l| bigint(l.last_seq)),
            &column(&lists, |l| l.last_message_at),
            &column(&lists, |l| l.last_inbound_at),
            &column(&lists, |l| l.session_at),
            &column(&lists, |l| l.ended_at),
            &column(&lists, |l| l.quarantined),
            &column(&lists, |l| l.archived_at),
            &column(&lists, |l| l.snoozed_until),
            &column(&lists, |l| l.waiting_since),
            &column(&lists, |l| l.rating.map(i16::from)),
            &column(&lists, |l| l.offer.map(|offer| offer.to.0)),
            &column(&lists, |l| l.offer.map(|offer| offer.expires_at)),
        ],
    )
    .await?;
    Ok(())
}

/// The events of a commit, for the stream.
pub(crate) fn drafts((tenant, commit): Winner<'_>) -> impl Iterator<Item = Draft> {
    commit.events.iter().map(move |draft| Draft {
        tenant,
        conversation: commit.conversation,
        version: Some(commit.expected_version + 1),
        body: EventBody::Conversation {
            event: draft.event.clone(),
        },
        audience: draft.audience,
        prior: draft.prior,
        message: match &draft.event {
            Event::MessageAdded { seq, .. } => commit
                .messages
                .iter()
                .find(|message| message.seq == *seq)
                .map(|message| view(message, first_status(commit, *seq))),
            _ => None,
        },
    })
}

fn view(message: &MessageDraft, status: Option<DeliveryStatus>) -> MessageView {
    MessageView {
        id: message.id,
        seq: message.seq,
        sender: message.sender,
        kind: message.kind,
        body: Some(message.body.clone()),
        external_id: message.external_id.clone(),
        quoted: message.quote.as_ref().map(|q| q.external_id.clone()),
        sent_at: message.sent_at,
        late: message.late,
        status,
    }
}
