//! Customers as attendants see them: none of theirs is missing from a list, and what it costs goes
//! by what they see.

use crate::bench::{Bench, Tenant};
use crate::people::app;
use papo_domain::{ConversationId, CustomerId, DepartmentId, UserId};
use papo_storage::app::{Customer, Sight};
use serde_json::Value;
use tokio_postgres::SimpleQueryMessage;
use uuid::Uuid;

/// Somebody of one department.
fn attendant(department: Uuid) -> Sight {
    Sight::Own {
        user: UserId(Uuid::now_v7()),
        departments: vec![DepartmentId(department)],
    }
}

async fn department(bench: &Bench, tenant: &Tenant, name: &str) -> Uuid {
    let id = Uuid::now_v7();
    let insert = "INSERT INTO departments (tenant_id, id, name) VALUES ($1, $2, $3)";
    bench.run(insert, &[&tenant.id.0, &id, &name]).await;
    id
}

/// So many customers called Silva, newer than all others, with a conversation of a department.
async fn many(bench: &Bench, tenant: &Tenant, department: Uuid, count: i64) {
    let people = "INSERT INTO customers (tenant_id, id, name)
                  SELECT $1, ('f' || substr(md5(s::text), 2))::uuid, 'Silva ' || s
                  FROM generate_series(1, $2::bigint) s";
    bench.run(people, &[&tenant.id.0, &count]).await;
    let talks = "INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind,
                                            peer_key, peer_value, department_id)
                 SELECT k.tenant_id, gen_random_uuid(), $2, k.id, 'wa_id', k.id::text, k.id::text, $3
                 FROM customers k WHERE k.tenant_id = $1 AND k.name LIKE 'Silva %'";
    bench
        .run(talks, &[&tenant.id.0, &tenant.channel.0, &department])
        .await;
}

/// The oldest customer, also called Silva, whose conversation is a department's.
async fn one(bench: &Bench, tenant: &Tenant, department: Uuid) -> (ConversationId, Uuid) {
    let id = bench.conversation(tenant, "5511900000001").await;
    let give = "UPDATE conversations SET department_id = $3 WHERE tenant_id = $1 AND id = $2";
    bench.run(give, &[&tenant.id.0, &id.0, &department]).await;
    let customer: Uuid = bench
        .one(
            "SELECT customer_id FROM conversations WHERE tenant_id = $1 AND id = $2",
            &[&tenant.id.0, &id.0],
        )
        .await;
    let name = "UPDATE customers SET name = 'José Silva' WHERE tenant_id = $1 AND id = $2";
    bench.run(name, &[&tenant.id.0, &customer]).await;
    (id, customer)
}

fn ids(rows: &[Customer]) -> Vec<Uuid> {
    rows.iter().map(|row| row.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_hidden_behind_those_who_are_not_seen() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let sales = department(&bench, &tenant, "Vendas").await;
    let support = department(&bench, &tenant, "Suporte").await;
    let (_, customer) = one(&bench, &tenant, support).await;
    many(&bench, &tenant, sales, 1_001).await;
    let app = app(&bench.db);
    let list = async |sight: &Sight, words, after| {
        app.list_customers(tenant.id, sight, words, after, 700)
            .await
            .unwrap()
    };
    let (hers, theirs) = (attendant(support), attendant(sales));
    for words in [None, Some("silva")] {
        assert_eq!(ids(&list(&hers, words, None).await), [customer]);
        // And page by page, nobody twice and nobody left out.
        for (sight, count) in [(&theirs, 1_001), (&Sight::All, 1_002)] {
            let mut found = ids(&list(sight, words, None).await);
            assert_eq!(found.len(), 700);
            let after = found.last().copied().map(CustomerId);
            found.extend(ids(&list(sight, words, after).await));
            assert_eq!(found.len(), count, "{words:?}");
            assert!(found.is_sorted_by(|a, b| a > b), "{words:?}");
        }
    }
    // What became part of another record is nobody of its own.
    let merge = "UPDATE customers SET merged_into = $2
                 WHERE tenant_id = $1 AND name LIKE 'Silva %' AND id <> $2";
    let last = list(&theirs, None, None).await[0].id;
    bench.run(merge, &[&tenant.id.0, &last]).await;
    for words in [None, Some("silva")] {
        assert_eq!(ids(&list(&Sight::All, words, None).await), [last, customer]);
    }
    // Whoever sees nothing finds nobody.
    let nobody = attendant(Uuid::now_v7());
    for words in [None, Some("silva")] {
        assert!(list(&nobody, words, None).await.is_empty());
    }
}

/// How often the part of a plan was run that was run most often.
fn most_loops(node: &Value) -> f64 {
    let own = node["Actual Loops"].as_f64().unwrap_or_default();
    let below = node["Plans"].as_array().into_iter().flatten();
    below.map(most_loops).fold(own, f64::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_nobody_looks_at_no_customer() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let sales = department(&bench, &tenant, "Vendas").await;
    many(&bench, &tenant, sales, 5_000).await;
    let admin = bench.db.admin().await.unwrap();
    let sql = include_str!("../../src/app/sql/customer_list.sql");
    let types = "uuid, bool, uuid, uuid[], text, uuid, bigint, uuid";
    admin.batch_execute("VACUUM ANALYZE").await.unwrap();
    let prepare = format!("PREPARE list({types}) AS {sql}");
    admin.batch_execute(&prepare).await.unwrap();
    for (mode, departments, most) in [
        ("force_custom_plan", String::new(), 1.0),
        ("force_generic_plan", String::new(), 1.0),
        ("force_generic_plan", sales.to_string(), 51.0),
    ] {
        let values = format!(
            "'{}', false, '{}', '{{{departments}}}', NULL, NULL, 51, NULL",
            tenant.id,
            Uuid::now_v7()
        );
        let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE list({values})");
        let set = format!("SET plan_cache_mode = {mode}");
        admin.batch_execute(&set).await.unwrap();
        let answer = admin.simple_query(&explain).await.unwrap();
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let plan: Value = serde_json::from_str(row.unwrap()).unwrap();
        let loops = most_loops(&plan[0]["Plan"]);
        assert!(loops <= most, "{mode}: {loops} in {plan:#}");
    }
    admin.batch_execute("DEALLOCATE list").await.unwrap();
}
