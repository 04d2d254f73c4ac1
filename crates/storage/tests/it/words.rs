//! The index of words: it follows the stream, is left by what is erased, and answers from the
//! newest back without reading a table through.

use crate::bench::{Bench, Draft, Tenant};
use crate::people::app;
use papo_domain::{ConversationId, TenantId};
use papo_storage::app::{HitPosition, MessageFilter, MessageHit, Sight};
use papo_storage::{Database, Follower, PoolSettings};
use std::time::Duration;
use tokio::runtime::Handle;

/// A pool of the engine's role.
fn engine(bench: &Bench) -> Database {
    let url = bench.db.engine_url().into();
    Database::new(&url, PoolSettings::default(), Handle::current()).unwrap()
}

async fn index(bench: &Bench, tenant: TenantId) {
    while bench.store.follow(Follower::Search, tenant).await.unwrap() {}
}

async fn find(
    database: &Database,
    tenant: TenantId,
    words: &str,
    after: Option<HitPosition>,
    limit: i32,
) -> Vec<MessageHit> {
    let filter = MessageFilter::default();
    database
        .search_messages(tenant, &Sight::All, words, &filter, after, limit)
        .await
        .unwrap()
}

async fn seqs(database: &Database, tenant: TenantId, words: &str) -> Vec<i64> {
    let hits = find(database, tenant, words, None, 100).await;
    hits.iter().map(|hit| hit.seq).collect()
}

/// Three blocks of messages; every tenth speaks of a delivery, every thousandth of that to a party,
/// and each has a word of its own.
async fn talkative(bench: &Bench, tenant: &Tenant) -> ConversationId {
    let id = bench.conversation(tenant, "5511900000001").await;
    let talk = "INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, kind, text, sent_at,
                                      created_at)
                SELECT $1, $2, s, gen_random_uuid(), 'customer', 'text',
                       CASE WHEN s % 1000 = 0 THEN 'A entrega da festa '
                            WHEN s % 10 = 0 THEN 'A entrega ' ELSE 'Outra coisa ' END || 'coisa' || s,
                       now(), now() + s * interval '1 ms'
                FROM generate_series(1, 20000::bigint) s";
    bench.run(talk, &[&tenant.id.0, &id.0]).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_from_the_newest_back_and_repeat_nothing() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    talkative(&bench, &tenant).await;
    let database = app(&bench.db);
    assert_eq!(
        engine(&bench).rebuild_search(tenant.id).await.unwrap(),
        20_000
    );
    // What everybody says, and what is rare: read block by block, and at once.
    for (word, every, limit) in [("ENTREGAS", 10, 700), ("festa", 1_000, 3)] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = find(&database, tenant.id, word, after, limit).await;
            let Some(last) = page.last() else { break };
            after = Some(HitPosition {
                block: last.block,
                rank: last.rank,
                id: last.id,
            });
            found.extend(page.iter().map(|hit| hit.seq));
        }
        let expected: Vec<i64> = (1..=20_000 / every).rev().map(|n| n * every).collect();
        assert_eq!(found, expected, "{word}");
    }
    assert_eq!(seqs(&database, tenant.id, "coisa17").await, [17]);
    assert!(
        seqs(&database, tenant.id, "coisa17 entrega")
            .await
            .is_empty()
    );
    assert!(seqs(&database, tenant.id, "o a de").await.is_empty());
}

/// Blocks that lie beyond the period are passed over, but not what came late.
#[tokio::test(flavor = "multi_thread")]
async fn a_period_is_found_whole_wherever_it_lies() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    talkative(&bench, &tenant).await;
    // One in ten minutes, for 138 days; every 64th six days late, the first of a block among them.
    let spread = "UPDATE messages SET sent_at = now() - (20000 - seq) * interval '10 minutes'
                      - CASE seq % 64 WHEN 0 THEN interval '6 days' ELSE interval '0' END";
    bench.run(spread, &[]).await;
    engine(&bench).rebuild_search(tenant.id).await.unwrap();
    let database = app(&bench.db);
    let newest = "SELECT max(sent_at) FROM messages";
    let newest: papo_domain::Timestamp = bench.admin.query_one(newest, &[]).await.unwrap().get(0);
    for (oldest_day, newest_day) in [(140, 100), (82, 78), (60, 20), (26, 24), (2, 0), (200, 139)] {
        let day = |ago| Some(newest - chrono::TimeDelta::days(ago));
        let filter = MessageFilter {
            from: day(oldest_day),
            to: day(newest_day),
            ..MessageFilter::default()
        };
        let hits = database
            .search_messages(tenant.id, &Sight::All, "entrega", &filter, None, 5_000)
            .await
            .unwrap();
        let mut found: Vec<i64> = hits.iter().map(|hit| hit.seq).collect();
        found.sort_unstable();
        let said = "SELECT seq FROM messages WHERE seq % 10 = 0 AND sent_at >= $1 AND sent_at < $2
                    ORDER BY seq";
        let said = bench.admin.query(said, &[&filter.from, &filter.to]).await;
        let said: Vec<i64> = said.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(found, said, "{oldest_day} to {newest_day} days ago");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_search_reads_a_table_through() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    talkative(&bench, &tenant).await;
    engine(&bench).rebuild_search(tenant.id).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&bench.db.app_url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let scope = format!("BEGIN; SET LOCAL app.tenant_id = '{}'", tenant.id);
    let searches = [
        (
            "search_messages('entrega', true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
          NULL, NULL, NULL, NULL, 5000)",
            2_000,
        ),
        (
            "search_messages('coisa7', true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
          NULL, NULL, NULL, NULL, 5000)",
            1,
        ),
        (
            "search_customers('900000001', true, NULL, NULL, NULL, 100)",
            1,
        ),
        (
            "search_customers('900000001', false, NULL, NULL, NULL, 100)",
            1,
        ),
    ];
    // A plan of its own for each, and the one that is kept for all.
    for state in ["never looked at", "known"] {
        if state == "known" {
            bench.run("ANALYZE", &[]).await;
        }
        for (search, hits) in searches {
            client.batch_execute(&scope).await.unwrap();
            for _ in 0..7 {
                let sql = format!("SELECT count(*) FROM {search}");
                let count: i64 = client.query_one(&sql, &[]).await.unwrap().get(0);
                assert_eq!(count, hits, "{state}: {search}");
            }
            let scans = "SELECT relname::text FROM pg_stat_xact_user_tables WHERE seq_scan > 0";
            let read: Vec<String> = client
                .query(scans, &[])
                .await
                .unwrap()
                .iter()
                .map(|row| row.get(0))
                .collect();
            client.batch_execute("ROLLBACK").await.unwrap();
            assert_eq!(read, Vec::<String>::new(), "{state}: {search}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_is_followed_and_what_is_erased_is_gone_at_once() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let other = bench.tenant("two", 2).await;
    let database = app(&bench.db);
    let mut conversations = Vec::new();
    for tenant in [&tenant, &other] {
        let conversation = bench.conversation(tenant, "5511999990001").await;
        let draft = Draft::first(tenant, conversation).bot(tenant, "Seu pedido saiu");
        bench.commit(tenant, draft).await.unwrap();
        conversations.push(conversation);
    }
    index(&bench, tenant.id).await;
    assert_eq!(seqs(&database, tenant.id, "pedidos").await.len(), 1);
    // Followed for one tenant is not followed for another.
    assert!(seqs(&database, other.id, "pedidos").await.is_empty());
    index(&bench, other.id).await;
    let hits = find(&database, other.id, "pedidos", None, 10).await;
    assert_eq!(hits[0].conversation_id, conversations[1].0);

    let reword = "UPDATE messages SET text = $2 WHERE tenant_id = $1 AND text <> ''";
    bench
        .run(reword, &[&tenant.id.0, &"Sua encomenda saiu"])
        .await;
    assert!(seqs(&database, tenant.id, "pedido").await.is_empty());
    assert_eq!(seqs(&database, tenant.id, "encomendas").await.len(), 1);
    bench.run(reword, &[&tenant.id.0, &""]).await;
    assert!(seqs(&database, tenant.id, "encomendas").await.is_empty());
    let kept: i64 = bench
        .one(
            "SELECT count(*) FROM message_search WHERE tenant_id = $1",
            &[&tenant.id.0],
        )
        .await;
    assert_eq!(kept, 0);
    // Nothing comes back by following further, or by building anew.
    index(&bench, tenant.id).await;
    assert_eq!(engine(&bench).rebuild_search(tenant.id).await.unwrap(), 0);
    assert!(seqs(&database, tenant.id, "pedido").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_found_by_how_words_begin_and_numbers_begin_or_end() {
    let bench = Bench::new().await;
    let (tenant, other) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let database = app(&bench.db);
    for (tenant, wa_id) in [
        (&tenant, "5511987654321"),
        (&tenant, "5521912345678"),
        (&other, "5511987654321"),
    ] {
        bench.conversation(tenant, wa_id).await;
    }
    let rename = "UPDATE customers SET name = 'José d''Ávila Conceição', email = 'ze@example.com'
                  WHERE tenant_id = $1 AND phone = '5511987654321'";
    bench.run(rename, &[&tenant.id.0]).await;
    for (words, count) in [
        ("jose", 1),
        ("AVILA jos", 1),
        ("concei", 1),
        ("ceicao", 0),
        ("ze@example.com", 1),
        ("55119876", 1),
        ("(11) 98765-4321", 1),
        ("98765", 1),
        ("4321", 1),
        ("+55", 2),
        ("7654", 0),
        ("jose 4321", 1),
        ("jose 5678", 0),
        ("' | !", 0),
    ] {
        let found = database
            .list_customers(tenant.id, &Sight::All, Some(words), None, 10)
            .await
            .unwrap();
        assert_eq!(found.len(), count, "{words}");
    }
}

/// The position is the client's word.
#[tokio::test(flavor = "multi_thread")]
async fn an_invented_position_is_bounded_by_what_there_is() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    talkative(&bench, &tenant).await;
    let database = app(&bench.db);
    engine(&bench).rebuild_search(tenant.id).await.unwrap();
    let from = async |block| {
        let position = HitPosition {
            block,
            rank: 0.0,
            id: 0,
        };
        let found = find(&database, tenant.id, "entregas", Some(position), 10);
        let found = tokio::time::timeout(Duration::from_secs(5), found).await;
        let found = found.expect("it counts the blocks that there are not");
        found.iter().map(|hit| hit.seq).collect::<Vec<i64>>()
    };
    let first = find(&database, tenant.id, "entregas", None, 10).await;
    let first: Vec<i64> = first.iter().map(|hit| hit.seq).collect();
    assert_eq!(from(i32::MAX).await, first);
    assert!(from(-1).await.is_empty());
    assert!(from(i32::MIN).await.is_empty());
    // Of a period, blocks are looked for from there back.
    let filter = MessageFilter {
        to: Some(papo_domain::Timestamp::UNIX_EPOCH),
        ..MessageFilter::default()
    };
    let position = HitPosition {
        block: i32::MAX,
        rank: 0.0,
        id: 0,
    };
    let found = database
        .search_messages(
            tenant.id,
            &Sight::All,
            "entregas",
            &filter,
            Some(position),
            10,
        )
        .await
        .unwrap();
    assert_eq!(found.len(), 0);
    // Whoever has no messages has no blocks either.
    let other = bench.tenant("two", 2).await;
    let found = find(&database, other.id, "entregas", Some(position), 10);
    let found = tokio::time::timeout(Duration::from_secs(5), found).await;
    assert!(found.expect("no answer").is_empty());
}
