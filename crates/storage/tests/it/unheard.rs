//! A lane's connection breaks while its COMMIT is under way, and the server goes on without it.

use crate::bench::{Bench, Draft, Recorder, Tenant, inbound, settings, store_at};
use crate::proxy::Proxy;
use papo_domain::ports::{CommitError, EngineStore, EventSink, InboxWriter, Lease, Update};
use papo_storage::{InboxSettings, PgEngineStore, PgInbox};
use papo_test_support::wait::{PATIENCE, eventually};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND usename = 'papo_engine'
                         AND wait_event_type = 'Lock'";

/// A store that reaches the database through a proxy, and its lease of the tenant's shard.
async fn behind_proxy(bench: &Bench, tenant: &Tenant) -> (Proxy, PgEngineStore, Lease) {
    let (proxy, url) = Proxy::before(&bench.db.engine_url()).await;
    let (store, _) = store_at(url, &settings());
    let leases = store.take_leases().await.unwrap();
    let shard = tenant.lease.shard;
    let lease = *leases.iter().find(|lease| lease.shard == shard).unwrap();
    (proxy, store, lease)
}

/// Returns when `what` holds: one statement waits for a lock.
async fn waits(bench: &Bench, what: &str) {
    eventually(what, PATIENCE, async || {
        let waiting: i64 = bench.one(WAITING, &[]).await;
        Ok((waiting == 1).then_some(()))
    })
    .await
    .unwrap();
}

/// Returns when a second statement waits for a lock, or `task`, which sent it, has ended.
async fn waits_or_ends<T>(bench: &Bench, what: &str, task: &JoinHandle<T>) {
    eventually(what, PATIENCE, async || {
        let waiting: i64 = bench.one(WAITING, &[]).await;
        Ok((waiting == 2 || task.is_finished()).then_some(()))
    })
    .await
    .unwrap();
}

/// What the broken connection left behind is still going to commit when the next batch comes.
/// That one must wait for it: it would give out the same numbers.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_given_once_while_an_older_batch_is_still_at_work() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (slow, quick) = (
        bench.conversation(&one, "5511999990001").await,
        bench.conversation(&one, "5511999990002").await,
    );
    let (proxy, store, lease) = behind_proxy(&bench, &one).await;
    // Prepares the statements, so that the next batch is sent whole.
    let first = Draft::first(&one, slow).bot(&one, "um");
    store.commit(lease, first.clone().done()).await.unwrap();

    let holder = bench.db.admin().await.unwrap();
    holder.batch_execute("BEGIN").await.unwrap();
    holder
        .execute(
            "INSERT INTO messages (tenant_id, conversation_id, seq, id, sender, kind, sent_at)
             VALUES ($1, $2, 2, $2, 'bot', 'text', now())",
            &[&one.id.0, &slow.0],
        )
        .await
        .unwrap();
    let held_up = store.commit(lease, first.then(&one).bot(&one, "dois").done());
    waits(&bench, "the batch waits").await;
    proxy.abandon();
    let unheard = held_up.await;
    assert!(
        matches!(unheard, Err(CommitError::Unknown(_))),
        "{unheard:?}"
    );

    let draft = Draft::first(&one, quick).bot(&one, "três");
    let next = tokio::spawn(store.commit(lease, draft.done()));
    waits_or_ends(&bench, "the next batch waits, or is stored", &next).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    let next = next.await.unwrap().unwrap();
    eventually("the older batch is stored", PATIENCE, async || {
        let stored: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
        Ok((stored == 3).then_some(()))
    })
    .await
    .unwrap();
    let numbers: Vec<i64> = bench
        .column("SELECT seq FROM events ORDER BY seq", &[])
        .await;
    assert_eq!(numbers, [1, 2, 3], "each number once");
    assert_eq!(next.first_event, 3, "after what was sent before it");

    // Once is enough: the lane is back to a lock that does not exclude others.
    let share = "SELECT FROM shard_leases WHERE shard = 1 FOR KEY SHARE";
    holder
        .batch_execute(&format!("BEGIN; {share}"))
        .await
        .unwrap();
    let draft = Draft::first(&one, quick).with(|c| c.expected_version = 1);
    let free = store.commit(lease, draft.done()).await;
    assert!(free.is_ok(), "{free:?}");
}

/// A claim is lost, and commits all the same when its number is asked what is left of it. What it
/// took would be in nobody's hands if the answer did not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_commits_late_is_among_the_open_ones() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (sent, stale) = (
        bench.conversation(&one, "5511999990001").await,
        bench.conversation(&one, "5511999990002").await,
    );
    let (proxy, store, lease) = behind_proxy(&bench, &one).await;
    // Prepares the statements, so that the claim's last ones are sent together.
    for conversation in [sent, stale] {
        let draft = Draft::first(&one, conversation).bot(&one, "um");
        store.commit(lease, draft.done()).await.unwrap();
    }
    // Is withdrawn by the claim, which makes an event of it.
    let overtaken = "UPDATE outbox SET epoch = epoch + 1 WHERE conversation_id = $1";
    bench.run(overtaken, &[&stale.0]).await;

    let holder = bench.db.admin().await.unwrap();
    let hold = "BEGIN; LOCK TABLE events IN SHARE MODE";
    holder.batch_execute(hold).await.unwrap();
    let held_up = store.claim(lease, one.id, one.channel, 10);
    waits(&bench, "the claim waits").await;
    proxy.abandon();
    assert!(held_up.await.is_err());

    let open = tokio::spawn(store.open_claims(lease, one.id, one.channel));
    waits_or_ends(&bench, "the question waits, or is answered", &open).await;
    holder.batch_execute("ROLLBACK").await.unwrap();
    let open = open.await.unwrap().unwrap();
    let open: Vec<_> = open.iter().map(|claim| claim.conversation).collect();
    assert_eq!(open, [sent]);
}

fn update(tenant: &Tenant, external_id: &str) -> Vec<Update> {
    vec![Update {
        tenant: tenant.id,
        channel: tenant.channel,
        external_id: external_id.to_owned(),
        item: inbound(external_id, "oi"),
    }]
}

/// The pump goes from id to id: what comes to light behind it would be found too late.
#[tokio::test(flavor = "multi_thread")]
async fn items_come_to_light_in_the_order_of_their_ids() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (proxy, url) = Proxy::before(&bench.db.engine_url()).await;
    let sink: Arc<dyn EventSink> = Arc::new(Recorder::default());
    let settings = InboxSettings::default();
    let inbox = PgInbox::new(&url.into(), settings, Handle::current(), &sink).unwrap();
    let raw = || b"{}".to_vec();
    // Prepares the statements, so that the next batch is sent whole.
    let first = inbox.accept(update(&one, "wamid.1"), vec![], raw()).await;
    assert!(first.is_ok());

    let holder = bench.db.admin().await.unwrap();
    let hold = "BEGIN; LOCK TABLE webhook_deliveries IN SHARE MODE";
    holder.batch_execute(hold).await.unwrap();
    // Waits with its raw body, when its item has an id already.
    let held_up = inbox.accept(update(&one, "wamid.2"), vec![], raw());
    waits(&bench, "the delivery waits").await;
    proxy.abandon();
    assert!(held_up.await.is_err(), "nothing was promised");

    // Has no raw body to wait with.
    let next = tokio::spawn(inbox.accept(update(&one, "wamid.3"), vec![], vec![]));
    waits_or_ends(&bench, "the next one waits, or is stored", &next).await;
    assert!(!next.is_finished(), "it came to light before its time");
    // Other tenants do not wait.
    let two = bench.tenant("two", 2).await;
    let other = bench.inbox.accept(update(&two, "wamid.1"), vec![], vec![]);
    assert!(other.await.is_ok());

    holder.batch_execute("ROLLBACK").await.unwrap();
    assert!(next.await.unwrap().is_ok());
    let order = "SELECT external_id FROM inbox WHERE tenant_id = $1 ORDER BY id";
    let order: Vec<String> = bench.column(order, &[&one.id.0]).await;
    assert_eq!(order, ["wamid.1", "wamid.2", "wamid.3"]);
}
