//! Partitions by day, and what is thrown away when its time is over.

use crate::bench::{Bench, Draft, inbound};
use papo_domain::ports::{EngineStore, InboxVerdict};
use papo_storage::Retention;
use std::time::Duration;

async fn partitions(bench: &Bench, parent: &str) -> Vec<String> {
    bench
        .column(
            "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
             WHERE i.inhparent = $1::text::regclass ORDER BY 1",
            &[&parent],
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_made_ahead_and_take_what_came_before_them() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    // A day without a partition: its rows lie in the default one.
    let today: String = bench
        .one("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')", &[])
        .await;
    bench
        .admin
        .batch_execute(&format!("DROP TABLE IF EXISTS events_{today}"))
        .await
        .unwrap();
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "oi");
    bench.commit(&one, draft).await.unwrap();
    let stray: i64 = bench.one("SELECT count(*) FROM events_default", &[]).await;
    assert_eq!(stray, 1);

    let kept = bench.store.maintain(Retention::default()).await.unwrap();
    assert!(kept.partitions_made >= 1);
    let moved: i64 = bench
        .one(&format!("SELECT count(*) FROM events_{today}"), &[])
        .await;
    let stray: i64 = bench.one("SELECT count(*) FROM events_default", &[]).await;
    assert_eq!((moved, stray), (1, 0));
    assert_eq!(
        bench.store.events_after(one.id, 0, 9).await.unwrap().len(),
        1
    );
    for parent in ["events", "webhook_deliveries"] {
        assert!(partitions(&bench, parent).await.len() >= 9, "{parent}");
    }
    let again = bench.store.maintain(Retention::default()).await.unwrap();
    assert_eq!(again.partitions_made, 0);
}

/// A tenant that was quiet for longer than events are kept goes on with its numbers.
#[tokio::test(flavor = "multi_thread")]
async fn dropping_events_keeps_the_head() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    bench
        .admin
        .batch_execute(
            "CREATE TABLE events_20200101 PARTITION OF events
                 FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2020-01-02 00:00+00');
             ALTER TABLE events_20200101 OWNER TO papo_owner;",
        )
        .await
        .unwrap();
    bench
        .run(
            "INSERT INTO events (tenant_id, seq, conversation_id, kind, refs, audience, at)
             SELECT $1, n, $1, 'x', '{}', '{}', '2020-01-01 10:00+00' FROM generate_series(1, 41) n",
            &[&one.id.0],
        )
        .await;
    assert_eq!(bench.store.head(one.id).await, Ok(41));
    let kept = bench.store.maintain(Retention::default()).await.unwrap();
    assert_eq!(kept.partitions_dropped, 1);
    assert!(
        !partitions(&bench, "events")
            .await
            .contains(&"events_20200101".to_owned())
    );
    assert_eq!(bench.store.head(one.id).await, Ok(41));
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "oi");
    assert_eq!(bench.commit(&one, draft).await.unwrap().first_event, 42);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_go_when_no_copy_can_come_any_more() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let mut ids = Vec::new();
    for key in ["old", "young", "open"] {
        ids.push(bench.item(&one, key, inbound(key, "oi")).await);
    }
    let done = vec![
        InboxVerdict::Done { id: ids[0] },
        InboxVerdict::Done { id: ids[1] },
    ];
    bench
        .store
        .settle_inbox(one.lease, one.id, done)
        .await
        .unwrap();
    bench
        .admin
        .batch_execute(
            "UPDATE inbox_keys SET received_at = now() - interval '11 days'
                 WHERE external_id = 'old';
             UPDATE inbox SET received_at = now() - interval '99 days' WHERE external_id = 'open';
             INSERT INTO inbox_unrouted (route, body, received_at)
                 VALUES ('r', '', now() - interval '31 days'), ('r', '', now());",
        )
        .await
        .unwrap();
    let kept = bench.store.maintain(Retention::default()).await.unwrap();
    assert_eq!(kept.rows_deleted, 2);
    let left: Vec<String> = bench
        .column("SELECT external_id FROM inbox_keys ORDER BY 1", &[])
        .await;
    assert_eq!(left, ["open", "young"]);
    let items: Vec<String> = bench.column("SELECT external_id FROM inbox", &[]).await;
    assert_eq!(items, ["open"]);
}

/// All that may still be settled stays, whatever its age; so does what ended lately, though it was
/// written long ago.
#[tokio::test(flavor = "multi_thread")]
async fn sends_go_when_no_status_can_come_any_more() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let states = [
        "queued",
        "sending",
        "unknown",
        "unconfirmed",
        "sent",
        "failed",
        "cancelled",
    ];
    for (age, begun) in [(31, 31), (31, 29), (29, 29)] {
        for state in states {
            bench
                .run(
                    "INSERT INTO outbox (tenant_id, id, conversation_id, seq, channel_id, class,
                                         state, created_at, due_at, claimed_at)
                     VALUES ($1, gen_random_uuid(), gen_random_uuid(), 1, $2, 1, $3,
                             now() - $4 * interval '1 day', now() - $4 * interval '1 day',
                             now() - $5 * interval '1 day')",
                    &[
                        &one.id.0,
                        &one.channel.0,
                        &state,
                        &f64::from(age),
                        &f64::from(begun),
                    ],
                )
                .await;
        }
    }
    let kept = bench.store.maintain(Retention::default()).await.unwrap();
    assert_eq!(kept.rows_deleted, 3);
    let old = "SELECT state FROM outbox WHERE claimed_at < now() - interval '30 days' ORDER BY 1";
    let old: Vec<String> = bench.column(old, &[]).await;
    assert_eq!(old, ["queued", "sending", "unconfirmed", "unknown"]);
    let young = "SELECT count(*) FROM outbox WHERE claimed_at > now() - interval '30 days'";
    assert_eq!(bench.one::<i64>(young, &[]).await, 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_go_after_a_quarter() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    bench
        .run(
            "INSERT INTO engine_incidents (tenant_id, actor_kind, kind, at)
             VALUES ($1, 'conversation', 'restart', now() - interval '91 days'),
                    ($1, 'conversation', 'quarantine', now() - interval '89 days')",
            &[&one.id.0],
        )
        .await;
    bench.store.maintain(Retention::default()).await.unwrap();
    let left: Vec<String> = bench.column("SELECT kind FROM engine_incidents", &[]).await;
    assert_eq!(left, ["quarantine"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_is_kept_for_half_a_year() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    bench
        .run(
            "INSERT INTO audit_events (tenant_id, category, action, request_id, at)
             VALUES ($1, 'authentication', 'old', '', now() - interval '185 days'),
                    ($1, 'authentication', 'young', '', now() - interval '183 days')",
            &[&one.id.0],
        )
        .await;
    bench.store.maintain(Retention::default()).await.unwrap();
    let left: Vec<String> = bench.column("SELECT action FROM audit_events", &[]).await;
    assert_eq!(left, ["young"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn today_is_never_dropped() {
    let bench = Bench::new().await;
    let before = partitions(&bench, "webhook_deliveries").await;
    let nothing = Retention {
        deliveries: Duration::ZERO,
        events: Duration::ZERO,
        ..Retention::default()
    };
    bench.store.maintain(nothing).await.unwrap();
    let after = partitions(&bench, "webhook_deliveries").await;
    assert!(before.iter().all(|name| after.contains(name)));
}
