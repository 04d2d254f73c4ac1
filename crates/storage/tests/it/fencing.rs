//! Leases: what an older epoch can still do, which is nothing.

use crate::bench::{Bench, Draft, Tenant, inbound, query, settings, store_on};
use papo_domain::ports::{
    ChannelHealth, ClaimId, CommitError, DeliveryStatus, EngineStore, HealthLevel, InboxVerdict,
    Incident, IncidentKind, Lease, SendOutcome, SendReport, StoreError,
};
use papo_domain::{ConversationId, MessageId, UserId};
use papo_storage::{EngineSettings, PgEngineStore, SessionLimits};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn all_shards_are_taken_once_and_taking_again_changes_nothing() {
    let bench = Bench::new().await;
    assert_eq!(bench.leases.len(), 256);
    assert!(bench.leases.iter().all(|lease| lease.epoch == 1));
    assert_eq!(bench.store.take_leases().await.unwrap(), bench.leases);
    assert_eq!(bench.store.take_expired(vec![]).await.unwrap(), vec![]);
    let (other, _) = store_on(&bench.db, &EngineSettings::new("b"));
    assert_eq!(other.take_leases().await.unwrap(), vec![]);
    assert_eq!(
        bench
            .store
            .renew_leases(bench.leases.clone())
            .await
            .unwrap(),
        bench.leases
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ran_out_or_was_given_up_goes_to_another_node() {
    let bench = Bench::new().await;
    let (other, _) = store_on(&bench.db, &EngineSettings::new("b"));
    bench
        .run(
            "UPDATE shard_leases SET lease_until = now() - interval '1 second' WHERE shard = 9",
            &[],
        )
        .await;
    let (first, last) = (bench.leases[3], bench.leases[9]);
    bench.store.release_leases(vec![first]).await.unwrap();
    let some = other.take_expired(vec![first.shard]).await.unwrap();
    let rest = other.take_expired(vec![]).await.unwrap();
    let taken = [rest, some].concat();
    let shards: Vec<u8> = taken.iter().map(|lease| lease.shard.0).collect();
    assert_eq!(shards, [3, 9]);
    assert!(taken.iter().all(|lease| lease.epoch == 2));
    let held = bench.store.renew_leases(vec![last, bench.leases[4]]).await;
    assert_eq!(held.unwrap(), vec![bench.leases[4]]);
    // Giving up what somebody else holds takes nothing from them.
    bench.store.release_leases(vec![last]).await.unwrap();
    assert_eq!(other.renew_leases(taken.clone()).await.unwrap(), taken);
}

/// Whoever loses or gives up a lease does not renew it. Nobody is shut out by what this process
/// once held; but it may have been given up for another node, which comes first.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_nobody_renews_is_served_again() {
    let bench = Bench::new().await;
    let (other, _) = store_on(&bench.db, &EngineSettings::new("b"));
    let ran_out = async |seconds: f64| {
        let sql = "UPDATE shard_leases SET lease_until = now() - $1 * interval '1 second'
                   WHERE shard IN (9, 10)";
        bench.run(sql, &[&seconds]).await;
    };
    ran_out(1.0).await;
    bench
        .run(
            "UPDATE shard_leases SET lease_until = now() + interval '1 hour' WHERE shard = 9",
            &[],
        )
        .await;
    assert_eq!(bench.store.take_expired(vec![]).await.unwrap(), vec![]);
    let shards = |taken: Vec<Lease>| -> Vec<u8> { taken.iter().map(|l| l.shard.0).collect() };
    assert_eq!(shards(other.take_expired(vec![]).await.unwrap()), [10]);

    let life = settings().lease_life.as_secs_f64();
    ran_out(life + 1.0).await;
    let taken = bench.store.take_expired(vec![]).await.unwrap();
    assert_eq!(shards(taken.clone()), [9, 10]);
    assert_eq!(
        bench.store.renew_leases(taken.clone()).await.unwrap(),
        taken
    );
    assert_eq!(bench.store.take_expired(vec![]).await.unwrap(), vec![]);
}

/// Its sends are somebody else's to end; the shard has nobody but who took it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_is_held_though_its_sends_cannot_be_ended() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    bench.commit(&one, draft).await.unwrap();
    let claimed = bench.claim(&one).await.remove(0);
    let holder = bench.db.admin().await.unwrap();
    holder
        .batch_execute("BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    // The lock would be waited for longer than the leases live.
    let limits = SessionLimits {
        lock: Duration::from_secs(60),
        statement: Duration::from_secs(60),
        ..SessionLimits::default()
    };
    let patient = EngineSettings {
        lease_life: Duration::from_secs(10),
        limits,
        ..settings()
    };
    let (restarted, _) = store_on(&bench.db, &patient);
    let leases = restarted.take_leases().await.unwrap();
    let ahead = "SELECT count(*) FROM shard_leases WHERE lease_until > clock_timestamp()";
    let ahead: i64 = bench.one(ahead, &[]).await;
    assert_eq!((leases.len(), ahead), (256, 256), "in time to renew them");

    holder.batch_execute("ROLLBACK").await.unwrap();
    let lease = leases.iter().find(|l| l.shard == one.lease.shard).unwrap();
    let busy = restarted.busy_tenants(vec![lease.shard]).await.unwrap();
    assert_eq!(busy, [one.id], "so that it is started");
    restarted.expire_unknown(*lease, one.id).await.unwrap();
    assert_eq!(bench.send_state(&one, claimed.id).await, "unknown");
}

/// One of each write. Returns how each was answered.
async fn writes(
    store: &PgEngineStore,
    one: &Tenant,
    lease: Lease,
    row: i64,
) -> Vec<Result<(), StoreError>> {
    let (tenant, channel) = (one.id, one.channel);
    let verdicts = vec![InboxVerdict::Done { id: row }];
    let report = SendReport {
        id: MessageId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        claim: ClaimId(0),
        outcome: SendOutcome::Unknown,
    };
    let incident = Incident {
        actor: "tenant",
        conversation: None,
        kind: IncidentKind::Restart,
        reason: String::new(),
    };
    let health = ChannelHealth {
        level: HealthLevel::Red,
        code: Some(190),
        detail: None,
    };
    let stranger = vec![query(one, "5511999990099")];
    vec![
        store.claim(lease, tenant, channel, 1).await.map(drop),
        store
            .count_attempts(lease, tenant, vec![row])
            .await
            .map(drop),
        store.settle_inbox(lease, tenant, verdicts).await,
        store.settle_sends(lease, tenant, vec![report]).await,
        store.apply_statuses(lease, tenant, vec![]).await.map(drop),
        store.expire_unknown(lease, tenant).await,
        store.resolve_peers(lease, tenant, stranger).await.map(drop),
        store.record_incident(lease, tenant, incident).await,
        store
            .set_channel_health(lease, tenant, channel, health)
            .await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_of_an_older_lease_is_refused() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let row = bench.item(&one, "wamid.1", inbound("wamid.1", "oi")).await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");

    // The same node, restarted.
    let (restarted, _) = store_on(&bench.db, &settings());
    let leases = restarted.take_leases().await.unwrap();
    let newer = *leases.iter().find(|l| l.shard == one.lease.shard).unwrap();
    assert_eq!(newer.epoch, 2);

    for answer in writes(&bench.store, &one, one.lease, row).await {
        assert_eq!(answer, Err(StoreError::Fenced));
    }
    assert_eq!(
        bench.store.commit(one.lease, draft.clone().done()).await,
        Err(CommitError::Fenced)
    );
    let untouched: bool = bench
        .one(
            "SELECT (SELECT count(*) FROM customers) = 1
                AND (SELECT count(*) FROM engine_incidents) = 0
                AND (SELECT health FROM channels) = 'green'
                AND (SELECT state = 'pending' AND attempts = 0 FROM inbox)
                AND (SELECT version FROM conversation_state) = 0",
            &[],
        )
        .await;
    assert!(untouched);

    // And under the newer one all of it works.
    assert!(restarted.commit(newer, draft.done()).await.is_ok());
    for answer in writes(&restarted, &one, newer, row).await {
        assert_eq!(answer, Ok(()));
    }
    let red: String = bench.one("SELECT health FROM channels", &[]).await;
    assert_eq!(red, "red");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_of_another_shard_is_refused() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    assert_eq!(
        bench.store.commit(two.lease, draft.done()).await,
        Err(CommitError::Fenced)
    );
}

/// A writer that locked its lease before the take commits before it; the taker waits for it and
/// so sees everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_take_waits_for_writers_and_no_write_follows_it() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let mut writer = bench.db.admin().await.unwrap();
    let open = writer.transaction().await.unwrap();
    open.execute(
        "SELECT FROM shard_leases WHERE shard = 1 FOR KEY SHARE",
        &[],
    )
    .await
    .unwrap();
    let (restarted, _) = store_on(&bench.db, &settings());
    let mut taking = restarted.take_leases();
    let early = tokio::time::timeout(Duration::from_millis(200), &mut taking).await;
    assert!(early.is_err(), "taken under a writer's feet");
    // Renewing does not wait.
    let renewed = bench.store.renew_leases(vec![one.lease]).await.unwrap();
    assert_eq!(renewed, vec![one.lease]);
    open.commit().await.unwrap();
    assert_eq!(taking.await.unwrap().len(), 256);
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_of_an_older_lease_become_unknown() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let user = UserId(Uuid::now_v7());
    let draft = Draft::first(&one, conversation)
        .bot(&one, "um")
        .reply(&one, user, "dois");
    bench.commit(&one, draft).await.unwrap();
    let claimed = bench.claim(&one).await;
    assert_eq!(claimed.len(), 1);

    let (restarted, sink) = store_on(&bench.db, &settings());
    let leases = restarted.take_leases().await.unwrap();
    let lease = *leases.iter().find(|l| l.shard == one.lease.shard).unwrap();
    assert_eq!(bench.send_state(&one, claimed[0].id).await, "unknown");
    assert_eq!(
        bench.delivery(&one, conversation, 1).await,
        Some(DeliveryStatus::Unknown)
    );
    assert_eq!(sink.batches.lock().unwrap().len(), 1, "clients are told");
    // It may have arrived, so nothing may overtake it.
    let next = restarted
        .claim(lease, one.id, one.channel, 10)
        .await
        .unwrap();
    assert!(next.is_empty());

    restarted.expire_unknown(lease, one.id).await.unwrap();
    assert_eq!(bench.send_state(&one, claimed[0].id).await, "unknown");
    bench
        .run(
            "UPDATE outbox SET due_at = due_at - interval '2 minutes' WHERE state = 'unknown'",
            &[],
        )
        .await;
    restarted.expire_unknown(lease, one.id).await.unwrap();
    assert_eq!(bench.send_state(&one, claimed[0].id).await, "unconfirmed");
    let next = restarted
        .claim(lease, one.id, one.channel, 10)
        .await
        .unwrap();
    assert_eq!(next.iter().map(|c| c.seq).collect::<Vec<_>>(), [2]);
}

/// The other way round: a write that meets a take in progress waits, and is refused after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_an_open_take() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let mut taker = bench.db.admin().await.unwrap();
    let open = taker.transaction().await.unwrap();
    open.batch_execute(
        "SELECT FROM shard_leases WHERE shard = 1 FOR UPDATE;
         UPDATE shard_leases SET epoch = epoch + 1 WHERE shard = 1;",
    )
    .await
    .unwrap();
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    let mut late = bench.store.commit(one.lease, draft.done());
    let early = tokio::time::timeout(Duration::from_millis(200), &mut late).await;
    assert!(early.is_err(), "written beside an open take");
    open.commit().await.unwrap();
    assert_eq!(late.await, Err(CommitError::Fenced));
    let messages: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
    assert_eq!(messages, 0);
}
