//! Requests that a client may repeat.

use crate::bench::{Bench, Draft, Tenant};
use papo_domain::UserId;
use papo_domain::ports::{Commit, CommitError, EngineStore, Idempotency};
use serde_json::json;
use uuid::Uuid;

fn keyed(draft: Draft, user: UserId, key: &str, request: u8, answer: u32) -> Commit {
    draft
        .with(|c| {
            c.idempotency = Some(Idempotency {
                user,
                key: key.to_owned(),
                request: [request; 32],
                answer: json!({ "n": answer }),
            });
        })
        .done()
}

async fn start(bench: &Bench, tenant: &Tenant) -> Draft {
    let conversation = bench.conversation(tenant, "5511999990001").await;
    Draft::first(tenant, conversation).bot(tenant, "um")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_is_answered_and_not_done_again() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let draft = start(&bench, &one).await;
    let commit = |draft: Draft, key: &str, request, answer| {
        bench
            .store
            .commit(one.lease, keyed(draft, user, key, request, answer))
    };
    assert!(commit(draft.clone(), "k", 1, 1).await.is_ok());
    let next = draft.then(&one).bot(&one, "dois");
    assert_eq!(
        commit(next.clone(), "k", 1, 2).await,
        Err(CommitError::Replayed(json!({ "n": 1 })))
    );
    assert_eq!(
        commit(next.clone(), "k", 2, 2).await,
        Err(CommitError::KeyReused)
    );
    // Even when its conversation has moved on since.
    assert_eq!(
        commit(draft.clone(), "k", 1, 2).await,
        Err(CommitError::Replayed(json!({ "n": 1 })))
    );
    let messages: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
    assert_eq!(messages, 1);
    // A key belongs to one user.
    let other = keyed(next, UserId(Uuid::now_v7()), "k", 2, 2);
    assert!(bench.store.commit(one.lease, other).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_failed_leaves_its_key_free() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let draft = start(&bench, &one).await;
    bench.commit(&one, draft.clone()).await.unwrap();
    let stale = keyed(draft.clone(), user, "k", 1, 1);
    assert_eq!(
        bench.store.commit(one.lease, stale).await,
        Err(CommitError::Conflict)
    );
    let fresh = keyed(draft.then(&one).bot(&one, "dois"), user, "k", 1, 1);
    assert!(bench.store.commit(one.lease, fresh).await.is_ok());
}

/// A client that repeats at once: the copies meet in one batch.
#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_copies_have_one_effect() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let draft = start(&bench, &one).await;
    let copies = (0..20).map(|n| {
        bench
            .store
            .commit(one.lease, keyed(draft.clone(), user, "k", 1, n))
    });
    let outcomes = futures_util::future::join_all(copies).await;
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    let replays = outcomes
        .iter()
        .filter(|o| matches!(o, Err(CommitError::Replayed(_))));
    assert_eq!(replays.count(), 19);
    let messages: i64 = bench.one("SELECT count(*) FROM messages", &[]).await;
    assert_eq!(messages, 1);
}

/// How many messages a takeover withdrew, or came too late to, is known only inside the commit.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_takeover_is_told_the_same_counts() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let draft = start(&bench, &one).await.bot(&one, "dois");
    bench.commit(&one, draft.clone()).await.unwrap();
    assert_eq!(bench.claim(&one).await.len(), 1, "one is on the wire");
    let takeover = keyed(draft.then(&one).takeover(user), user, "k", 1, 7);
    let done = bench
        .store
        .commit(one.lease, takeover.clone())
        .await
        .unwrap();
    assert_eq!((done.cancelled, done.on_the_wire), (1, 1));
    assert_eq!(
        bench.store.commit(one.lease, takeover).await,
        Err(CommitError::Replayed(
            json!({ "n": 7, "cancelled": 1, "on_the_wire": 1 })
        ))
    );
}
