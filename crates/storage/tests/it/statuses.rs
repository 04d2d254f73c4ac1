//! Status webhooks: any order, any number of copies, before or after their message.

use crate::bench::{Bench, Draft, Tenant, status};
use papo_domain::MessageId;
use papo_domain::ports::{
    Claimed, DeliveryStatus, EngineStore, EventBody, ProviderError, SendOutcome, StatusOutcome,
    StatusUpdate,
};

async fn sending(bench: &Bench, tenant: &Tenant, n: u32) -> Claimed {
    let conversation = bench.conversation(tenant, &format!("55119999{n:05}")).await;
    let draft = Draft::first(tenant, conversation).bot(tenant, "olá");
    bench.commit(tenant, draft).await.unwrap();
    bench.claim(tenant).await.remove(0)
}

async fn sent(bench: &Bench, tenant: &Tenant, n: u32) -> (Claimed, String) {
    let message = sending(bench, tenant, n).await;
    let external_id = format!("wamid.{n}");
    let outcome = SendOutcome::Sent {
        external_id: external_id.clone(),
    };
    bench.settle(tenant, &message, outcome).await;
    (message, external_id)
}

const THREE: [DeliveryStatus; 3] = [
    DeliveryStatus::Sent,
    DeliveryStatus::Delivered,
    DeliveryStatus::Read,
];

#[tokio::test(flavor = "multi_thread")]
async fn every_order_ends_at_the_furthest() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for (n, order) in (0..).zip(orders) {
        let (message, external_id) = sent(&bench, &one, n).await;
        let mut reached = DeliveryStatus::Sent;
        for place in order {
            let update = status(&external_id, THREE[place]);
            let (_, outcome) = bench.status(&one, update).await;
            assert_eq!(outcome, StatusOutcome::Applied);
            reached = reached.max(THREE[place]);
            let stands = bench.delivery(&one, message.conversation, 1).await;
            assert_eq!(stands, Some(reached), "{order:?}");
        }
    }
    let open: i64 = bench.one("SELECT count(*) FROM inbox", &[]).await;
    assert_eq!(open, 0);
    // One event for each real step, no more: the message, `sent`, and what rose after it.
    let events = bench.store.events_after(one.id, 0, 1000).await.unwrap();
    let steps = events
        .iter()
        .filter(|event| matches!(event.body, EventBody::Delivery { .. }));
    assert_eq!(steps.count(), 6 + (2 + 1 + 2 + 2 + 1 + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_them_in_one_batch() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (message, external_id) = sent(&bench, &one, 1).await;
    let mut rows = Vec::new();
    for (n, step) in THREE.into_iter().rev().chain(THREE).enumerate() {
        let update = status(&external_id, step);
        let item = papo_domain::ports::InboxItem::Status(update.clone());
        let id = bench.item(&one, &format!("copy {n}"), item).await;
        rows.push((id, one.channel, update));
    }
    let outcomes = bench
        .store
        .apply_statuses(one.lease, one.id, rows)
        .await
        .unwrap();
    assert_eq!(outcomes, vec![StatusOutcome::Applied; 6]);
    assert_eq!(
        bench.delivery(&one, message.conversation, 1).await,
        Some(DeliveryStatus::Read)
    );
    let events = bench.store.events_after(one.id, 0, 100).await.unwrap();
    assert_eq!(events.len(), 3, "message, sent, read");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_waits_for_its_message() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let message = sending(&bench, &one, 1).await;
    let (row, outcome) = bench
        .status(&one, status("wamid.1", DeliveryStatus::Delivered))
        .await;
    assert_eq!(outcome, StatusOutcome::Parked);
    assert!(
        bench
            .store
            .due_inbox(one.id, 0, 9)
            .await
            .unwrap()
            .is_empty()
    );
    bench.sink.doorbells.lock().unwrap().clear();

    let outcome = SendOutcome::Sent {
        external_id: "wamid.1".to_owned(),
    };
    bench.settle(&one, &message, outcome).await;
    assert_eq!(*bench.sink.doorbells.lock().unwrap(), [one.id]);
    let due = bench.store.due_inbox(one.id, 0, 9).await.unwrap();
    assert_eq!(due.iter().map(|r| r.id).collect::<Vec<_>>(), [row]);
    let update = status("wamid.1", DeliveryStatus::Delivered);
    let outcomes = bench
        .store
        .apply_statuses(one.lease, one.id, vec![(row, one.channel, update)])
        .await
        .unwrap();
    assert_eq!(outcomes, [StatusOutcome::Applied]);
    assert_eq!(
        bench.delivery(&one, message.conversation, 1).await,
        Some(DeliveryStatus::Delivered)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_given_up_after_an_hour() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let update = status("wamid.other-system", DeliveryStatus::Sent);
    let (row, outcome) = bench.status(&one, update.clone()).await;
    assert_eq!(outcome, StatusOutcome::Parked);
    bench
        .run(
            "UPDATE inbox SET received_at = received_at - interval '61 minutes',
                              next_at = next_at - interval '61 minutes'",
            &[],
        )
        .await;
    let busy = bench
        .store
        .busy_tenants(vec![one.lease.shard])
        .await
        .unwrap();
    assert_eq!(busy, [one.id]);
    let due = bench.store.due_inbox(one.id, 0, 9).await.unwrap();
    assert_eq!(due.iter().map(|r| r.id).collect::<Vec<_>>(), [row]);
    let outcomes = bench
        .store
        .apply_statuses(one.lease, one.id, vec![(row, one.channel, update)])
        .await
        .unwrap();
    assert_eq!(outcomes, [StatusOutcome::Applied]);
    let left: i64 = bench.one("SELECT count(*) FROM inbox", &[]).await;
    assert_eq!(left, 0);
}

fn tracked(external_id: &str, step: DeliveryStatus, id: MessageId) -> StatusUpdate {
    StatusUpdate {
        tracking: Some(id),
        ..status(external_id, step)
    }
}

/// The answer of a send was lost; the status brings our own id back.
#[tokio::test(flavor = "multi_thread")]
async fn a_status_settles_an_unknown_send() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let message = sending(&bench, &one, 1).await;
    bench.settle(&one, &message, SendOutcome::Unknown).await;
    // One that does not carry it waits for the one that does.
    let (_, orphan) = bench
        .status(&one, status("wamid.1", DeliveryStatus::Sent))
        .await;
    assert_eq!(orphan, StatusOutcome::Parked);
    let update = tracked("wamid.1", DeliveryStatus::Delivered, message.id);
    let (_, outcome) = bench.status(&one, update).await;
    assert_eq!(outcome, StatusOutcome::Applied);
    assert_eq!(bench.send_state(&one, message.id).await, "sent");
    assert_eq!(
        bench.delivery(&one, message.conversation, 1).await,
        Some(DeliveryStatus::Delivered)
    );
    let name: Option<String> = bench.one("SELECT external_id FROM messages", &[]).await;
    assert_eq!(name.as_deref(), Some("wamid.1"));
    let due = bench.store.due_inbox(one.id, 0, 9).await.unwrap();
    assert_eq!(due.len(), 1, "the orphan is awake");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracking_id_of_another_tenant_settles_nothing() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let message = sending(&bench, &one, 1).await;
    let update = tracked("wamid.x", DeliveryStatus::Read, message.id);
    let (_, outcome) = bench.status(&two, update).await;
    assert_eq!(outcome, StatusOutcome::Parked);
    assert_eq!(bench.send_state(&one, message.id).await, "sending");
}

fn refusal(external_id: &str) -> StatusUpdate {
    StatusUpdate {
        error: Some(ProviderError {
            code: 131_026,
            title: "Message undeliverable".to_owned(),
            detail: None,
        }),
        ..status(external_id, DeliveryStatus::Failed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_left_to_a_command() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "olá");
    bench.commit(&one, draft.clone()).await.unwrap();
    let message = bench.claim(&one).await.remove(0);
    let outcome = SendOutcome::Sent {
        external_id: "wamid.1".to_owned(),
    };
    bench.settle(&one, &message, outcome).await;
    let (row, outcome) = bench.status(&one, refusal("wamid.1")).await;
    let expected = StatusOutcome::Failed {
        inbox: row,
        conversation,
        seq: 1,
        code: 131_026,
    };
    assert_eq!(outcome, expected);
    assert_eq!(
        bench.delivery(&one, conversation, 1).await,
        Some(DeliveryStatus::Sent)
    );
    assert_eq!(bench.store.due_inbox(one.id, 0, 9).await.unwrap().len(), 1);

    let failed = draft.then(&one).with(|c| {
        c.failed.push((1, 131_026));
        c.inbox_done.push(row);
    });
    bench.commit(&one, failed).await.unwrap();
    assert_eq!(
        bench.delivery(&one, conversation, 1).await,
        Some(DeliveryStatus::Failed)
    );
    assert!(
        bench
            .store
            .due_inbox(one.id, 0, 9)
            .await
            .unwrap()
            .is_empty()
    );
    let title: String = bench
        .one("SELECT delivery_error->>'title' FROM messages", &[])
        .await;
    assert_eq!(title, "Message undeliverable");
    // A rare later `delivered` is believed.
    let late = status("wamid.1", DeliveryStatus::Delivered);
    assert_eq!(bench.status(&one, late).await.1, StatusOutcome::Applied);
    assert_eq!(
        bench.delivery(&one, conversation, 1).await,
        Some(DeliveryStatus::Delivered)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_is_overtaken_is_no_news() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (_, external_id) = sent(&bench, &one, 1).await;
    let delivered = status(&external_id, DeliveryStatus::Delivered);
    bench.status(&one, delivered).await;
    let (_, outcome) = bench.status(&one, refusal(&external_id)).await;
    assert_eq!(outcome, StatusOutcome::Applied);
}
