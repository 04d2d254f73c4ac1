//! A tenant as its actors would hold it: conversations with their versions, pending inbox rows, and
//! the commits that customers' messages become.

use crate::{Outcome, WORDS};
use papo_domain::content::Content;
use papo_domain::conversation::{
    Audience, Body, DeadlineKind, Event, Listing, MessageDraft, Sender, State,
};
use papo_domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use papo_domain::ports::{Commit, EngineStore, EventDraft, Lease};
use papo_domain::{MessageKind, Timestamp};
use papo_storage::PgEngineStore;
use tokio_postgres::Client;
use uuid::Uuid;

/// One conversation as its actor would hold it.
struct Actor {
    state: State,
    version: u64,
}

/// A tenant whose conversations one writer serves.
pub(crate) struct Tenant {
    id: TenantId,
    channel: ChannelId,
    pub(crate) lease: Lease,
    actors: Vec<Actor>,
    next: usize,
    /// Pending inbox rows, one for each commit.
    pub(crate) rows: Vec<i64>,
}

/// A tenant in `shard` with fresh conversations.
pub(crate) async fn tenant(
    admin: &Client,
    store: &PgEngineStore,
    shard: u8,
    count: i32,
) -> Outcome<Tenant> {
    let (id, channel) = (Uuid::now_v7(), Uuid::now_v7());
    admin
        .execute(
            "INSERT INTO tenants (tenant_id, slug, name, status, shard)
             VALUES ($1, $3, 't', 'active', $2)",
            &[&id, &i16::from(shard), &format!("t-{id}")],
        )
        .await?;
    admin
        .execute(
            "INSERT INTO channels (tenant_id, id, name) VALUES ($1, $2, 'c')",
            &[&id, &channel],
        )
        .await?;
    let rows = admin
        .query(
            "WITH n AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $3::int) n),
             k AS (INSERT INTO customers (tenant_id, id) SELECT $1, id FROM n),
             c AS (INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind, peer_key, peer_value)
                   SELECT $1, id, $2, id, 'wa_id', n, n FROM n)
             INSERT INTO conversation_state (tenant_id, conversation_id, epoch, payload)
             SELECT $1, id, 1, '{}' FROM n RETURNING conversation_id",
            &[&id, &channel, &count],
        )
        .await?;
    let leases = store.take_leases().await?;
    Ok(Tenant {
        id: TenantId(id),
        channel: ChannelId(channel),
        lease: *leases
            .iter()
            .find(|lease| lease.shard.0 == shard)
            .ok_or("the shard is somebody else's")?,
        actors: rows
            .iter()
            .map(|row| {
                let conversation = ConversationId(row.try_get(0)?);
                Ok(Actor {
                    state: State::new(conversation),
                    version: 0,
                })
            })
            .collect::<Result<_, tokio_postgres::Error>>()?,
        next: 0,
        rows: Vec::new(),
    })
}

impl Tenant {
    /// Pending inbox rows, as the inbox lane would have left them.
    pub(crate) async fn fill_inbox(&mut self, admin: &Client, count: i32) -> Outcome<()> {
        let rows = admin
            .query(
                "INSERT INTO inbox (tenant_id, channel_id, external_id, item)
                 SELECT $1, $2, 'wamid.' || gen_random_uuid(), json_build_object('text', $4::text)
                 FROM generate_series(1, $3::int) RETURNING id",
                &[&self.id.0, &self.channel.0, &count, &WORDS],
            )
            .await?;
        for row in rows {
            self.rows.push(row.try_get(0)?);
        }
        Ok(())
    }

    /// The next conversation's next message, a millisecond after the one before.
    pub(crate) fn message(&mut self) -> Outcome<Commit> {
        let place = self.next % self.actors.len();
        self.next += 1;
        let moment = 1_800_000_000_000 + i64::try_from(self.next)?;
        let now = Timestamp::from_timestamp_millis(moment).ok_or("out of time")?;
        let actor = self.actors.get_mut(place).ok_or("no conversation")?;
        let state = &mut actor.state;
        state.seq += 1;
        state.unread += 1;
        (state.last_message_at, state.last_inbound_at) = (Some(now), Some(now));
        state.generation += 1;
        let content = Content::Text {
            body: WORDS.to_owned(),
        };
        let draft = |event| EventDraft {
            event,
            audience: Audience::Staff,
            prior: None,
        };
        let commit = Commit {
            tenant: self.id,
            conversation: state.conversation,
            expected_version: actor.version,
            state: state.clone(),
            listing: Some(Listing::of(state)),
            events: vec![
                draft(Event::MessageAdded {
                    seq: state.seq,
                    sender: Sender::Customer,
                    kind: MessageKind::Text,
                    at: now,
                    utterance: true,
                    late: false,
                    scheduled: false,
                }),
                draft(Event::DeadlineArmed {
                    deadline: DeadlineKind::BotIdle,
                    at: now,
                }),
            ],
            messages: vec![MessageDraft {
                id: MessageId::of(state.conversation, state.seq),
                seq: state.seq,
                sender: Sender::Customer,
                kind: MessageKind::Text,
                body: Body::Inbound { content },
                external_id: Some(format!("wamid.{}.{}", state.conversation, state.seq)),
                quote: None,
                context: None,
                sent_at: now,
                late: false,
            }],
            outbox: vec![],
            cancel_automatic: false,
            failed: vec![],
            transfers: vec![],
            handoffs: vec![],
            notifications: vec![],
            jobs: vec![],
            slot: None,
            media: vec![],
            inbox_done: vec![self.rows.pop().ok_or("the inbox is empty")?],
            idempotency: None,
        };
        actor.version += 1;
        Ok(commit)
    }
}
