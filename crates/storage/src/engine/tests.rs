//! The plans of the statements of role `papo_engine`: every row is found by an index. A fresh table without
//! statistics is where a planner goes wrong, so both states are looked at.

use super::link;
use crate::{engine, followers, inbox, lane};
use papo_test_support::database::TestDatabase;
use tokio_postgres::{Client, NoTls};

/// Tables that grow with use.
const BIG: &[&str] = &[
    "attendance_days",
    "attendance_stretches",
    "conversation_peers",
    "conversation_state",
    "conversation_transfers",
    "conversations",
    "customer_aliases",
    "customers",
    "engine_incidents",
    "events",
    "handoffs",
    "idempotency_keys",
    "inbox",
    "inbox_keys",
    "jobs",
    "media",
    "messages",
    "outbox",
    "refresh_tokens",
    "service_sessions",
    "stream_cursors",
    "tenants",
    "webhook_deliveries",
];

/// Statements that look for the oldest rows once a day, by an index where that is cheaper.
const DAILY: &str = "DELETE FROM";

async fn seed(admin: &Client) {
    admin
        .batch_execute(
            "SET session_replication_role = replica;
             INSERT INTO tenants (tenant_id, slug, name, status, shard)
                 SELECT gen_random_uuid(), 't' || n, 't', 'active', n % 256 FROM generate_series(1, 500) n;
             CREATE TEMP TABLE c AS
                 SELECT t.tenant_id, gen_random_uuid() AS id, n
                 FROM (SELECT tenant_id FROM tenants LIMIT 20) t, generate_series(1, 500) n;
             INSERT INTO channels (tenant_id, id, name)
                 SELECT DISTINCT tenant_id, tenant_id, 'c' FROM c;
             INSERT INTO customers (tenant_id, id) SELECT tenant_id, id FROM c;
             INSERT INTO customer_aliases SELECT tenant_id, 'wa_id', n, n, id FROM c;
             INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind, peer_key, peer_value)
                 SELECT tenant_id, id, tenant_id, id, 'wa_id', n, n FROM c;
             INSERT INTO conversation_peers SELECT tenant_id, tenant_id, 'wa_id', n, id FROM c;
             INSERT INTO conversation_state (tenant_id, conversation_id, epoch, payload)
                 SELECT tenant_id, id, 1, '{}' FROM c;
             INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, kind, sent_at)
                 SELECT tenant_id, id, s, id, 'bot', 'text', now() FROM c, generate_series(1, 3) s;
             INSERT INTO events (tenant_id, seq, conversation_id, kind, refs, audience, at)
                 SELECT tenant_id, n, id, 'x', '{}', '{}', now() FROM c;
             INSERT INTO outbox (tenant_id, id, conversation_id, seq, channel_id, class)
                 SELECT tenant_id, id, id, 1, tenant_id, 1 FROM c;
             INSERT INTO inbox (tenant_id, channel_id, external_id)
                 SELECT tenant_id, tenant_id, id::text FROM c;
             INSERT INTO jobs (tenant_id, kind, key, payload)
                 SELECT tenant_id, 'k', id::text, '{}' FROM c;
             INSERT INTO media (tenant_id, id, conversation_id, message_seq, direction, kind, state)
                 SELECT tenant_id, id, id, 1, 'inbound', 'image', 'stored' FROM c;
             INSERT INTO inbox_keys (tenant_id, channel_id, external_id)
                 SELECT tenant_id, tenant_id, id::text FROM c;
             INSERT INTO stream_cursors (tenant_id, follower) SELECT DISTINCT tenant_id, 'metrics' FROM c;
             INSERT INTO service_sessions (tenant_id, conversation_id, session, channel_id, opened_at,
                                           transfers, inbound, bot, staff, stretches)
                 SELECT tenant_id, id, 1, tenant_id, now(), 0, 0, 0, 0, 1 FROM c;
             INSERT INTO attendance_days
                 SELECT tenant_id, 'attendant', current_date, id, '{}' FROM c;
             INSERT INTO attendance_stretches (tenant_id, conversation_id, session, number, channel_id,
                                               began_at, sent)
                 SELECT tenant_id, id, 1, 1, tenant_id, now(), 0 FROM c;",
        )
        .await
        .unwrap();
}

/// All is done, which is when statistics are taken; then much comes at once.
const DRAIN: &[&str] = &[
    "DELETE FROM inbox",
    "UPDATE outbox SET state = 'sent'",
    "UPDATE jobs SET state = 'done'",
    "VACUUM ANALYZE inbox, jobs, outbox",
];

async fn engine_session(db: &TestDatabase) -> Client {
    let (client, connection) = tokio_postgres::connect(&db.engine_url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    for setting in link::PLANNER
        .split("-c ")
        .map(str::trim)
        .filter(|s| !s.is_empty())
    {
        client
            .batch_execute(&format!("SET {setting}"))
            .await
            .unwrap();
    }
    client
}

/// The generic plan of a statement, which is the one that the engine runs.
async fn plan(client: &Client, sql: &str) -> Vec<String> {
    client
        .batch_execute(&format!("PREPARE p AS {sql}"))
        .await
        .unwrap();
    let count: i32 = client
        .query_one(
            "SELECT coalesce(array_length(parameter_types, 1), 0) FROM pg_prepared_statements WHERE name = 'p'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    let nulls = vec!["NULL"; usize::try_from(count).unwrap()].join(", ");
    let arguments = if count > 0 {
        format!("({nulls})")
    } else {
        String::new()
    };
    let rows = client
        .query(&format!("EXPLAIN EXECUTE p{arguments}"), &[])
        .await
        .unwrap();
    client.batch_execute("DEALLOCATE p").await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn scans_a_big_table(line: &str) -> bool {
    let Some((_, after)) = line.split_once("Seq Scan on ") else {
        return false;
    };
    let table = after.split(' ').next().unwrap_or_default();
    BIG.iter().any(|big| {
        table == *big
            || table
                .strip_prefix(big)
                .is_some_and(|rest| rest.starts_with('_'))
    })
}

/// A conversation may have thousands of messages: one is found by its number as well.
fn walks_a_conversation(plan: &[String]) -> bool {
    plan.windows(2).any(|lines| match lines {
        [scan, condition] => scan.contains("Scan using messages_") && !condition.contains("seq"),
        _ => false,
    })
}

/// Statements of the sweeps, which look for whatever is open.
const SWEEPS: [&str; 3] = [
    "unnest($1::uuid[]) AS u(tenant_id)",
    "u(tenant_id, lease_epoch)",
    "FROM unnest($1::smallint[]",
];

/// Holds what is on its way to a provider, which is never much.
const SHORT: &str = "outbox_one_sending";

/// Everything that an index holds, which is as bad as everything that a table does.
fn walks_an_index(plan: &[String]) -> bool {
    let of_a_long_one = |line: &str| {
        let (_, after) = line
            .split_once("Index Scan using ")
            .or_else(|| line.split_once("Index Only Scan using "))
            .or_else(|| line.split_once("Bitmap Index Scan on "))?;
        let index = after.split(' ').next().unwrap_or_default();
        let big = BIG.iter().any(|big| index.starts_with(big));
        (big && index != SHORT).then_some(())
    };
    plan.iter().enumerate().any(|(place, line)| {
        let condition = plan
            .get(place + 1)
            .is_some_and(|l| l.contains("Index Cond"));
        of_a_long_one(line).is_some() && !condition
    })
}

/// Days of events that a statement touches: every one is locked, if only to be left out.
async fn days_touched(client: &Client, sql: &str, arguments: &str) -> i64 {
    let prepared = format!("BEGIN; PREPARE p AS {sql}; EXECUTE p({arguments})");
    client.batch_execute(&prepared).await.unwrap();
    let locked = "SELECT count(DISTINCT l.relation) FROM pg_locks l
                  JOIN pg_inherits i ON i.inhrelid = l.relation
                  WHERE i.inhparent = 'events'::regclass AND l.pid = pg_backend_pid()";
    let days = client.query_one(locked, &[]).await.unwrap().get(0);
    client
        .batch_execute("ROLLBACK; DEALLOCATE p")
        .await
        .unwrap();
    days
}

/// A week ahead, a few days back, and the one for all others; not the year that is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_by_its_newest_days() {
    let db = TestDatabase::create().await.unwrap();
    let admin = db.admin().await.unwrap();
    let year = "DO $$ BEGIN FOR n IN 1..60 LOOP EXECUTE format(
            'CREATE TABLE events_%s PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
            n, date_trunc('day', now(), 'UTC') - n * interval '1 day',
            date_trunc('day', now(), 'UTC') - (n - 1) * interval '1 day');
        END LOOP; END $$";
    admin.batch_execute(year).await.unwrap();
    let client = engine_session(&db).await;
    let nobody = "'00000000-0000-0000-0000-000000000000'";
    for (named, arguments, all) in [
        (
            "stream_head($1",
            "now() - interval '1 day', 41",
            "'-infinity', 41",
        ),
        ("stream_after(", "41, 100, true", "41, 100, false"),
    ] {
        let sql = engine::statements();
        let sql = sql.iter().find(|sql| sql.contains(named)).unwrap();
        let few = days_touched(&client, sql, &format!("{nobody}, {arguments}")).await;
        assert!((8..=15).contains(&few), "{few}: {sql}");
        let every = days_touched(&client, sql, &format!("{nobody}, {all}")).await;
        assert!(every > 60, "{every}: {sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_scans_a_big_table() {
    let db = TestDatabase::create().await.unwrap();
    let admin = db.admin().await.unwrap();
    let client = engine_session(&db).await;
    let statements: Vec<&str> = [
        lane::statements(),
        followers::statements(),
        engine::statements(),
        inbox::statements(),
    ]
    .concat()
    .into_iter()
    .filter(|sql| !sql.trim_start().starts_with(DAILY))
    .collect();
    assert!(statements.len() > 50);
    let mut faults = Vec::new();
    for state in ["empty", "filled", "analyzed", "drained"] {
        match state {
            "filled" => seed(&admin).await,
            "analyzed" => admin.batch_execute("ANALYZE").await.unwrap(),
            "drained" => {
                for statement in DRAIN {
                    admin.batch_execute(statement).await.unwrap();
                }
            }
            _ => {}
        }
        for sql in &statements {
            let plan = plan(&client, sql).await;
            let bad = plan
                .iter()
                .any(|line| scans_a_big_table(line) || line.contains("Hash Join"));
            let bad = bad || walks_a_conversation(&plan);
            let sweeps = SWEEPS.iter().any(|part| sql.contains(part));
            let bad = bad || (!sweeps && walks_an_index(&plan));
            if bad {
                faults.push(format!("{state}: {sql}\n{}", plan.join("\n")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
