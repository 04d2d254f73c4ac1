//! How sends end.

use crate::bench::{Bench, Draft};
use papo_domain::ports::{
    DeliveryStatus, EngineStore, EventBody, Lease, ProviderError, SendOutcome, StoreError,
};
use papo_domain::{MessageId, UserId};
use papo_storage::app::ChannelChange;
use papo_storage::{Database, PoolSettings};
use tokio::runtime::Handle;
use uuid::Uuid;

async fn claimed(bench: &Bench) -> (crate::bench::Tenant, Draft, papo_domain::ports::Claimed) {
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).bot(&one, "um");
    bench.commit(&one, draft.clone()).await.unwrap();
    let message = bench.claim(&one).await.remove(0);
    (one, draft, message)
}

async fn last_delivery(bench: &Bench, tenant: &crate::bench::Tenant) -> Option<EventBody> {
    let events = bench.store.events_after(tenant.id, 0, 100).await.unwrap();
    events
        .into_iter()
        .map(|event| event.body)
        .rfind(|body| matches!(body, EventBody::Delivery { .. }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_message_has_the_providers_id() {
    let bench = Bench::new().await;
    let (one, _, message) = claimed(&bench).await;
    let sent = SendOutcome::Sent {
        external_id: "wamid.out".to_owned(),
    };
    bench.settle(&one, &message, sent.clone()).await;
    bench.settle(&one, &message, sent).await;
    assert_eq!(bench.send_state(&one, message.id).await, "sent");
    let name: Option<String> = bench.one("SELECT external_id FROM messages", &[]).await;
    assert_eq!(name.as_deref(), Some("wamid.out"));
    let events = bench.store.events_after(one.id, 0, 100).await.unwrap();
    assert_eq!(events.len(), 2, "told once");
    assert_eq!(
        last_delivery(&bench, &one).await,
        Some(EventBody::Delivery {
            seq: 1,
            status: DeliveryStatus::Sent,
            error: None,
            external_id: Some("wamid.out".to_owned()),
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_send_says_why() {
    let bench = Bench::new().await;
    let (one, draft, message) = claimed(&bench).await;
    let error = ProviderError {
        code: 131_047,
        title: "Re-engagement message".to_owned(),
        detail: Some("mais de 24 horas".to_owned()),
    };
    let outcome = SendOutcome::Failed {
        error: error.clone(),
    };
    bench.settle(&one, &message, outcome).await;
    assert_eq!(bench.send_state(&one, message.id).await, "failed");
    let told = EventBody::Delivery {
        seq: 1,
        status: DeliveryStatus::Failed,
        error: Some(error),
        external_id: None,
    };
    assert_eq!(last_delivery(&bench, &one).await, Some(told.clone()));
    // The command that follows it does not tell it again.
    let failed = draft.then(&one).with(|c| c.failed.push((1, 131_047)));
    bench.commit(&one, failed).await.unwrap();
    let events = bench.store.events_after(one.id, 0, 100).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.body == told).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_send_is_never_put_back() {
    let bench = Bench::new().await;
    let (one, _, message) = claimed(&bench).await;
    bench.settle(&one, &message, SendOutcome::Unknown).await;
    let at = crate::bench::at(-800_000_000);
    bench
        .settle(&one, &message, SendOutcome::Requeue { at, counted: true })
        .await;
    assert_eq!(bench.send_state(&one, message.id).await, "unknown");
    assert!(bench.claim(&one).await.is_empty());
    // A late answer settles it.
    let sent = SendOutcome::Sent {
        external_id: "wamid.late".to_owned(),
    };
    bench.settle(&one, &message, sent).await;
    assert_eq!(bench.send_state(&one, message.id).await, "sent");
}

/// A report is repeated when its answer was lost. Meanwhile the message may be on its way again.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_an_earlier_claim_changes_nothing_unless_the_provider_took_it() {
    let bench = Bench::new().await;
    let (one, _, first) = claimed(&bench).await;
    let at = crate::bench::at(-800_000_000);
    let requeue = SendOutcome::Requeue { at, counted: true };
    bench.settle(&one, &first, requeue.clone()).await;
    let second = bench.claim(&one).await.remove(0);
    assert_eq!(second.id, first.id);
    assert_ne!(second.claim, first.claim);
    let error = ProviderError {
        code: 131_000,
        title: "Something went wrong".to_owned(),
        detail: None,
    };
    let failed = SendOutcome::Failed { error };
    for stale in [requeue, SendOutcome::Unknown, failed] {
        bench.settle(&one, &first, stale).await;
        assert_eq!(bench.send_state(&one, first.id).await, "sending");
    }
    let attempts: i32 = bench.one("SELECT attempts FROM outbox", &[]).await;
    assert_eq!(attempts, 1);
    let sent = SendOutcome::Sent {
        external_id: "wamid.late".to_owned(),
    };
    bench.settle(&one, &first, sent).await;
    assert_eq!(bench.send_state(&one, first.id).await, "sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_without_a_result_are_found_under_their_lease_and_channel_only() {
    let bench = Bench::new().await;
    let (one, draft, message) = claimed(&bench).await;
    let waiting = draft.then(&one).bot(&one, "dois");
    bench.commit(&one, waiting).await.unwrap();
    let open = |lease, tenant, channel| bench.store.open_claims(lease, tenant, channel);
    assert_eq!(
        open(one.lease, one.id, one.channel).await.unwrap(),
        [message.open()]
    );
    let newer = Lease {
        epoch: one.lease.epoch + 1,
        ..one.lease
    };
    let refused = open(newer, one.id, one.channel).await;
    assert_eq!(refused, Err(StoreError::Fenced));
    let two = bench.tenant("two", 1).await;
    for (lease, tenant, channel) in [
        (one.lease, two.id, one.channel),
        (one.lease, one.id, two.channel),
    ] {
        assert!(open(lease, tenant, channel).await.unwrap().is_empty());
    }
    bench.settle(&one, &message, SendOutcome::Unknown).await;
    assert!(
        open(one.lease, one.id, one.channel)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requeue_after_a_takeover_cancels() {
    let bench = Bench::new().await;
    let (one, draft, message) = claimed(&bench).await;
    let user = UserId(Uuid::now_v7());
    let takeover = draft.then(&one).takeover(user).reply(&one, user, "pessoa");
    let done = bench.commit(&one, takeover).await.unwrap();
    assert_eq!((done.cancelled, done.on_the_wire), (0, 1));
    let at = crate::bench::at(-800_000_000);
    bench
        .settle(&one, &message, SendOutcome::Requeue { at, counted: false })
        .await;
    assert_eq!(bench.send_state(&one, message.id).await, "cancelled");
    assert_eq!(bench.claim(&one).await[0].seq, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_given_twice_names_the_first() {
    let bench = Bench::new().await;
    let (one, draft, first) = claimed(&bench).await;
    let sent = SendOutcome::Sent {
        external_id: "wamid.twice".to_owned(),
    };
    bench.settle(&one, &first, sent.clone()).await;
    let next = draft.then(&one).bot(&one, "dois");
    bench.commit(&one, next).await.unwrap();
    let second = bench.claim(&one).await.remove(0);
    bench.settle(&one, &second, sent).await;
    assert_eq!(bench.send_state(&one, second.id).await, "sent");
    let named: Vec<Uuid> = bench
        .column(
            "SELECT id FROM outbox WHERE external_id = 'wamid.twice'",
            &[],
        )
        .await;
    assert_eq!(named, [first.id.0]);
}

/// Its sender died with it; nothing else would ever end it.
#[tokio::test(flavor = "multi_thread")]
async fn a_send_without_a_report_ends_as_unknown() {
    let bench = Bench::new().await;
    let (one, _, message) = claimed(&bench).await;
    bench.store.expire_unknown(one.lease, one.id).await.unwrap();
    assert_eq!(bench.send_state(&one, message.id).await, "sending");
    bench
        .run(
            "UPDATE outbox SET claimed_at = now() - interval '3 minutes'",
            &[],
        )
        .await;
    bench.store.expire_unknown(one.lease, one.id).await.unwrap();
    assert_eq!(bench.send_state(&one, message.id).await, "unknown");
}

/// Nothing is sent through it any more, so that would wait for ever; what people and clients see is
/// a failed send like any other. A number that is only switched off keeps its queue.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_for_a_retired_channel_fails() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let user = UserId(Uuid::now_v7());
    let draft = Draft::first(&one, conversation)
        .bot(&one, "um")
        .reply(&one, user, "dois");
    bench.commit(&one, draft).await.unwrap();
    let busy = || bench.store.busy_tenants(vec![one.lease.shard]);
    let url = bench.db.app_url().into();
    let app = Database::new(&url, PoolSettings::default(), Handle::current()).unwrap();
    let off = ChannelChange {
        is_active: Some(false),
        ..ChannelChange::default()
    };
    app.update_channel(one.id, one.channel, &off).await.unwrap();
    assert_eq!(busy().await.unwrap(), [], "nobody could send it");
    assert_eq!(bench.store.next_send(one.id).await, Ok(None));
    bench.store.expire_unknown(one.lease, one.id).await.unwrap();
    let states = "SELECT state FROM outbox ORDER BY seq";
    let queued: Vec<String> = bench.column(states, &[]).await;
    assert_eq!(queued, ["queued", "queued"]);

    app.retire_channel(one.id, one.channel).await.unwrap();
    assert_eq!(busy().await.unwrap(), [one.id], "so that it is ended");
    bench.store.expire_unknown(one.lease, one.id).await.unwrap();
    let failed: Vec<String> = bench.column(states, &[]).await;
    assert_eq!(failed, ["failed", "failed"]);
    assert_eq!(busy().await.unwrap(), []);
    let told = last_delivery(&bench, &one).await;
    let Some(EventBody::Delivery {
        seq, status, error, ..
    }) = told
    else {
        panic!("nobody was told");
    };
    assert_eq!((seq, status), (2, DeliveryStatus::Failed));
    assert_eq!(error.unwrap().title, "the channel is out of use");
    let first = bench.delivery(&one, conversation, 1).await;
    assert_eq!(first, Some(DeliveryStatus::Failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_send_cannot_be_settled() {
    let bench = Bench::new().await;
    let (one, _, message) = claimed(&bench).await;
    let two = bench.tenant("two", 1).await;
    let sent = SendOutcome::Sent {
        external_id: "wamid.forged".to_owned(),
    };
    bench.settle(&two, &message, sent).await;
    assert_eq!(bench.send_state(&one, message.id).await, "sending");
    let ids: Vec<Uuid> = bench.column("SELECT id FROM outbox", &[]).await;
    assert_eq!(ids, [MessageId::of(message.conversation, 1).0]);
}
