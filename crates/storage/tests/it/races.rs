//! A takeover against the dispatcher, on two connections under one lease: once the takeover is
//! answered, nothing that a machine said goes out.

use crate::bench::{Bench, Draft, settings, store_on};
use papo_domain::UserId;
use papo_domain::conversation::SendClass;
use papo_domain::ports::{EngineStore, SendOutcome, SendReport};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

const ROUNDS: usize = 150;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_automatic_is_claimed_after_a_takeover() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (dispatcher, _) = store_on(&bench.db, &settings());
    let user = UserId(Uuid::now_v7());
    let mut wired = 0;
    for round in 0..ROUNDS {
        let conversation = bench
            .conversation(&one, &format!("55119999{round:05}"))
            .await;
        let first = Draft::first(&one, conversation).bot(&one, "robô");
        bench.commit(&one, first.clone()).await.unwrap();

        let taken = Arc::new(AtomicBool::new(false));
        let takeover = async {
            // Somewhere into the dispatcher's turns.
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            let done = bench
                .commit(&one, first.then(&one).takeover(user))
                .await
                .unwrap();
            taken.store(true, Ordering::SeqCst);
            done
        };
        let dispatch = async {
            let mut turns_after = 0;
            while turns_after < 2 {
                let after = taken.load(Ordering::SeqCst);
                let claimed = dispatcher
                    .claim(one.lease, one.id, one.channel, 10)
                    .await
                    .unwrap();
                let automatic = claimed.iter().filter(|m| m.class == SendClass::Bot).count();
                assert!(
                    !after || automatic == 0,
                    "round {round}: sent after the takeover"
                );
                let at = crate::bench::at(-800_000_000);
                let reports: Vec<_> = claimed
                    .iter()
                    .map(|m| SendReport {
                        id: m.id,
                        conversation: m.conversation,
                        claim: m.claim,
                        outcome: SendOutcome::Requeue { at, counted: true },
                    })
                    .collect();
                if !reports.is_empty() {
                    dispatcher
                        .settle_sends(one.lease, one.id, reports)
                        .await
                        .unwrap();
                }
                turns_after += usize::from(after);
            }
        };
        let (done, ()) = tokio::join!(takeover, dispatch);
        // The one message was either withdrawn or told of.
        assert_eq!(
            done.cancelled + done.on_the_wire,
            1,
            "round {round}: {done:?}"
        );
        wired += done.on_the_wire;
        let state: String = bench
            .one(
                "SELECT state FROM outbox WHERE conversation_id = $1",
                &[&conversation.0],
            )
            .await;
        assert_eq!(state, "cancelled", "round {round}");
    }
    assert!(wired > 0, "the race never happened");
}

/// The same against the database itself: the claim has locked nothing yet when the takeover's
/// transaction is open, and must see its outcome.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_waits_for_an_open_takeover() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let first = Draft::first(&one, conversation).bot(&one, "robô");
    bench.commit(&one, first).await.unwrap();
    let mut other = bench.db.admin().await.unwrap();
    let open = other.transaction().await.unwrap();
    // The first half of a takeover: the epoch has risen, the queue is not yet cleared.
    open.execute("UPDATE conversation_state SET epoch = epoch + 1", &[])
        .await
        .unwrap();
    let mut claim = bench.store.claim(one.lease, one.id, one.channel, 10);
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut claim).await;
    assert!(early.is_err(), "claimed beside an open takeover");
    open.commit().await.unwrap();
    assert!(claim.await.unwrap().is_empty());
    let state: String = bench.one("SELECT state FROM outbox", &[]).await;
    assert_eq!(state, "cancelled");
}

/// The same for putting back.
#[tokio::test(flavor = "multi_thread")]
async fn a_requeue_waits_for_an_open_takeover() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let first = Draft::first(&one, conversation).bot(&one, "robô");
    bench.commit(&one, first).await.unwrap();
    let message = bench.claim(&one).await.remove(0);
    let mut other = bench.db.admin().await.unwrap();
    let open = other.transaction().await.unwrap();
    open.execute("UPDATE conversation_state SET epoch = epoch + 1", &[])
        .await
        .unwrap();
    let report = SendReport {
        id: message.id,
        conversation,
        claim: message.claim,
        outcome: SendOutcome::Requeue {
            at: crate::bench::at(-800_000_000),
            counted: false,
        },
    };
    let mut requeue = bench.store.settle_sends(one.lease, one.id, vec![report]);
    let early = tokio::time::timeout(std::time::Duration::from_millis(200), &mut requeue).await;
    assert!(early.is_err(), "put back beside an open takeover");
    open.commit().await.unwrap();
    requeue.await.unwrap();
    assert_eq!(bench.send_state(&one, message.id).await, "cancelled");
}
