//! What actors start from.

use crate::bench::{Bench, Draft, at};
use papo_domain::bot::default_flow;
use papo_domain::conversation::{BotState, Mode, PendingTurn, State, encode};
use papo_domain::ports::{ChannelHealth, ChannelRecord, EngineStore, HealthLevel, StoreError};
use papo_domain::tenant::TenantPolicy;
use papo_domain::{ConversationId, CustomerId, MessageId, UserId};
use papo_storage::app::BenchConversation;
use papo_storage::{Database, PoolSettings};
use tokio::runtime::Handle;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_has_another_revision_once_something_changes_that_sending_needs() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 9).await;
    let revision = async |change: &str| {
        let change = format!("UPDATE channels SET {change} WHERE phone_number_id = 'pn-one'");
        bench.run(&change, &[]).await;
        let record = bench.store.load_tenant(one.id).await.unwrap();
        record.channels[0].revision
    };
    let first = revision("name = 'Loja'").await;
    let same = revision("health = 'red', health_code = 190, health_at = now()").await;
    assert_eq!(same, first);
    let repaired = revision("access_token_enc = '\\x01'").await;
    assert_ne!(repaired, first);
    assert_ne!(revision("throughput_per_second = 20").await, repaired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_loaded_with_its_rules() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 9).await, bench.tenant("two", 9).await);
    let record = bench.store.load_tenant(one.id).await.unwrap();
    assert_eq!(
        (record.slug.as_str(), record.shard),
        ("one", one.lease.shard)
    );
    assert!(record.served);
    assert_eq!(record.policy, TenantPolicy::default());
    assert_eq!(record.flow, default_flow());
    let revision = record.channels[0].revision;
    let number = ChannelRecord {
        id: one.channel,
        throughput: 80,
        revision,
        health: ChannelHealth::default(),
    };
    assert_eq!((record.channels, record.head), (vec![number], 0));
    assert!(record.departments.is_empty());
    bench
        .run(
            "UPDATE channels SET throughput_per_second = 1000, health = 'red', health_code = 190,
                 health_detail = 'expired' WHERE phone_number_id = 'pn-one'",
            &[],
        )
        .await;
    let record = bench.store.load_tenant(one.id).await.unwrap();
    let number = ChannelRecord {
        id: one.channel,
        throughput: 1_000,
        revision: record.channels[0].revision,
        health: ChannelHealth {
            level: HealthLevel::Red,
            code: Some(190),
            detail: Some("expired".to_owned()),
        },
    };
    assert_eq!(record.channels, [number]);

    let mut flow = default_flow();
    flow.start = "outro".to_owned();
    let definition = serde_json::to_string(&flow).unwrap();
    bench
        .admin
        .batch_execute(&format!(
            "UPDATE tenants SET status = 'suspended', policy = '{{\"max_misses\": 7}}' WHERE slug = 'one';
             UPDATE channels SET is_active = false WHERE phone_number_id = 'pn-one';
             INSERT INTO departments (tenant_id, id, name, position) VALUES
                 ('{0}', '{1}', 'Suporte', 2), ('{0}', '{2}', 'Vendas', 1), ('{3}', '{2}', 'Deles', 0);
             INSERT INTO bot_flows (tenant_id, id, name, is_active, definition) VALUES
                 ('{0}', '{1}', 'a', false, '{{}}'), ('{0}', '{2}', 'b', true, '{definition}');",
            one.id, Uuid::now_v7(), Uuid::now_v7(), two.id,
        ))
        .await
        .unwrap();
    let record = bench.store.load_tenant(one.id).await.unwrap();
    assert!(!record.served && record.channels.is_empty());
    assert_eq!(record.policy.max_misses, 7);
    assert_eq!(record.flow, flow);
    let names: Vec<_> = record.departments.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["Vendas", "Suporte"]);

    let nobody = papo_domain::TenantId(Uuid::now_v7());
    assert_eq!(
        bench.store.load_tenant(nobody).await.unwrap_err(),
        StoreError::NotFound
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_told_until_a_day_after_its_end() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let mut flow = default_flow();
    flow.start = "outro".to_owned();
    let definition = serde_json::to_string(&flow).unwrap();
    let customer = bench.conversation(&one, "5511999990001").await;
    let customer = bench
        .store
        .activate(one.id, customer)
        .await
        .unwrap()
        .customer;
    bench
        .admin
        .batch_execute(&format!(
            "INSERT INTO bot_flows (tenant_id, id, name, definition) VALUES ('{0}', '{0}', 'a', '{definition}');
             INSERT INTO bot_trials (tenant_id, customer_id, flow_id, started_by, since, until)
             VALUES ('{0}', '{customer}', '{0}', '{0}', now() - interval '2 hours', now() - interval '1 hour')",
            one.id,
        ))
        .await
        .unwrap();
    let trials = async |tenant| bench.store.load_tenant(tenant).await.unwrap().trials;
    let found = trials(one.id).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].customer, &found[0].flow), (customer, &flow));
    assert!(found[0].since < found[0].until);
    assert_eq!(trials(two.id).await, []);
    let old = "UPDATE bot_trials SET until = now() - interval '25 hours'";
    bench.admin.batch_execute(old).await.unwrap();
    assert_eq!(trials(one.id).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_has_the_newest_messages_and_the_older_answers() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let mut draft = Draft::first(&one, conversation);
    for n in 1..=60 {
        draft = draft.inbound(&format!("wamid.{n}"), &format!("mensagem {n}"));
    }
    let answers = [("nome".to_owned(), 3), ("cidade".to_owned(), 55)].into();
    let draft = draft.with(|c| {
        c.state.mode = Mode::Bot(BotState {
            answers,
            ..BotState::default()
        });
    });
    bench.commit(&one, draft.clone()).await.unwrap();
    let seqs = async || {
        let loaded = bench.store.activate(one.id, conversation).await.unwrap();
        let of = |messages: &[papo_domain::conversation::RecentMessage]| -> Vec<u64> {
            messages.iter().map(|m| m.seq).collect()
        };
        (of(&loaded.recent), of(&loaded.answers))
    };
    assert_eq!(seqs().await, ((41..=60).collect(), vec![3]));
    // A burst that began earlier is needed whole.
    let burst = draft.then(&one).with(|c| {
        c.state.turn = Some(PendingTurn {
            from_seq: 30,
            since: at(0),
        });
    });
    bench.commit(&one, burst).await.unwrap();
    assert_eq!(seqs().await, ((30..=60).collect(), vec![3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_apart() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let conversation = bench.conversation(&one, "5511999990001").await;
    let fault = async |payload: &str| {
        let sql = "UPDATE conversation_state SET payload = $1";
        bench.run(sql, &[&payload]).await;
        bench
            .store
            .activate(one.id, conversation)
            .await
            .unwrap_err()
    };
    assert_eq!(fault(r#"{"v":65535,"state":{}}"#).await, StoreError::TooNew);
    assert!(matches!(fault("{}").await, StoreError::Corrupt(_)));
    let gone = ConversationId(Uuid::now_v7());
    for (tenant, conversation) in [(one.id, gone), (two.id, conversation)] {
        let loaded = bench.store.activate(tenant, conversation).await;
        assert_eq!(loaded.unwrap_err(), StoreError::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_tenants_are_those_with_something_to_do() {
    let bench = Bench::new().await;
    let mut tenants = Vec::new();
    for (n, slug) in (0..).zip(["idle", "inbox", "outbox", "wake"]) {
        tenants.push(bench.tenant(slug, n).await);
    }
    let (inbox, outbox, wake) = (&tenants[1], &tenants[2], &tenants[3]);
    bench
        .item(inbox, "wamid.1", crate::bench::inbound("wamid.1", "oi"))
        .await;
    let conversation = bench.conversation(outbox, "5511999990001").await;
    let draft = Draft::first(outbox, conversation).bot(outbox, "oi");
    bench.commit(outbox, draft).await.unwrap();
    let conversation = bench.conversation(wake, "5511999990001").await;
    bench
        .run(
            "UPDATE conversation_state SET wake_at = now() WHERE conversation_id = $1",
            &[&conversation.0],
        )
        .await;
    let shards = bench.leases.iter().map(|lease| lease.shard).collect();
    let mut busy = bench.store.busy_tenants(shards).await.unwrap();
    busy.sort();
    let mut expected = vec![inbox.id, outbox.id, wake.id];
    expected.sort();
    assert_eq!(busy, expected);
    let one = bench.store.busy_tenants(vec![outbox.lease.shard]).await;
    assert_eq!(one.unwrap(), [outbox.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_is_the_databases_and_never_goes_back() {
    use papo_domain::ports::Clock;
    use papo_storage::{PgClock, SessionLimits};
    let bench = Bench::new().await;
    let clock = PgClock::start(
        &bench.db.engine_url().into(),
        SessionLimits::default(),
        tokio::runtime::Handle::current(),
    )
    .await
    .unwrap();
    let mut last = clock.now();
    let before: papo_domain::Timestamp = bench.one("SELECT clock_timestamp()", &[]).await;
    for _ in 0..10_000 {
        let now = clock.now();
        assert!(now >= last);
        last = now;
    }
    let after: papo_domain::Timestamp = bench.one("SELECT clock_timestamp()", &[]).await;
    let tolerance = std::time::Duration::from_millis(500);
    assert!(last >= before - tolerance && last <= after + tolerance);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_load_tests_seed_is_what_the_engine_reads() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let url = bench.db.engine_url().into();
    let engine = Database::new(&url, PoolSettings::default(), Handle::current()).unwrap();
    let id = ConversationId(Uuid::from_u128(5));
    let mut state = State::new(id);
    state.seq = 1;
    let seeded = BenchConversation {
        id,
        customer: CustomerId(Uuid::from_u128(6)),
        name: "Cliente".to_owned(),
        phone: "5511900000005".to_owned(),
        key: "5511900000005".to_owned(),
        attendant: UserId(Uuid::from_u128(7)),
        message: MessageId::of(id, 1),
        text: "Olá".to_owned(),
        payload: encode(&state).unwrap(),
        epoch: 1,
    };
    for _ in 0..2 {
        engine
            .bench_conversations(
                tenant.id,
                tenant.channel.0,
                std::slice::from_ref(&seeded),
                at(1),
            )
            .await
            .unwrap();
    }
    let active = bench.store.activate(tenant.id, id).await.unwrap();
    assert_eq!((active.version, active.state), (1, state));
    assert_eq!(active.recent.len(), 1);
    assert_eq!(active.recent[0].text, "Olá");
    assert_eq!(bench.conversation(&tenant, "5511900000005").await, id);
}
