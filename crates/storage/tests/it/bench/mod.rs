//! What the tests start from: a database, a node with its leases, tenants with a channel, and
//! what comes in from outside. Commits are said with a [`Draft`].

mod draft;

pub(crate) use draft::Draft;

use papo_domain::content::Content;
use papo_domain::ids::{ChannelId, ConversationId, MessageId, Shard, TenantId};
use papo_domain::ports::{
    Alias, AliasKind, Claimed, CommitError, Committed, EngineStore, EventBatch, EventSink,
    InboxItem, Lease, Peer, PeerQuery, SendOutcome, SendReport, StatusUpdate, Update,
};
use papo_domain::{Timestamp, conversation::Inbound, ports::DeliveryStatus};
use papo_storage::{EngineSettings, InboxSettings, PgEngineStore, PgInbox};
use papo_test_support::database::TestDatabase;
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Everything a lane handed over.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) batches: Mutex<Vec<EventBatch>>,
    pub(crate) doorbells: Mutex<Vec<TenantId>>,
}

impl EventSink for Recorder {
    fn offer(&self, batch: EventBatch) {
        self.batches.lock().unwrap().push(batch);
    }

    fn inbox_ready(&self, tenant: TenantId) {
        self.doorbells.lock().unwrap().push(tenant);
    }
}

/// A tenant with one channel and the lease of its shard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) channel: ChannelId,
    pub(crate) lease: Lease,
}

/// A database with one node on it.
pub(crate) struct Bench {
    pub(crate) store: PgEngineStore,
    pub(crate) inbox: PgInbox,
    pub(crate) sink: Arc<Recorder>,
    pub(crate) admin: Client,
    pub(crate) leases: Vec<Lease>,
    pub(crate) db: TestDatabase,
}

pub(crate) fn settings() -> EngineSettings {
    EngineSettings::new("a")
}

pub(crate) fn store_on(
    db: &TestDatabase,
    settings: &EngineSettings,
) -> (PgEngineStore, Arc<Recorder>) {
    store_at(db.engine_url(), settings)
}

/// A store at another address of the database.
pub(crate) fn store_at(url: String, settings: &EngineSettings) -> (PgEngineStore, Arc<Recorder>) {
    let sink = Arc::new(Recorder::default());
    let offered: Arc<dyn EventSink> = sink.clone();
    let store = PgEngineStore::new(&url.into(), settings, Handle::current(), &offered).unwrap();
    (store, sink)
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let db = TestDatabase::create().await.unwrap();
        let (store, sink) = store_on(&db, &settings());
        let offered: Arc<dyn EventSink> = sink.clone();
        let inbox = PgInbox::new(
            &db.engine_url().into(),
            InboxSettings::default(),
            Handle::current(),
            &offered,
        )
        .unwrap();
        let leases = store.take_leases().await.unwrap();
        let admin = db.admin().await.unwrap();
        Self {
            store,
            inbox,
            sink,
            admin,
            leases,
            db,
        }
    }

    /// A tenant in `shard` with one active channel.
    pub(crate) async fn tenant(&self, slug: &str, shard: u8) -> Tenant {
        let id = Uuid::now_v7();
        let channel = Uuid::now_v7();
        self.run(
            "INSERT INTO tenants (tenant_id, slug, name, status, shard) VALUES ($1, $2, $2, 'active', $3)",
            &[&id, &slug, &i16::from(shard)],
        )
        .await;
        self.run(
            "INSERT INTO channels (tenant_id, id, name, phone_number_id) VALUES ($1, $2, 'phone', $3)",
            &[&id, &channel, &format!("pn-{slug}")],
        )
        .await;
        Tenant {
            id: TenantId(id),
            channel: ChannelId(channel),
            lease: *self
                .leases
                .iter()
                .find(|lease| lease.shard == Shard(shard))
                .unwrap(),
        }
    }

    /// A conversation that nobody has written in yet.
    pub(crate) async fn conversation(&self, tenant: &Tenant, wa_id: &str) -> ConversationId {
        let resolved = self
            .store
            .resolve_peers(tenant.lease, tenant.id, vec![query(tenant, wa_id)])
            .await
            .unwrap();
        resolved[0].conversation
    }

    pub(crate) async fn commit(
        &self,
        tenant: &Tenant,
        draft: Draft,
    ) -> Result<Committed, CommitError> {
        self.store.commit(tenant.lease, draft.done()).await
    }

    pub(crate) async fn claim(&self, tenant: &Tenant) -> Vec<Claimed> {
        self.store
            .claim(tenant.lease, tenant.id, tenant.channel, 100)
            .await
            .unwrap()
    }

    pub(crate) async fn settle(&self, tenant: &Tenant, claimed: &Claimed, outcome: SendOutcome) {
        let report = SendReport {
            id: claimed.id,
            conversation: claimed.conversation,
            claim: claimed.claim,
            outcome,
        };
        self.store
            .settle_sends(tenant.lease, tenant.id, vec![report])
            .await
            .unwrap();
    }

    /// Stores an item as a webhook would; returns its id.
    pub(crate) async fn item(&self, tenant: &Tenant, external_id: &str, item: InboxItem) -> i64 {
        use papo_domain::ports::InboxWriter;
        let update = Update {
            tenant: tenant.id,
            channel: tenant.channel,
            external_id: external_id.to_owned(),
            item,
        };
        self.inbox
            .accept(vec![update], vec![], b"{}".to_vec())
            .await
            .unwrap();
        self.one(
            "SELECT id FROM inbox WHERE tenant_id = $1 AND external_id = $2",
            &[&tenant.id.0, &external_id],
        )
        .await
    }

    /// Stores a status webhook and applies it.
    pub(crate) async fn status(
        &self,
        tenant: &Tenant,
        status: StatusUpdate,
    ) -> (i64, papo_domain::ports::StatusOutcome) {
        let key = format!("{}:{}", status.external_id, status.status.name());
        let id = self
            .item(tenant, &key, InboxItem::Status(status.clone()))
            .await;
        let outcomes = self
            .store
            .apply_statuses(tenant.lease, tenant.id, vec![(id, tenant.channel, status)])
            .await
            .unwrap();
        (id, outcomes[0].clone())
    }

    /// Runs a statement as the superuser.
    pub(crate) async fn run(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> u64 {
        self.admin.execute(sql, params).await.unwrap()
    }

    /// The only value of a query, as the superuser sees it.
    pub(crate) async fn one<T>(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> T
    where
        T: for<'a> tokio_postgres::types::FromSql<'a>,
    {
        self.admin.query_one(sql, params).await.unwrap().get(0)
    }

    /// The first column of a query.
    pub(crate) async fn column<T>(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Vec<T>
    where
        T: for<'a> tokio_postgres::types::FromSql<'a>,
    {
        let rows = self.admin.query(sql, params).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(crate) async fn send_state(&self, tenant: &Tenant, id: MessageId) -> String {
        self.one(
            "SELECT state FROM outbox WHERE tenant_id = $1 AND id = $2",
            &[&tenant.id.0, &id.0],
        )
        .await
    }

    pub(crate) async fn delivery(
        &self,
        tenant: &Tenant,
        conversation: ConversationId,
        seq: i64,
    ) -> Option<DeliveryStatus> {
        let rank: Option<i16> = self
            .one(
                "SELECT delivery FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND seq = $3",
                &[&tenant.id.0, &conversation.0, &seq],
            )
            .await;
        rank.and_then(DeliveryStatus::from_rank)
    }
}

pub(crate) fn query(tenant: &Tenant, wa_id: &str) -> PeerQuery {
    PeerQuery {
        channel: tenant.channel,
        peer: person(wa_id),
        name: Some("Ana Exemplo".to_owned()),
    }
}

pub(crate) fn person(wa_id: &str) -> Peer {
    Peer {
        aliases: vec![Alias {
            kind: AliasKind::WaId,
            value: wa_id.to_owned(),
        }],
        group: false,
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

pub(crate) fn inbound(external_id: &str, text: &str) -> InboxItem {
    InboxItem::Message {
        peer: person("5511999990001"),
        name: None,
        inbound: Inbound {
            external_id: external_id.to_owned(),
            sent_at: at(0),
            content: Content::Text {
                body: text.to_owned(),
            },
            quote: None,
            context: None,
        },
    }
}

pub(crate) fn status(external_id: &str, status: DeliveryStatus) -> StatusUpdate {
    StatusUpdate {
        external_id: external_id.to_owned(),
        status,
        at: at(0),
        tracking: None,
        error: None,
        number_down: false,
        pricing: None,
    }
}
