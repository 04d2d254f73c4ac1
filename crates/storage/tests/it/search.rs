//! Looking for words: what is looked through is bounded, however much has been said.

use crate::bench::{Bench, Tenant};
use crate::people::app;
use papo_domain::ConversationId;
use papo_storage::app::{ConversationFilter, Sight};
use serde_json::Value;
use tokio_postgres::SimpleQueryMessage;

/// A conversation whose messages are numbered words: `palavra 1`, `palavra 2`, …
async fn talkative(bench: &Bench, tenant: &Tenant, n: u32, messages: i64) -> ConversationId {
    let id = bench.conversation(tenant, &format!("55119{n:08}")).await;
    let talk =
        "INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, kind, text, sent_at)
                SELECT $1, $2, s, gen_random_uuid(), 'customer', 'text',
                       'palavra ' || s || ' de ' || $3::text, now()
                FROM generate_series(1, $4::bigint) s";
    let name = n.to_string();
    bench
        .run(talk, &[&tenant.id.0, &id.0, &name, &messages])
        .await;
    let newest = "UPDATE conversations SET last_seq = $3, last_message_at = now()
                  WHERE tenant_id = $1 AND id = $2";
    bench.run(newest, &[&tenant.id.0, &id.0, &messages]).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_looked_for_in_what_is_new() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let talk = talkative(&bench, &tenant, 1, 500).await;
    talkative(&bench, &tenant, 2, 5).await;
    let found = async |words: &str| {
        let filter = ConversationFilter {
            text: Some(words.to_owned()),
            ..ConversationFilter::default()
        };
        let rows = app
            .list_conversations(tenant.id, &Sight::All, &filter, None, 10)
            .await
            .unwrap();
        let ids = rows.into_iter().map(|row| ConversationId(row.id));
        ids.collect::<Vec<_>>()
    };
    assert_eq!(found("PALAVRA 401 de 1").await, [talk]);
    assert_eq!(found("palavra 400 de 1").await, []);
    // A number is found wherever it stands.
    assert_eq!(found("5511900000001").await, [talk]);
}

/// Rows of tables called like that, which a plan reads, kept or not.
fn read_by(node: &Value, called: &str) -> f64 {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let own = if node["Relation Name"]
        .as_str()
        .is_some_and(|table| table.starts_with(called))
    {
        (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops")
    } else {
        0.0
    };
    let below = node["Plans"].as_array().into_iter().flatten();
    own + below.map(|node| read_by(node, called)).sum::<f64>()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_nobody_said_costs_no_more_than_what_is_new() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    for n in 1..=3 {
        talkative(&bench, &tenant, n, 5_000).await;
    }
    let admin = bench.db.admin().await.unwrap();
    admin.batch_execute("ANALYZE").await.unwrap();
    let sql = include_str!("../../src/app/sql/conversation_list.sql");
    let sql = format!("{sql} ORDER BY c.last_message_at DESC, c.id LIMIT $13");
    let types = "uuid, bool, uuid, uuid[], text[], text, uuid, uuid, bool, text, timestamptz, \
                 uuid, bigint, uuid, uuid, text, bool, bool, uuid";
    let values = format!(
        "'{}', true, '{}', '{{}}', NULL, NULL, NULL, NULL, false, '%nie gesagt%', NULL, NULL, \
         51, NULL, NULL, NULL, NULL, NULL, NULL",
        tenant.id, tenant.id
    );
    admin
        .batch_execute(&format!("PREPARE search({types}) AS {sql}"))
        .await
        .unwrap();
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE search({values})");
    let answer = admin.simple_query(&explain).await.unwrap();
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: Value = serde_json::from_str(row.unwrap()).unwrap();
    admin.batch_execute("DEALLOCATE search").await.unwrap();
    let read = read_by(&plan[0]["Plan"], "messages");
    // The newest 100 of each, and the last of each for the list itself.
    assert!((290.0..=310.0).contains(&read), "{read} in {plan:#}");
}

/// How many rows a query of the owner's looks at.
async fn looked_at(bench: &Bench, sql: &str) -> f64 {
    let admin = bench.db.admin().await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {sql}");
    let answer = admin.simple_query(&explain).await.unwrap();
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: Value = serde_json::from_str(row.unwrap()).unwrap();
    read_by(&plan[0]["Plan"], "")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rare_or_long_ago_is_found_without_a_look_at_the_rest() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let (own, channel) = (tenant.id.0, tenant.channel.0);
    let customer = "INSERT INTO customers (tenant_id, id, name) VALUES ($1, $1, 'Ana')";
    bench.run(customer, &[&own]).await;
    let healthy = "INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind,
                                              peer_key, peer_value)
                   SELECT $1, gen_random_uuid(), $2, $1, 'wa_id', s::text, s::text
                   FROM generate_series(1, 3000) s";
    bench.run(healthy, &[&own, &channel]).await;
    let trail = "INSERT INTO audit_events (tenant_id, at, category, action, request_id)
                 SELECT $1, now() - s * interval '1 minute', 'authentication',
                        CASE s WHEN 2900 THEN 'login_failed' ELSE 'login' END, ''
                 FROM generate_series(1, 3000) s";
    bench.run(trail, &[&own]).await;
    bench.run("ANALYZE", &[]).await;
    for (what, most) in [
        (
            format!("id FROM conversations WHERE tenant_id = '{own}' AND quarantined ORDER BY id"),
            0.0,
        ),
        (
            format!(
                "id FROM audit_events WHERE tenant_id = '{own}'
                 AND at >= now() - interval '2880 minutes' AND at < now() - interval '2870 minutes'
                 ORDER BY at DESC, id DESC"
            ),
            12.0,
        ),
        (
            format!(
                "id FROM audit_events WHERE tenant_id = '{own}' AND action = 'login_failed'
                 ORDER BY at DESC, id DESC"
            ),
            1.0,
        ),
    ] {
        let read = looked_at(&bench, &format!("SELECT {what} LIMIT 51")).await;
        assert!(read <= most, "{read}: {what}");
    }
}
