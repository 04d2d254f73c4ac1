//! Taking messages for sending: one at a time per conversation, in order, by class.

use crate::bench::{Bench, Draft};
use papo_domain::UserId;
use papo_domain::conversation::SendClass;
use papo_domain::outbound::Outbound;
use papo_domain::ports::{AliasKind, DeliveryStatus, EngineStore, SendOutcome};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_holds_what_a_send_needs() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "olá").with(|c| {
        c.messages[0].quote = Some(papo_domain::conversation::Quote {
            external_id: "wamid.q".to_owned(),
        });
    });
    bench.commit(&one, draft).await.unwrap();
    let claimed = bench.claim(&one).await;
    assert_eq!(claimed.len(), 1);
    let message = &claimed[0];
    assert_eq!((message.conversation, message.seq), (conversation, 1));
    assert_eq!(message.to.kind, AliasKind::WaId);
    assert_eq!(message.to.value, "5511999990001");
    assert_eq!(message.outbound, Outbound::text("olá"));
    assert_eq!(message.quote.as_deref(), Some("wamid.q"));
    assert_eq!((message.class, message.attempts), (SendClass::Bot, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_first_then_age_and_one_per_conversation() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let mut conversations = Vec::new();
    for c in 0..4 {
        conversations.push(bench.conversation(&one, &format!("551199999000{c}")).await);
    }
    // Committed one after the other, so their ages differ.
    for (n, conversation) in conversations.iter().enumerate() {
        let draft = Draft::first(&one, *conversation);
        let draft = if n == 3 {
            draft.reply(&one, user, "pessoa").bot(&one, "depois")
        } else {
            draft.bot(&one, "robô").bot(&one, "depois")
        };
        bench.commit(&one, draft).await.unwrap();
    }
    let order = async |limit| -> Vec<_> {
        let claimed = bench
            .store
            .claim(one.lease, one.id, one.channel, limit)
            .await
            .unwrap();
        claimed
            .into_iter()
            .map(|m| (m.conversation, m.seq))
            .collect()
    };
    assert_eq!(
        order(2).await,
        [(conversations[3], 1), (conversations[0], 1)]
    );
    assert_eq!(
        order(9).await,
        [(conversations[1], 1), (conversations[2], 1)]
    );
    assert_eq!(order(9).await, []);
    assert_eq!(order(0).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_the_one_before_it() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation)
        .bot(&one, "um")
        .reply(&one, user, "dois");
    bench.commit(&one, draft).await.unwrap();
    // The later one has the better class, and still the order of the conversation holds.
    let first = bench.claim(&one).await;
    assert_eq!(first.iter().map(|m| m.seq).collect::<Vec<_>>(), [1]);
    let now: papo_domain::Timestamp = bench.one("SELECT now()", &[]).await;
    let later = SendOutcome::Requeue {
        at: now + std::time::Duration::from_secs(60),
        counted: true,
    };
    bench.settle(&one, &first[0], later).await;
    assert!(
        bench.claim(&one).await.is_empty(),
        "the first one is not due yet"
    );
    let due = bench.store.next_send(one.id).await.unwrap();
    assert!(due.is_some_and(|due| due <= now), "{due:?}");
    bench
        .run("UPDATE outbox SET due_at = now() WHERE seq = 1", &[])
        .await;
    let again = bench.claim(&one).await;
    assert_eq!(
        again
            .iter()
            .map(|m| (m.seq, m.attempts))
            .collect::<Vec<_>>(),
        [(1, 1)]
    );
    let sent = SendOutcome::Sent {
        external_id: "wamid.out.1".to_owned(),
    };
    bench.settle(&one, &again[0], sent).await;
    assert_eq!(bench.claim(&one).await[0].seq, 2);
}

/// An automatic message of an older epoch, however it came to be left behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_another_epoch_is_cancelled_by_its_claim() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let user = UserId(Uuid::now_v7());
    let conversation = bench.conversation(&one, "5511999990001").await;
    let first = Draft::first(&one, conversation).bot(&one, "um");
    bench.commit(&one, first.clone()).await.unwrap();
    let takeover = first
        .then(&one)
        .takeover(user)
        .with(|c| c.cancel_automatic = false)
        .reply(&one, user, "dois");
    bench.commit(&one, takeover).await.unwrap();
    assert!(bench.claim(&one).await.is_empty());
    assert_eq!(
        bench.delivery(&one, conversation, 1).await,
        Some(DeliveryStatus::Cancelled)
    );
    assert_eq!(bench.claim(&one).await[0].seq, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_words_are_not_sent() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation)
        .bot(&one, "um")
        .bot(&one, "dois");
    bench.commit(&one, draft).await.unwrap();
    bench
        .run("UPDATE messages SET body = NULL WHERE seq = 1", &[])
        .await;
    assert!(bench.claim(&one).await.is_empty());
    assert_eq!(bench.claim(&one).await[0].seq, 2);
}

/// The caller went away while its claim was being committed.
#[tokio::test(flavor = "multi_thread")]
async fn claims_that_nobody_heard_of_go_back() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    bench.commit(&one, draft).await.unwrap();
    drop(bench.store.claim(one.lease, one.id, one.channel, 10));
    // The next answers come after the lane has seen to it.
    bench.store.expire_unknown(one.lease, one.id).await.unwrap();
    bench.store.expire_unknown(one.lease, one.id).await.unwrap();
    assert_eq!(bench.claim(&one).await.len(), 1);
}
