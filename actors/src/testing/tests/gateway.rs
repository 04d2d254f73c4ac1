use super::Bench;
use crate::testing::{Answer, FakeGateway, ReadRecord};
use papo_domain::ports::{Claimed, Gateway, OutboundMessage, SendError, SendOutcome, SendReport};
use papo_domain::{MessageId, UserId};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

fn message(claimed: &Claimed) -> OutboundMessage {
    OutboundMessage {
        tracking: claimed.id,
        to: claimed.to.clone(),
        outbound: claimed.outbound.clone(),
        quote: None,
    }
}

fn soon() -> Instant {
    (tokio::time::Instant::now() + Duration::from_secs(2)).into_std()
}

/// A bench with one claimed message of the bot.
async fn claimed() -> (Bench, Arc<FakeGateway>, Claimed) {
    let bench = Bench::new().await;
    bench.commit(bench.draft().bot("olá").done()).await;
    let claimed = bench.claim(1).await.remove(0);
    let gateway = FakeGateway::new(&bench.world);
    (bench, gateway, claimed)
}

impl Bench {
    async fn push(&self, gateway: &FakeGateway, of: &Claimed) -> Result<String, SendError> {
        gateway
            .send(self.tenant.id, self.tenant.channel, message(of), soon())
            .await
    }

    async fn requeue(&self, of: &Claimed) -> Claimed {
        let outcome = SendOutcome::Requeue {
            at: self.world.clock().now(),
            counted: true,
        };
        let conversation = self.conversation;
        self.settle_sends(vec![SendReport {
            id: of.id,
            conversation,
            claim: of.claim,
            outcome,
        }])
        .await;
        self.claim(1).await.remove(0)
    }
}

#[tokio::test(start_paused = true)]
async fn answers_come_as_they_were_planned() {
    let (bench, gateway, mut of) = claimed().await;
    let refused = SendError::Retry {
        code: 500,
        after: None,
    };
    gateway.answer_next(&Answer::Fails(refused.clone()), 2);
    gateway.answer_to(of.id, Answer::Fails(SendError::PairRate { code: 131_056 }));
    assert_eq!(
        bench.push(&gateway, &of).await,
        Err(SendError::PairRate { code: 131_056 })
    );
    for _ in 0..2 {
        of = bench.requeue(&of).await;
        assert_eq!(bench.push(&gateway, &of).await, Err(refused.clone()));
    }
    of = bench.requeue(&of).await;
    assert_eq!(bench.push(&gateway, &of).await, Ok("wamid.OUT4".to_owned()));
    assert_eq!((gateway.count(of.id), gateway.texts().len()), (4, 4));
    let shown = gateway.show_read(bench.tenant.id, bench.tenant.channel, "w".to_owned(), true);
    assert_eq!(shown.await, Ok(()));
    let read = ReadRecord {
        external_id: "w".to_owned(),
        typing: true,
    };
    assert_eq!(gateway.shown(), [read]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_held_while_the_request_is_out() {
    let (bench, gateway, of) = claimed().await;
    let gate = gateway.hold();
    let call =
        tokio::spawn(gateway.send(bench.tenant.id, bench.tenant.channel, message(&of), soon()));
    gate.reached(1).await;
    let done = bench.draft().takeover(UserId(Uuid::from_u128(1))).done();
    assert_eq!(bench.commit(done).await.on_the_wire, 1);
    gate.release();
    assert!(call.await.unwrap().is_ok());
    assert!(gateway.sends()[0].automatic);
    gateway.assert_no_automatic_send_after_takeover();
}

#[tokio::test(start_paused = true)]
async fn a_dead_process_sends_nothing_and_hears_nothing() {
    let (bench, gateway, of) = claimed().await;
    let gate = gateway.hold();
    let call =
        tokio::spawn(gateway.send(bench.tenant.id, bench.tenant.channel, message(&of), soon()));
    gate.reached(1).await;
    gateway.kill();
    gate.release();
    let later =
        tokio::spawn(gateway.send(bench.tenant.id, bench.tenant.channel, message(&of), soon()));
    bench.world.run_for(Duration::from_secs(600)).await;
    assert!(!call.is_finished() && !later.is_finished());
    assert_eq!(gateway.count(of.id), 1);
}

#[tokio::test(start_paused = true)]
async fn a_send_after_the_takeover_is_fine_only_if_the_takeover_told_of_it() {
    let (bench, gateway, of) = claimed().await;
    bench
        .commit(bench.draft().takeover(UserId(Uuid::from_u128(1))).done())
        .await;
    assert!(bench.push(&gateway, &of).await.is_ok());
    let send = &gateway.sends()[0];
    assert!(send.stale && send.announced);
    gateway.assert_no_automatic_send_after_takeover();
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "while Queued")]
async fn a_send_without_a_claim_is_a_bug() {
    let (bench, gateway, mut of) = claimed().await;
    bench.commit(bench.draft().bot("dois").done()).await;
    of.id = MessageId::of(bench.conversation, 2);
    let answer = bench.push(&gateway, &of).await;
    drop(answer);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "twice under one claim")]
async fn two_requests_under_one_claim_are_a_bug() {
    let (bench, gateway, of) = claimed().await;
    gateway.answer_next(&Answer::Fails(SendError::NotSent("down".to_owned())), 2);
    for _ in 0..2 {
        drop(bench.push(&gateway, &of).await);
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "may have arrived; sent again")]
async fn a_blind_repetition_is_a_bug() {
    let (bench, gateway, of) = claimed().await;
    gateway.answer_next(
        &Answer::Fails(SendError::Ambiguous("timeout".to_owned())),
        1,
    );
    drop(bench.push(&gateway, &of).await);
    let again = bench.requeue(&of).await;
    drop(bench.push(&gateway, &again).await);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "too long after its claim")]
async fn a_request_that_starts_late_is_a_bug() {
    let (bench, gateway, of) = claimed().await;
    bench.world.run_for(Duration::from_millis(2_001)).await;
    drop(bench.push(&gateway, &of).await);
}
