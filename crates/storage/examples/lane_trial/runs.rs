//! What is measured: the state lane with as much to do as it can take, the same at a fixed rate,
//! and the inbox lane. Each run answers a line of its table.

use crate::meter::Meter;
use crate::tenant::tenant;
use crate::{Outcome, WORDS};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use papo_domain::Timestamp;
use papo_domain::content::Content;
use papo_domain::conversation::Inbound;
use papo_domain::ids::{ChannelId, TenantId};
use papo_domain::ports::{
    Alias, AliasKind, CommitError, EngineStore, EventBatch, EventSink, InboxItem, InboxWriter,
    Peer, Update,
};
use papo_storage::{EngineSettings, InboxSettings, PgEngineStore, PgInbox};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_postgres::Client;
use uuid::Uuid;

const CONVERSATIONS: i32 = 10_000;

/// Takes what the lanes offer and forgets it.
struct Nobody;

impl EventSink for Nobody {
    fn offer(&self, _batch: EventBatch) {}
    fn inbox_ready(&self, _tenant: TenantId) {}
}

/// A store that may take any shard, and an empty inbox.
async fn fresh_store(
    admin: &Client,
    url: &str,
    settings: &EngineSettings,
) -> Outcome<PgEngineStore> {
    let sink: Arc<dyn EventSink> = Arc::new(Nobody);
    let store = PgEngineStore::new(&url.to_owned().into(), settings, Handle::current(), &sink)?;
    admin
        .batch_execute("UPDATE shard_leases SET node = NULL; TRUNCATE inbox; CHECKPOINT")
        .await?;
    Ok(store)
}

/// Keeps one batch for each writer under way, without a pause, and reports.
pub(crate) async fn state_lane(
    admin: &Client,
    url: &str,
    settings: &EngineSettings,
    length: Duration,
) -> Outcome<String> {
    let store = fresh_store(admin, url, settings).await?;
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
        meter.all(calls).await?;
    }
    meter.report(admin).await
}

/// Offers messages of one tenant at a fixed rate, whether or not the earlier ones are stored.
pub(crate) async fn offered(
    admin: &Client,
    url: &str,
    settings: &EngineSettings,
    rate: u32,
    length: Duration,
) -> Outcome<String> {
    let store = fresh_store(admin, url, settings).await?;
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
pub(crate) async fn inbox_lane(
    admin: &Client,
    url: &str,
    batch: usize,
    length: Duration,
) -> Outcome<String> {
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
        meter.all(calls).await?;
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
