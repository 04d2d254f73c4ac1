//! Event numbers: per tenant, gap-free, whatever is refused, and never twice.

use crate::bench::{Bench, Draft, settings, store_at, store_on};
use crate::proxy::Proxy;
use papo_domain::conversation::Audience;
use papo_domain::ports::{CommitError, DeliveryStatus, EngineStore, EventBody};
use std::collections::BTreeMap;

/// Many commits at once over many conversations of several tenants, a part of them stale.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_gap_free_across_conflicts() {
    let bench = Bench::new().await;
    let mut tenants = Vec::new();
    for n in 0..4 {
        tenants.push(bench.tenant(&format!("t{n}"), n * 3).await);
    }
    let mut drafts = Vec::new();
    for tenant in &tenants {
        for c in 0..25 {
            let wa_id = format!("55119999{c:05}");
            let conversation = bench.conversation(tenant, &wa_id).await;
            drafts.push((*tenant, Draft::first(tenant, conversation)));
        }
    }
    for round in 0..6_u64 {
        let commits = drafts.iter().enumerate().map(|(n, (tenant, draft))| {
            let stale = n % 7 == 0;
            let draft = draft.clone().bot(tenant, "oi").bot(tenant, "olá");
            let draft = draft.with(|c| c.expected_version += u64::from(stale));
            bench.store.commit(tenant.lease, draft.done())
        });
        let outcomes = futures_util::future::join_all(commits).await;
        for (n, outcome) in outcomes.iter().enumerate() {
            let expected = n % 7 != 0;
            assert_eq!(outcome.is_ok(), expected, "round {round}: {outcome:?}");
            if !expected {
                assert_eq!(*outcome, Err(CommitError::Conflict));
            }
        }
        for ((n, (tenant, draft)), outcome) in drafts.iter_mut().enumerate().zip(outcomes) {
            if outcome.is_ok() && n % 7 != 0 {
                *draft = draft
                    .clone()
                    .bot(tenant, "oi")
                    .bot(tenant, "olá")
                    .then(tenant);
            }
        }
    }
    let mut offered: BTreeMap<_, Vec<u64>> = BTreeMap::new();
    for batch in bench.sink.batches.lock().unwrap().iter() {
        let seqs = offered.entry(batch.tenant).or_default();
        seqs.extend(batch.events.iter().map(|event| event.seq));
    }
    for tenant in &tenants {
        let stored: Vec<i64> = bench
            .column(
                "SELECT seq FROM events WHERE tenant_id = $1 ORDER BY seq",
                &[&tenant.id.0],
            )
            .await;
        let expected: Vec<i64> = (1..=i64::try_from(stored.len()).unwrap()).collect();
        assert_eq!(stored, expected, "{}", tenant.id);
        assert!(stored.len() > 200);
        // Offered in the order of the numbers, without a gap.
        let seqs: Vec<i64> = offered[&tenant.id]
            .iter()
            .map(|seq| i64::try_from(*seq).unwrap())
            .collect();
        assert_eq!(seqs, expected);
        let head = bench.store.head(tenant.id).await.unwrap();
        assert_eq!(Some(&i64::try_from(head).unwrap()), expected.last());
    }
}

/// Readers look at the newest days first, but what lies further back is found as well.
#[tokio::test(flavor = "multi_thread")]
async fn older_days_are_read_where_the_newest_do_not_say_all() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let event = async |seq: i64, hours: f64| {
        let sql = "INSERT INTO events (tenant_id, seq, conversation_id, kind, refs, audience, at)
                   VALUES ($1, $2, $1, 'delivery', $4::text::json, $5::text::json,
                           now() - $3 * interval '1 hour')";
        let body = EventBody::Delivery {
            seq: 1,
            status: DeliveryStatus::Sent,
            error: None,
            external_id: None,
        };
        let refs = serde_json::to_string(&body).unwrap();
        let audience = serde_json::to_string(&Audience::Staff).unwrap();
        bench
            .run(sql, &[&one.id.0, &seq, &hours, &refs, &audience])
            .await;
    };
    let after = async |seq: u64| -> Vec<u64> {
        let events = bench.store.events_after(one.id, seq, 3).await.unwrap();
        events.iter().map(|event| event.seq).collect()
    };
    for (seq, hours) in [(1, 800.0), (2, 700.0), (3, 600.0)] {
        event(seq, hours).await;
    }
    assert_eq!(bench.store.head(one.id).await, Ok(3));
    assert_eq!(bench.store.head(one.id).await, Ok(3), "quiet for long");
    assert_eq!(after(1).await, [2, 3]);
    for (seq, hours) in [(4, 2.0), (5, 1.0)] {
        event(seq, hours).await;
    }
    assert_eq!(bench.store.head(one.id).await, Ok(5));
    assert_eq!(after(0).await, [1, 2, 3]);
    assert_eq!(after(2).await, [3, 4, 5]);
    assert_eq!(after(3).await, [4, 5]);
    assert_eq!(bench.store.load_tenant(one.id).await.unwrap().head, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_node_goes_on_where_the_stream_ended() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    bench.commit(&one, draft.clone()).await.unwrap();
    let (restarted, _) = store_on(&bench.db, &settings());
    let leases = restarted.take_leases().await.unwrap();
    let lease = leases.iter().find(|l| l.shard == one.lease.shard).unwrap();
    let next = draft.then(&one).bot(&one, "dois");
    let done = restarted.commit(*lease, next.done()).await.unwrap();
    assert_eq!(done.first_event, 2);
    assert_eq!(restarted.head(one.id).await, Ok(2));
}

/// The commit happened and its answer was lost: whoever asked is told that nobody knows, the head
/// is read again, and the stream has neither a gap nor a double.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_leaves_no_double() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (proxy, url) = Proxy::before(&bench.db.engine_url()).await;
    let (wired, _) = store_at(url, &settings());

    let mut draft = Draft::first(&one, bench.conversation(&one, "5511999990001").await);
    let mut stored = 0;
    for round in 0..6 {
        draft = draft.bot(&one, "um").bot(&one, "dois");
        let lost = round % 2 == 1;
        if lost {
            proxy.swallow_next_commit();
        }
        let outcome = wired.commit(one.lease, draft.clone().done()).await;
        assert!(proxy.has_swallowed());
        if lost {
            assert!(
                matches!(outcome, Err(CommitError::Unknown(_))),
                "{outcome:?}"
            );
            // It is there, which a second try finds out.
            let again = wired.commit(one.lease, draft.clone().done()).await;
            assert_eq!(again, Err(CommitError::Conflict));
        } else {
            assert_eq!(outcome.map(|done| done.first_event), Ok(stored + 1));
        }
        stored += 2;
        draft = draft.then(&one);
    }
    let events: Vec<i64> = bench
        .column("SELECT seq FROM events ORDER BY seq", &[])
        .await;
    assert_eq!(events, (1..=12).collect::<Vec<i64>>());
}

/// Connections die at any moment of a commit.
#[tokio::test(flavor = "multi_thread")]
async fn dying_connections_leave_no_gap() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let mut drafts = Vec::new();
    for c in 0..20 {
        let conversation = bench.conversation(&one, &format!("55119999{c:05}")).await;
        drafts.push(Draft::first(&one, conversation).bot(&one, "oi"));
    }
    for chunk in drafts.chunks(5) {
        let commits = chunk
            .iter()
            .map(|draft| bench.store.commit(one.lease, draft.clone().done()));
        let killed = bench.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'papo-engine' AND datname = current_database()",
            &[],
        );
        let (outcomes, _) = tokio::join!(futures_util::future::join_all(commits), killed);
        for (draft, outcome) in chunk.iter().zip(outcomes) {
            if outcome.is_err() {
                // Whoever asked reloads, and decides again if nothing was stored.
                until_stored(&bench, &one, draft).await;
            }
        }
    }
    let stored: Vec<i64> = bench
        .column("SELECT seq FROM events ORDER BY seq", &[])
        .await;
    assert_eq!(stored, (1..=20).collect::<Vec<i64>>());
    let messages: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
    assert_eq!(messages, 20);
}

async fn until_stored(bench: &Bench, tenant: &crate::bench::Tenant, draft: &Draft) {
    let patience = std::time::Duration::from_secs(20);
    let trying = async {
        loop {
            match bench.store.commit(tenant.lease, draft.clone().done()).await {
                Ok(_) | Err(CommitError::Conflict) => break,
                Err(CommitError::Unavailable(_) | CommitError::Unknown(_)) => {
                    tokio::task::yield_now().await;
                }
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(patience, trying).await.unwrap();
}
