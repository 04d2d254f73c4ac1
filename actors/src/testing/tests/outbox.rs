use super::Bench;
use crate::testing::{SendState, Tenant};
use papo_domain::ports::{
    Claimed, DeliveryStatus, EngineStore, ProviderError, SendOutcome, SendReport,
};
use papo_domain::{ConversationId, UserId};
use std::time::Duration;
use uuid::Uuid;

fn report(of: &Claimed, outcome: SendOutcome) -> Vec<SendReport> {
    vec![SendReport {
        id: of.id,
        conversation: of.conversation,
        claim: of.claim,
        outcome,
    }]
}

fn sent(external_id: &str) -> SendOutcome {
    SendOutcome::Sent {
        external_id: external_id.to_owned(),
    }
}

fn seqs(claimed: &[Claimed]) -> Vec<u64> {
    claimed.iter().map(|c| c.seq).collect()
}

fn ana() -> UserId {
    UserId(Uuid::from_u128(1))
}

#[tokio::test(start_paused = true)]
async fn a_conversation_sends_one_at_a_time_in_order() {
    let bench = Bench::new().await;
    // A person's word has the better class and still waits for the bot's older one.
    bench
        .commit(bench.draft().bot("um").bot("dois").notice("três").done())
        .await;
    for (seq, id) in [(1, "w1"), (2, "w2"), (3, "w3")] {
        let claimed = bench.claim(10).await;
        assert_eq!(seqs(&claimed), [seq]);
        assert!(bench.claim(10).await.is_empty());
        assert_eq!(claimed[0].to.value, super::PHONE);
        bench.settle_sends(report(&claimed[0], sent(id))).await;
    }
    assert!(bench.claim(10).await.is_empty());
    let messages = bench.world.messages(bench.conversation);
    let ids: Vec<_> = messages.iter().map(|m| m.external_id.as_deref()).collect();
    assert_eq!(ids, [Some("w1"), Some("w2"), Some("w3")]);
    assert!(
        messages
            .iter()
            .all(|m| m.status == Some(DeliveryStatus::Sent))
    );
}

#[tokio::test(start_paused = true)]
async fn people_go_first_between_conversations() {
    let bench = Bench::new().await;
    let open = |phone: &str| bench.world.open(&bench.tenant, phone);
    let (bot_old, bot_new, human) = (
        bench.conversation,
        open("5511988880002"),
        open("5511988880003"),
    );
    let draft = |id: ConversationId| super::draft::Draft::on(&bench.world, &bench.tenant, id);
    bench.commit(draft(bot_old).bot("velha").done()).await;
    bench.world.settle().await;
    bench.commit(draft(bot_new).bot("nova").done()).await;
    bench.commit(draft(human).notice("gente").done()).await;
    let first: Vec<_> = bench
        .claim(2)
        .await
        .iter()
        .map(|c| c.conversation)
        .collect();
    assert_eq!(first, [human, bot_old]);
    let then: Vec<_> = bench
        .claim(2)
        .await
        .iter()
        .map(|c| c.conversation)
        .collect();
    assert_eq!(then, [bot_new]);
}

#[tokio::test(start_paused = true)]
async fn a_takeover_before_the_claim_cancels() {
    let bench = Bench::new().await;
    bench
        .commit(bench.draft().bot("um").notice("dois").bot("três").done())
        .await;
    let done = bench.commit(bench.draft().takeover(ana()).done()).await;
    assert_eq!((done.cancelled, done.on_the_wire), (2, 0));
    assert_eq!(seqs(&bench.claim(10).await), [2]);
    let states: Vec<_> = bench
        .world
        .outbox(bench.conversation)
        .iter()
        .map(|row| row.state)
        .collect();
    assert_eq!(
        states,
        [
            SendState::Cancelled,
            SendState::Sending,
            SendState::Cancelled
        ]
    );
    let statuses: Vec<_> = bench
        .world
        .messages(bench.conversation)
        .iter()
        .map(|m| m.status)
        .collect();
    assert_eq!(statuses[0], Some(DeliveryStatus::Cancelled));
    assert_eq!(bench.world.transfers(bench.conversation).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_takeover_after_the_claim_tells_what_is_on_the_wire_and_a_requeue_cancels() {
    let bench = Bench::new().await;
    bench
        .commit(bench.draft().bot("um").bot("dois").done())
        .await;
    let claimed = bench.claim(10).await;
    let done = bench
        .commit(bench.draft().takeover(ana()).notice("Ana assumiu").done())
        .await;
    assert_eq!((done.cancelled, done.on_the_wire), (1, 1));
    assert!(bench.claim(10).await.is_empty());

    let now = bench.world.clock().now();
    let requeue = SendOutcome::Requeue {
        at: now,
        counted: false,
    };
    bench.settle_sends(report(&claimed[0], requeue)).await;
    assert_eq!(
        bench.world.outbox(bench.conversation)[0].state,
        SendState::Cancelled
    );
    assert_eq!(seqs(&bench.claim(10).await), [3]);
}

#[tokio::test(start_paused = true)]
async fn a_requeued_send_waits_its_time_and_keeps_its_place() {
    let bench = Bench::new().await;
    bench
        .commit(bench.draft().bot("um").bot("dois").done())
        .await;
    let claimed = bench.claim(10).await;
    let at = bench.world.clock().now() + Duration::from_secs(5);
    bench
        .settle_sends(report(
            &claimed[0],
            SendOutcome::Requeue { at, counted: true },
        ))
        .await;
    assert!(bench.claim(10).await.is_empty());
    // The second is due, but not before the first.
    let Tenant { id, shard, .. } = bench.tenant;
    assert_eq!(bench.store.busy_tenants(vec![shard]).await, Ok(vec![id]));
    bench.world.run_for(Duration::from_secs(5)).await;
    let again = bench.claim(10).await;
    assert_eq!((seqs(&again), again[0].attempts), (vec![1], 1));
}

#[tokio::test(start_paused = true)]
async fn a_send_without_an_answer_blocks_and_is_never_repeated() {
    let bench = Bench::new().await;
    bench
        .commit(bench.draft().bot("um").bot("dois").done())
        .await;
    let claimed = bench.claim(10).await;
    bench
        .settle_sends(report(&claimed[0], SendOutcome::Unknown))
        .await;
    assert!(bench.claim(10).await.is_empty());
    // Nothing that comes later puts it back into the queue.
    let at = bench.world.clock().now();
    bench
        .settle_sends(report(
            &claimed[0],
            SendOutcome::Requeue { at, counted: true },
        ))
        .await;
    assert_eq!(
        bench.world.outbox(bench.conversation)[0].state,
        SendState::Unknown
    );
    // The answer itself may come late.
    bench.settle_sends(report(&claimed[0], sent("w1"))).await;
    assert_eq!(
        bench.world.outbox(bench.conversation)[0].state,
        SendState::Sent
    );
    assert_eq!(seqs(&bench.claim(10).await), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_send_is_told_and_unblocks() {
    let bench = Bench::new().await;
    bench
        .commit(bench.draft().bot("um").bot("dois").done())
        .await;
    assert_eq!(
        bench.store.next_send(bench.tenant.id).await,
        Ok(Some(bench.world.outbox(bench.conversation)[0].due_at))
    );
    let claimed = bench.claim(10).await;
    let error = ProviderError {
        code: 131_047,
        title: "Re-engagement".to_owned(),
        detail: None,
    };
    bench
        .settle_sends(report(
            &claimed[0],
            SendOutcome::Failed {
                error: error.clone(),
            },
        ))
        .await;
    let first = &bench.world.messages(bench.conversation)[0];
    assert_eq!(
        (first.status, &first.error),
        (Some(DeliveryStatus::Failed), &Some(error))
    );
    assert_eq!(seqs(&bench.claim(10).await), [2]);

    let mut draft = bench.draft();
    draft.commit.failed.push((2, 500));
    bench.commit(draft.done()).await;
    let error = bench.world.messages(bench.conversation)[1].error.clone();
    assert_eq!(error.map(|error| error.code), Some(500));
    assert_eq!(
        bench.world.outbox(bench.conversation)[1].state,
        SendState::Failed
    );
    assert_eq!(bench.store.next_send(bench.tenant.id).await, Ok(None));
    bench.world.assert_nothing_left(bench.tenant.id);
}

#[tokio::test(start_paused = true)]
async fn a_send_whose_sender_vanished_becomes_unknown() {
    let bench = Bench::new().await;
    bench.commit(bench.draft().bot("um").done()).await;
    bench.claim(10).await;
    let state = async || {
        let expired = bench
            .store
            .expire_unknown(bench.lease, bench.tenant.id)
            .await;
        assert_eq!(expired, Ok(()));
        bench.world.outbox(bench.conversation)[0].state
    };
    bench.world.run_for(Duration::from_secs(119)).await;
    assert_eq!(state().await, SendState::Sending);
    bench.world.run_for(Duration::from_secs(2)).await;
    assert_eq!(state().await, SendState::Unknown);
    bench.world.run_for(Duration::from_secs(121)).await;
    assert_eq!(state().await, SendState::Unconfirmed);
}
