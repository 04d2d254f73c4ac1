use super::Bench;
use crate::testing::{InboxState, SendState};
use papo_domain::MessageId;
use papo_domain::ports::{
    DeliveryStatus, EngineStore, InboxItem, OpenClaim, SendOutcome, SendReport, StatusOutcome,
};
use std::time::Duration;

impl Bench {
    /// Queues, claims and settles one message of the bot.
    async fn send(&self, outcome: SendOutcome) -> MessageId {
        self.commit(self.draft().bot("olá").done()).await;
        let claimed = self.claim(1).await;
        let id = claimed[0].id;
        self.settle_sends(vec![SendReport {
            id,
            conversation: self.conversation,
            claim: claimed[0].claim,
            outcome,
        }])
        .await;
        id
    }

    /// Applies every status that is due in the inbox, in order.
    async fn apply_due(&self) -> Vec<StatusOutcome> {
        let rows = self.store.due_inbox(self.tenant.id, 0, 100).await.unwrap();
        let updates = rows.into_iter().filter_map(|row| match row.item {
            Some(InboxItem::Status(update)) => Some((row.id, row.channel, update)),
            _ => None,
        });
        let updates = updates.collect();
        self.store
            .apply_statuses(self.lease, self.tenant.id, updates)
            .await
            .unwrap()
    }

    fn shown(&self) -> Option<DeliveryStatus> {
        self.world.messages(self.conversation)[0].status
    }
}

fn sent() -> SendOutcome {
    SendOutcome::Sent {
        external_id: "w1".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn statuses_only_move_forward_whatever_their_order() {
    use DeliveryStatus::{Delivered, Read, Sent};
    for order in [
        [Sent, Delivered, Read],
        [Sent, Read, Delivered],
        [Delivered, Sent, Read],
        [Delivered, Read, Sent],
        [Read, Sent, Delivered],
        [Read, Delivered, Sent],
    ] {
        let bench = Bench::new().await;
        bench.send(sent()).await;
        let mut highest = Sent;
        for status in order {
            bench.world.status(&bench.tenant, "w1", status);
            assert_eq!(bench.apply_due().await, [StatusOutcome::Applied]);
            highest = highest.max(status);
            assert_eq!(bench.shown(), Some(highest));
        }
        let done = bench.world.inbox_in(bench.tenant.id, InboxState::Done);
        assert_eq!(done.len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_before_its_message_is_parked_and_woken() {
    let bench = Bench::new().await;
    let row = bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Delivered);
    assert_eq!(bench.apply_due().await, [StatusOutcome::Parked]);
    assert_eq!(bench.world.inbox_row(row).state, InboxState::Parked);
    assert_eq!(bench.apply_due().await, []);
    let rings = bench.sink.rings(bench.tenant.id);

    bench.send(sent()).await;
    assert_eq!(bench.sink.rings(bench.tenant.id), rings + 1);
    assert_eq!(bench.shown(), Some(DeliveryStatus::Sent));
    assert_eq!(bench.apply_due().await, [StatusOutcome::Applied]);
    assert_eq!(bench.shown(), Some(DeliveryStatus::Delivered));
}

#[tokio::test(start_paused = true)]
async fn our_own_id_settles_a_send_whose_answer_was_lost() {
    let bench = Bench::new().await;
    let id = bench.send(SendOutcome::Unknown).await;
    bench.commit(bench.draft().bot("dois").done()).await;
    assert!(bench.claim(1).await.is_empty());
    bench
        .world
        .tracked_status(&bench.tenant, "w1", DeliveryStatus::Sent, id);
    bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Delivered);
    // The second knows only the id that the first brings, and waits for no time at all.
    assert_eq!(
        bench.apply_due().await,
        [StatusOutcome::Applied, StatusOutcome::Parked]
    );
    assert_eq!(bench.apply_due().await, [StatusOutcome::Applied]);
    let row = &bench.world.outbox(bench.conversation)[0];
    assert_eq!(row.state, SendState::Sent);
    assert_eq!(bench.shown(), Some(DeliveryStatus::Delivered));
    assert_eq!(bench.claim(1).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_overtakes_the_answer_outweighs_it() {
    let bench = Bench::new().await;
    bench.commit(bench.draft().bot("olá").done()).await;
    let OpenClaim { id, claim, .. } = bench.claim(1).await[0].open();
    bench
        .world
        .tracked_status(&bench.tenant, "w1", DeliveryStatus::Delivered, id);
    assert_eq!(bench.apply_due().await, [StatusOutcome::Applied]);
    // The provider has it: the conversation goes on, and no later report takes it back.
    let at = bench.world.clock().now();
    for outcome in [
        SendOutcome::Requeue { at, counted: true },
        SendOutcome::Unknown,
    ] {
        let conversation = bench.conversation;
        bench
            .settle_sends(vec![SendReport {
                id,
                conversation,
                claim,
                outcome,
            }])
            .await;
        assert_eq!(
            bench.world.outbox(bench.conversation)[0].state,
            SendState::Sent
        );
        assert_eq!(bench.shown(), Some(DeliveryStatus::Delivered));
    }
}

#[tokio::test(start_paused = true)]
async fn an_orphan_is_given_up_after_an_hour() {
    let bench = Bench::new().await;
    let row = bench
        .world
        .status(&bench.tenant, "w9", DeliveryStatus::Read);
    assert_eq!(bench.apply_due().await, [StatusOutcome::Parked]);
    bench.world.run_for(Duration::from_secs(3_599)).await;
    assert_eq!(bench.apply_due().await, []);
    bench.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(bench.apply_due().await, [StatusOutcome::Applied]);
    assert_eq!(bench.world.inbox_row(row).state, InboxState::Done);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_overtaken_in_the_same_call_is_old_news() {
    let bench = Bench::new().await;
    bench.send(sent()).await;
    bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Failed);
    bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Delivered);
    assert_eq!(
        bench.apply_due().await,
        [StatusOutcome::Applied, StatusOutcome::Applied]
    );
    assert_eq!(bench.shown(), Some(DeliveryStatus::Delivered));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_becomes_a_command_once() {
    let bench = Bench::new().await;
    bench.send(sent()).await;
    let inbox = bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Failed);
    let conversation = bench.conversation;
    let failed = StatusOutcome::Failed {
        inbox,
        conversation,
        seq: 1,
        code: 131_026,
    };
    assert_eq!(bench.apply_due().await, [failed]);
    assert_eq!(bench.world.inbox_row(inbox).state, InboxState::Pending);

    let mut draft = bench.draft();
    draft.commit.failed.push((1, 131_026));
    draft.commit.inbox_done.push(inbox);
    bench.commit(draft.done()).await;
    assert_eq!(bench.shown(), Some(DeliveryStatus::Failed));
    let error = bench.world.messages(bench.conversation)[0].error.clone();
    assert_eq!(error.unwrap().title, "Message undeliverable");
    assert_eq!(bench.apply_due().await, []);

    // Rare, but it does come: the failed message was delivered after all.
    bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Delivered);
    assert_eq!(bench.apply_due().await, [StatusOutcome::Applied]);
    assert_eq!(bench.shown(), Some(DeliveryStatus::Delivered));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_what_was_delivered_is_old_news() {
    let bench = Bench::new().await;
    bench.send(sent()).await;
    bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Read);
    bench
        .world
        .status(&bench.tenant, "w1", DeliveryStatus::Failed);
    assert_eq!(
        bench.apply_due().await,
        [StatusOutcome::Applied, StatusOutcome::Applied]
    );
    assert_eq!(bench.shown(), Some(DeliveryStatus::Read));
}
