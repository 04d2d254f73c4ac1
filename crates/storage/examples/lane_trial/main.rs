//! Measures the state transaction alone: the real lane against a real PostgreSQL, without actors,
//! HTTP or sockets. docs/adr/0003-state-lane.md holds its figures.
//!
//! ```text
//! cargo run --release -p papo-storage --example lane_trial -- postgres://postgres@host:port/postgres [SECONDS [BATCH]]
//! ```
//!
//! The address is a superuser's of a cluster that may be thrown away; the roles and a database
//! `papo_trial` are made there, the latter anew by every run. Each commit is one customer's
//! message: snapshot, message, two events, list row and the mark of its inbox row.

mod meter;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use meter::Meter;
use papo_domain::content::Content;
use papo_domain::conversation::{
    Audience, Body, DeadlineKind, Event, Inbound, Listing, MessageDraft, Sender, State,
};
use papo_domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use papo_domain::ports::{
    Alias, AliasKind, Commit, CommitError, EngineStore, EventBatch, EventDraft, EventSink,
    InboxItem, InboxWriter, Lease, Peer, Update,
};
use papo_domain::{MessageKind, Timestamp};
use papo_storage::{EngineSettings, InboxSettings, PgEngineStore, PgInbox, migrations, roles};
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

const CONVERSATIONS: i32 = 10_000;
const BATCHES: [usize; 5] = [1, 4, 16, 64, 256];
const WORDS: &str = "Olá, preciso de ajuda com o meu pedido, já faz três dias e nada";

/// Takes what the lanes offer and forgets it.
struct Nobody;

impl EventSink for Nobody {
    fn offer(&self, _batch: EventBatch) {}
    fn inbox_ready(&self, _tenant: TenantId) {}
}

/// One conversation as its actor would hold it.
struct Actor {
    state: State,
    version: u64,
}

/// A tenant whose conversations one writer serves.
struct Tenant {
    id: TenantId,
    channel: ChannelId,
    lease: Lease,
    actors: Vec<Actor>,
    next: usize,
    /// Pending inbox rows, one for each commit.
    rows: Vec<i64>,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let admin_url = arguments.next().ok_or("the superuser's address, please")?;
    let seconds: u64 = arguments.next().unwrap_or_else(|| "4".to_owned()).parse()?;
    let length = Duration::from_secs(seconds);
    let only: Option<usize> = arguments.next().map(|batch| batch.parse()).transpose()?;
    let base = prepare(&admin_url).await?;
    let admin = connect(&format!("{}/papo_trial", base.as_admin)).await?;
    let engine = format!("{}/papo_trial", base.as_engine);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| writers | batch | msg/s | CPU µs/msg, here + postgres | p50 ms | p99 ms |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for writers in [1, 2] {
        for batch in only.map_or(BATCHES.to_vec(), |batch| vec![batch]) {
            let settings = EngineSettings {
                writers,
                batch,
                linger: Duration::ZERO,
                ..EngineSettings::new(format!("trial-{}", Uuid::new_v4()))
            };
            let line = state_lane(&admin, &engine, &settings, length).await?;
            writeln!(out, "| {writers} | {batch} | {line} |")?;
        }
    }
    writeln!(
        out,
        "| offered/s | linger ms | msg/s | CPU µs/msg, here + postgres | p50 ms | p99 ms |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for rate in [250, 1_000, 2_000] {
        for linger in [0, 1, 2, 4] {
            let settings = EngineSettings {
                linger: Duration::from_millis(linger),
                ..EngineSettings::new(format!("trial-{}", Uuid::new_v4()))
            };
            let line = offered(&admin, &engine, &settings, rate, length).await?;
            writeln!(out, "| {rate} | {linger} | {line} |")?;
        }
    }
    for batch in BATCHES {
        let line = inbox_lane(&admin, &engine, batch, length).await?;
        writeln!(out, "| inbox | {batch} | {line} |")?;
    }
    Ok(())
}

struct Base {
    as_admin: String,
    as_engine: String,
}

async fn prepare(admin_url: &str) -> Outcome<Base> {
    let (as_admin, _) = admin_url
        .rsplit_once('/')
        .ok_or("an address with a database")?;
    let (_, place) = as_admin.rsplit_once('@').ok_or("an address with a user")?;
    let admin = connect(admin_url).await?;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let row = admin.query_one(&format!("SHOW {setting}"), &[]).await?;
        if row.try_get::<_, &str>(0)? != "on" {
            return Err(format!("{setting} is off: the figures would mean nothing").into());
        }
    }
    roles::ensure(&admin, None).await?;
    admin
        .batch_execute("DROP DATABASE IF EXISTS papo_trial WITH (FORCE)")
        .await?;
    roles::ensure_database(&admin, "papo_trial").await?;
    migrations::up(&format!("postgres://{}@{place}/papo_trial", roles::OWNER).into())?;
    Ok(Base {
        as_admin: as_admin.to_owned(),
        as_engine: format!("postgres://{}@{place}", roles::ENGINE),
    })
}

async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A tenant in `shard` with fresh conversations.
async fn tenant(admin: &Client, store: &PgEngineStore, shard: u8, count: i32) -> Outcome<Tenant> {
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
    async fn fill_inbox(&mut self, admin: &Client, count: i32) -> Outcome<()> {
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
    fn message(&mut self) -> Outcome<Commit> {
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
            inbox_done: vec![self.rows.pop().ok_or("the inbox is empty")?],
            idempotency: None,
        };
        actor.version += 1;
        Ok(commit)
    }
}

/// Keeps one batch for each writer under way, without a pause, and reports.
async fn state_lane(
    admin: &Client,
    url: &str,
    settings: &EngineSettings,
    length: Duration,
) -> Outcome<String> {
    let sink: Arc<dyn EventSink> = Arc::new(Nobody);
    let store = PgEngineStore::new(&url.to_owned().into(), settings, Handle::current(), &sink)?;
    admin
        .batch_execute("UPDATE shard_leases SET node = NULL; TRUNCATE inbox; CHECKPOINT")
        .await?;
    let mut tenants = Vec::new();
    for writer in 0..settings.writers {
        let count = CONVERSATIONS / i32::try_from(settings.writers)?;
        tenants.push(tenant(admin, &store, u8::try_from(writer)?, count).await?);
    }
    // More than the fastest run uses.
    let room = i32::try_from(length.as_secs())? * 40_000;
    for tenant in &mut tenants {
        tenant.fill_inbox(admin, room.min(200_000)).await?;
    }
    let mut meter = Meter::start(admin).await?;
    let end = Instant::now() + length;
    while Instant::now() < end && tenants.iter().all(|t| t.rows.len() > settings.batch) {
        let mut calls = Vec::new();
        for tenant in &mut tenants {
            for _ in 0..settings.batch {
                let lease = tenant.lease;
                calls.push(store.commit(lease, tenant.message()?));
            }
        }
        let begun = Instant::now();
        for outcome in futures_util::future::join_all(calls).await {
            outcome?;
            meter.latencies.push(begun.elapsed());
        }
    }
    meter.report(admin).await
}

/// Offers messages of one tenant at a fixed rate, whether or not the earlier ones are stored.
async fn offered(
    admin: &Client,
    url: &str,
    settings: &EngineSettings,
    rate: u32,
    length: Duration,
) -> Outcome<String> {
    let sink: Arc<dyn EventSink> = Arc::new(Nobody);
    let store = PgEngineStore::new(&url.to_owned().into(), settings, Handle::current(), &sink)?;
    admin
        .batch_execute("UPDATE shard_leases SET node = NULL; TRUNCATE inbox; CHECKPOINT")
        .await?;
    let mut tenant = tenant(admin, &store, 0, CONVERSATIONS).await?;
    let count = rate * u32::try_from(length.as_secs())?;
    tenant.fill_inbox(admin, i32::try_from(count)? + 1).await?;
    // The first commit opens the connection and prepares the statements.
    store.commit(tenant.lease, tenant.message()?).await?;
    let mut meter = Meter::start(admin).await?;
    let begun = tokio::time::Instant::now();
    let mut calls = FuturesUnordered::new();
    for n in 0..count {
        let due = begun + Duration::from_secs(1) * n / rate;
        while let Some(taken) = tokio::select! {
            biased;
            () = tokio::time::sleep_until(due) => None,
            Some(taken) = calls.next() => Some(taken),
        } {
            meter.latencies.push(taken?);
        }
        let call = store.commit(tenant.lease, tenant.message()?);
        calls.push(async move {
            call.await?;
            Ok::<_, CommitError>(due.elapsed())
        });
    }
    while let Some(taken) = calls.next().await {
        meter.latencies.push(taken?);
    }
    meter.report(admin).await
}

/// The inbox lane the same way: key, item and raw body.
async fn inbox_lane(admin: &Client, url: &str, batch: usize, length: Duration) -> Outcome<String> {
    let sink: Arc<dyn EventSink> = Arc::new(Nobody);
    let settings = InboxSettings {
        batch,
        ..InboxSettings::default()
    };
    let inbox = PgInbox::new(&url.to_owned().into(), settings, Handle::current(), &sink)?;
    admin.batch_execute("TRUNCATE inbox; CHECKPOINT").await?;
    let (tenant, channel) = (TenantId(Uuid::now_v7()), ChannelId(Uuid::now_v7()));
    let raw = format!(
        r#"{{"object":"whatsapp_business_account","entry":"{}"}}"#,
        WORDS.repeat(8)
    );
    let mut meter = Meter::start(admin).await?;
    let end = Instant::now() + length;
    while Instant::now() < end {
        let calls = (0..batch).map(|_| {
            let external_id = format!("wamid.{}", Uuid::new_v4());
            let update = Update {
                tenant,
                channel,
                item: item(&external_id),
                external_id,
            };
            inbox.accept(vec![update], vec![], raw.clone().into_bytes())
        });
        let begun = Instant::now();
        for outcome in futures_util::future::join_all(calls).await {
            outcome?;
            meter.latencies.push(begun.elapsed());
        }
    }
    meter.report(admin).await
}

fn item(external_id: &str) -> InboxItem {
    InboxItem::Message {
        peer: Peer {
            aliases: vec![Alias {
                kind: AliasKind::WaId,
                value: "5511999990001".to_owned(),
            }],
            group: false,
        },
        name: Some("Ana Exemplo".to_owned()),
        inbound: Inbound {
            external_id: external_id.to_owned(),
            sent_at: Timestamp::UNIX_EPOCH,
            content: Content::Text {
                body: WORDS.to_owned(),
            },
            quote: None,
            context: None,
        },
    }
}
