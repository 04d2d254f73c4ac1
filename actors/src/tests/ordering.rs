//! G2, G3: each item takes effect once, in the order it came.

use super::{PHONE, Rig, ana};
use crate::api::DispatchError;
use crate::testing::{Fault, InboxState, Point, Site};
use papo_domain::conversation::{Command, Sender};
use std::time::Duration;

fn said(rig: &Rig) -> Vec<String> {
    rig.world
        .texts(rig.conversation())
        .into_iter()
        .filter(|(sender, _)| *sender == Sender::Customer)
        .map(|(_, text)| text)
        .collect()
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[actix::test]
async fn a_burst_keeps_its_order_and_its_numbers() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    for n in 0..200 {
        rig.world.inbound_text(&rig.shop, PHONE, &n.to_string());
    }
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(said(&rig), numbers(0..200));
    rig.world.assert_nothing_left(rig.shop.id);
}

#[actix::test]
async fn items_beyond_the_bound_wait_in_the_table_in_order() {
    let rig = Rig::with(|c| {
        c.conversation_in_hand = 2;
        c.pump_page = 8;
        c.tenant_in_hand = 16;
    })
    .await;
    rig.takes_over(ana()).await;
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    for n in 0..50 {
        rig.world.inbound_text(&rig.shop, PHONE, &n.to_string());
    }
    gate.reached(1).await;
    let report = rig.engine.describe(rig.shop.id).await.unwrap();
    assert!(report.in_hand <= 2, "{} items in hand", report.in_hand);
    gate.release();
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(said(&rig), numbers(0..50));
}

#[actix::test]
async fn one_busy_conversation_does_not_hold_up_the_others() {
    let rig = Rig::with(|c| c.conversation_in_hand = 1).await;
    let busy = rig.conversation();
    rig.takes_over(ana()).await;
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    rig.world.inbound_text(&rig.shop, PHONE, "one");
    gate.reached(1).await;
    for n in 0..20 {
        rig.world.inbound_text(&rig.shop, PHONE, &n.to_string());
    }
    rig.world.inbound_text(&rig.shop, "5511900000001", "oi");
    gate.reached(2).await;
    gate.release();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(
        rig.world
            .texts(busy)
            .iter()
            .filter(|(s, _)| *s == Sender::Customer)
            .count(),
        21
    );
    rig.world.assert_nothing_left(rig.shop.id);
}

#[actix::test]
async fn a_full_lane_delays_items_and_keeps_their_order() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store.faults().fail(Site::Commit, Fault::Busy, 3);
    for n in 0..20 {
        rig.world.inbound_text(&rig.shop, PHONE, &n.to_string());
    }
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(said(&rig), numbers(0..20));
    assert_eq!(
        rig.world.inbox_in(rig.shop.id, InboxState::Dead),
        Vec::<i64>::new()
    );
}

#[actix::test]
async fn a_lost_answer_of_the_store_doubles_nothing() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    for round in 0..5 {
        rig.store.faults().fail(Site::Commit, Fault::AnswerLost, 1);
        for n in 0..10 {
            rig.world
                .inbound_text(&rig.shop, PHONE, &(round * 10 + n).to_string());
        }
        rig.world.run_for(Duration::from_secs(3)).await;
    }
    assert_eq!(said(&rig), numbers(0..50));
    rig.world.assert_nothing_left(rig.shop.id);
}

/// Whoever asked is told whether anything can have happened: only where nothing can have, is it
/// said that nothing did.
#[actix::test]
async fn a_commit_that_was_lost_is_told_apart_from_one_that_never_began() {
    for (fault, known) in [(Fault::Unavailable, true), (Fault::AnswerLost, false)] {
        let rig = Rig::new().await;
        rig.says("oi").await;
        rig.store.faults().fail(Site::Commit, fault, 1);
        let takeover = Command::TakeOver {
            by: ana(),
            name: "Ana".to_owned(),
            force: false,
        };
        match rig.command(takeover).await {
            Err(DispatchError::Store(_)) => assert!(known),
            Err(DispatchError::Unknown) => assert!(!known),
            other => panic!("{other:?}"),
        }
        tokio::time::resume();
    }
}

#[actix::test]
async fn a_doorbell_nobody_heard_is_made_up_for() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.store.faults().drop_handoffs(true);
    rig.world.inbound_text(&rig.shop, PHONE, "menu");
    rig.world.run_for(Duration::from_secs(3)).await;
    assert_eq!(said(&rig), ["oi", "menu"]);
}

#[actix::test]
async fn a_database_that_comes_back_is_used_again() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store.faults().database_away(true);
    rig.world.inbound_text(&rig.shop, PHONE, "one");
    rig.world.run_for(Duration::from_secs(5)).await;
    assert!(rig.replies(ana(), "olá").await.is_err());
    rig.store.faults().database_away(false);
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(said(&rig), ["one"]);
    rig.replies(ana(), "olá").await.unwrap();
}

#[actix::test]
async fn an_item_nobody_can_read_is_put_aside() {
    let rig = Rig::new().await;
    let row = rig.world.unreadable(&rig.shop);
    rig.says("oi").await;
    assert_eq!(rig.world.inbox_in(rig.shop.id, InboxState::Dead), [row]);
    assert_eq!(said(&rig), ["oi"]);
}

#[actix::test]
async fn a_full_lane_is_not_asked_in_circles() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store.faults().fail(Site::Commit, Fault::Busy, 10_000);
    let before = rig.store.faults().calls(Site::DueInbox);
    rig.world.inbound_text(&rig.shop, PHONE, "um");
    rig.world.inbound_text(&rig.shop, PHONE, "dois");
    rig.world.run_for(Duration::from_secs(5)).await;
    let reads = rig.store.faults().calls(Site::DueInbox) - before;
    assert!((5..=36).contains(&reads), "{reads} readings in 5 s");
}

#[actix::test]
async fn a_store_that_takes_no_commits_is_not_asked_in_circles() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store
        .faults()
        .fail(Site::Commit, Fault::Unavailable, 10_000);
    let before = rig.store.faults().calls(Site::Activate);
    rig.world.inbound_text(&rig.shop, PHONE, "um");
    rig.world.run_for(Duration::from_secs(5)).await;
    let loads = rig.store.faults().calls(Site::Activate) - before;
    assert!((5..=60).contains(&loads), "{loads} activations in 5 s");
}

#[actix::test]
async fn a_message_does_not_overtake_one_that_was_found_pending() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store.faults().database_away(true);
    rig.world.inbound_text(&rig.shop, PHONE, "um");
    rig.store.kill();
    let Rig { world, shop, .. } = rig;
    let store = world.node("a");
    let gate = store.faults().hold(Site::CountAttempts, Point::Before);
    let rig = Rig::on_store(world, shop, store).await;
    gate.reached(1).await;
    rig.says("dois").await;
    rig.world.run_for(Duration::from_secs(2)).await;
    assert_eq!(said(&rig), Vec::<String>::new(), "one went first");
    gate.release();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(said(&rig), ["um", "dois"]);
}

/// What a reading had let go of is not forgotten because the reading failed.
#[actix::test]
async fn a_reading_that_fails_lets_nothing_overtake() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store.faults().fail(Site::Commit, Fault::Unavailable, 1);
    let turned_away = rig.store.faults().calls(Site::Commit);
    rig.world.inbound_text(&rig.shop, PHONE, "0");
    while rig.store.faults().calls(Site::Commit) == turned_away {
        rig.world.run_for(Duration::from_millis(5)).await;
    }
    rig.store
        .faults()
        .fail(Site::DueInbox, Fault::Unavailable, 1);
    let readings = rig.store.faults().calls(Site::DueInbox);
    while rig.store.faults().calls(Site::DueInbox) == readings {
        rig.world.run_for(Duration::from_millis(5)).await;
    }
    rig.world.inbound_text(&rig.shop, PHONE, "1");
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(said(&rig), numbers(0..2));
}

/// The end of a life is told before the last of its mailbox is gone.
#[actix::test]
async fn nothing_overtakes_a_row_that_a_past_life_still_has() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    let conversation = rig.conversation();
    let inside = rig.engine.inside(rig.shop.id).await;
    let row = rig.world.inbound_text(&rig.shop, PHONE, "0");
    // It is on its way to the present life.
    let token = inside.in_hand.take_for(conversation, row, 32);
    assert!(token.is_some());
    rig.store.faults().fail(Site::Commit, Fault::Conflict, 1);
    let ended = rig.replies(ana(), "olá").await;
    assert!(matches!(ended, Err(DispatchError::Gone)), "{ended:?}");
    rig.says("1").await;
    rig.world.run_for(Duration::from_secs(3)).await;
    assert_eq!(said(&rig), ["oi"], "one went first");
    drop(token);
    rig.world.run_for(Duration::from_millis(50)).await;
    assert_eq!(said(&rig), ["oi", "0", "1"]);
}
