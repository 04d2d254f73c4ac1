//! The durable entrance.

use crate::bench::{Bench, Recorder, at, inbound};
use papo_domain::ports::{
    EngineStore, EventSink, InboxError, InboxItem, InboxVerdict, InboxWriter, Unrouted, Update,
};
use papo_storage::{InboxSettings, PgInbox};
use std::sync::Arc;
use tokio::runtime::Handle;

fn update(tenant: &crate::bench::Tenant, external_id: &str, text: &str) -> Update {
    Update {
        tenant: tenant.id,
        channel: tenant.channel,
        external_id: external_id.to_owned(),
        item: inbound(external_id, text),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_copies_are_one_row() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let copies = (0..100).map(|_| {
        let updates = vec![update(&one, "wamid.1", "oi"), update(&one, "wamid.1", "oi")];
        bench.inbox.accept(updates, vec![], b"{}".to_vec())
    });
    let outcomes = futures_util::future::join_all(copies).await;
    assert!(outcomes.iter().all(Result::is_ok));
    let rows: i64 = bench.one("SELECT count(*) FROM inbox", &[]).await;
    let raw: i64 = bench
        .one("SELECT count(*) FROM webhook_deliveries", &[])
        .await;
    assert_eq!((rows, raw), (1, 100));
    assert!(bench.sink.doorbells.lock().unwrap().contains(&one.id));

    // Done, and the same copy comes days later.
    let due = bench.store.due_inbox(one.id, 0, 10).await.unwrap();
    let done = vec![InboxVerdict::Done { id: due[0].id }];
    bench
        .store
        .settle_inbox(one.lease, one.id, done)
        .await
        .unwrap();
    bench
        .inbox
        .accept(vec![update(&one, "wamid.1", "oi")], vec![], vec![])
        .await
        .unwrap();
    assert!(
        bench
            .store
            .due_inbox(one.id, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn items_come_back_as_they_were_in_order_of_arrival() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let mut updates: Vec<Update> = (0..200)
        .map(|n| update(&one, &format!("wamid.{n}"), &format!("número {n}")))
        .collect();
    updates.insert(7, update(&two, "wamid.0", "de outro"));
    let stray = Unrouted {
        route: "pn-nobody\0".to_owned(),
        body: b"\x00raw\xff".to_vec(),
    };
    bench
        .inbox
        .accept(updates, vec![stray], b"\x00\xff".to_vec())
        .await
        .unwrap();
    let due = bench.store.due_inbox(one.id, 0, 150).await.unwrap();
    assert_eq!(due.len(), 150);
    for (n, row) in due.iter().enumerate() {
        assert_eq!(row.external_id, format!("wamid.{n}"));
        let item = inbound(&row.external_id, &format!("número {n}"));
        assert_eq!((row.item.as_ref(), row.attempts), (Some(&item), 0));
    }
    let rest = bench
        .store
        .due_inbox(one.id, due[149].id, 150)
        .await
        .unwrap();
    assert_eq!(rest.len(), 50);
    assert_eq!(bench.store.due_inbox(two.id, 0, 9).await.unwrap().len(), 1);
    let body: Vec<u8> = bench.one("SELECT body FROM inbox_unrouted", &[]).await;
    assert_eq!(body, b"\x00raw\xff");
    let (raw, tenants): (Vec<u8>, Vec<uuid::Uuid>) = {
        let sql = "SELECT body, tenant_ids FROM webhook_deliveries";
        let row = bench.admin.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    };
    assert_eq!(raw, b"\x00\xff");
    assert!(tenants.contains(&one.id.0) && tenants.contains(&two.id.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_in_a_text_harms_nobody() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let notice = InboxItem::Notice {
        field: "x\0".to_owned(),
        value: serde_json::json!({ "a\0": ["\0"], "b": "\\u0000" }),
    };
    bench
        .item(&one, "wamid.1", inbound("wamid.1", "a\0b"))
        .await;
    bench.item(&one, "digest", notice).await;
    let due = bench.store.due_inbox(one.id, 0, 9).await.unwrap();
    assert_eq!(due[0].item, Some(inbound("wamid.1", "a\u{FFFD}b")));
    let cleaned = InboxItem::Notice {
        field: "x\u{FFFD}".to_owned(),
        value: serde_json::json!({ "a\u{FFFD}": ["\u{FFFD}"], "b": "\\u0000" }),
    };
    assert_eq!(due[1].item, Some(cleaned));
}

/// A key that no index can hold, among honest ones of this and another tenant.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_stored_is_dead_and_fails_nobody() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    // Random, so that it cannot be compressed below the limit of an index entry.
    let long: String = (0..300).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let mut calls = Vec::new();
    for n in 0..40 {
        let tenant = if n % 2 == 0 { &one } else { &two };
        let mut updates = vec![update(tenant, &format!("wamid.{n}"), "oi")];
        if n == 17 {
            updates.push(update(tenant, &long, "veneno"));
            updates.push(update(tenant, "wamid.after", "oi"));
        }
        calls.push(bench.inbox.accept(updates, vec![], b"raw".to_vec()));
    }
    let outcomes = futures_util::future::join_all(calls).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let pending: i64 = bench
        .one("SELECT count(*) FROM inbox WHERE state = 'pending'", &[])
        .await;
    assert_eq!(pending, 41);
    let dead: Vec<String> = bench
        .column("SELECT reason FROM inbox WHERE state = 'dead'", &[])
        .await;
    assert_eq!(dead.len(), 1);
    assert!(dead[0].starts_with("54000"), "{dead:?}");
    let raw: i64 = bench
        .one("SELECT count(*) FROM webhook_deliveries", &[])
        .await;
    assert_eq!(raw, 40);
    // A copy of it is no second dead one.
    bench
        .inbox
        .accept(vec![update(&two, &long, "veneno")], vec![], vec![])
        .await
        .unwrap();
    let dead: i64 = bench
        .one("SELECT count(*) FROM inbox WHERE state = 'dead'", &[])
        .await;
    assert_eq!(dead, 1);
}

const STORED: &str = "SELECT (SELECT count(*) FROM inbox)
                           + (SELECT count(*) FROM webhook_deliveries)";

/// Each of its two bounds, by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_lane_refuses_at_once_and_stores_what_it_took() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let short = InboxSettings {
        queue: 4,
        batch: 1,
        ..InboxSettings::default()
    };
    let light = InboxSettings {
        batch: 1,
        queue_kib: 16,
        ..InboxSettings::default()
    };
    for (name, settings) in [("queue", short), ("memory", light)] {
        let sink: Arc<dyn EventSink> = Arc::new(Recorder::default());
        let url = bench.db.engine_url().into();
        let inbox = PgInbox::new(&url, settings, Handle::current(), &sink).unwrap();
        let before: i64 = bench.one(STORED, &[]).await;
        let calls: Vec<_> = (0..200)
            .map(|n| match name {
                // Of no tenant: a tenant's share of the queue would be full before the queue is.
                "queue" => inbox.accept(vec![], vec![], b"{}".to_vec()),
                _ => {
                    let item = update(&one, &format!("{name} {n}"), "oi");
                    inbox.accept(vec![item], vec![], vec![])
                }
            })
            .collect();
        let outcomes = futures_util::future::join_all(calls).await;
        let taken = outcomes.iter().filter(|o| o.is_ok()).count();
        assert!((1..200).contains(&taken), "{name}: {taken}");
        assert!(
            outcomes
                .iter()
                .all(|o| matches!(o, Ok(()) | Err(InboxError::Full)))
        );
        let rows: i64 = bench.one(STORED, &[]).await;
        assert_eq!(usize::try_from(rows - before).unwrap(), taken, "{name}");
        // Larger than the room there is for one, and nothing to speak of for the other.
        let large = inbox.accept(vec![], vec![], vec![0; 32 * 1024]).await;
        let fits = name == "queue";
        assert_eq!(large.is_ok(), fits, "{name}: {large:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retried_items_come_back_in_time_and_dead_ones_stay() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let now: papo_domain::Timestamp = bench.one("SELECT now()", &[]).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let key = format!("wamid.{n}");
        ids.push(bench.item(&one, &key, inbound(&key, "oi")).await);
    }
    let counts = bench
        .store
        .count_attempts(one.lease, one.id, vec![ids[2], ids[0], 999]);
    assert_eq!(counts.await, Ok(vec![1, 1, 0]));
    let later = now + std::time::Duration::from_secs(3600);
    let verdicts = vec![
        InboxVerdict::Retry {
            id: ids[0],
            at: at(-800_000_000),
        },
        InboxVerdict::Retry {
            id: ids[1],
            at: later,
        },
        InboxVerdict::Dead {
            id: ids[2],
            reason: "tried \0 three times".to_owned(),
        },
    ];
    bench
        .store
        .settle_inbox(one.lease, one.id, verdicts)
        .await
        .unwrap();
    let due = bench.store.due_inbox(one.id, 0, 9).await.unwrap();
    assert_eq!(
        due.iter()
            .map(|row| (row.id, row.attempts))
            .collect::<Vec<_>>(),
        [(ids[0], 1)]
    );
    let dead: Vec<String> = bench
        .column(
            "SELECT reason FROM inbox WHERE state = 'dead' AND item IS NOT NULL",
            &[],
        )
        .await;
    assert_eq!(dead, ["tried \u{FFFD} three times"]);
    bench
        .run(
            "UPDATE inbox SET next_at = now() WHERE state = 'parked'",
            &[],
        )
        .await;
    let due = bench.store.due_inbox(one.id, 0, 9).await.unwrap();
    assert_eq!(
        due.iter().map(|row| row.id).collect::<Vec<_>>(),
        [ids[0], ids[1]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_nothing_is_acknowledged() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let sink: Arc<dyn EventSink> = Arc::new(Recorder::default());
    // A port where nobody listens.
    let url = "postgres://papo_engine@127.0.0.1:1/none".to_owned().into();
    let inbox = PgInbox::new(&url, InboxSettings::default(), Handle::current(), &sink).unwrap();
    let outcome = inbox
        .accept(vec![update(&one, "wamid.1", "oi")], vec![], vec![])
        .await;
    assert_eq!(outcome, Err(InboxError::Unavailable));
}
