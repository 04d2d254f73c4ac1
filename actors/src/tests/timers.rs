//! Deadlines and bursts, also across a restart of the node (G9).

use super::{PHONE, Rig, ana};
use crate::api::EngineConfig;
use crate::testing::{Fault, InboxState, Point, Site, World};
use papo_domain::conversation::{CloseReason, Command, Event, Mode, Sender};
use papo_domain::ports::EventBody;
use std::time::Duration;

fn bots(rig: &Rig) -> usize {
    let texts = rig.world.texts(rig.conversation());
    texts
        .iter()
        .filter(|(sender, _)| *sender == Sender::Bot)
        .count()
}

#[actix::test]
async fn a_burst_is_answered_once_after_its_quiet_period() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    let greeting = bots(&rig);
    for text in ["tudo bem", "queria saber uma coisa", "sobre um pedido"] {
        rig.says(text).await;
        rig.world.run_for(Duration::from_millis(500)).await;
    }
    assert_eq!(bots(&rig), greeting, "answered into the burst");
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(bots(&rig), greeting + 1);
    assert!(matches!(
        rig.world.state(rig.conversation()).mode,
        Mode::Bot(_)
    ));
}

#[actix::test]
async fn a_burst_survives_a_restart() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    let greeting = bots(&rig);
    rig.says("tudo bem").await;
    assert_eq!(bots(&rig), greeting);
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(bots(&rig), greeting + 1);
}

#[actix::test]
async fn a_customer_who_leaves_the_bot_is_let_go() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(29 * 60)).await;
    assert!(matches!(
        rig.world.state(rig.conversation()).mode,
        Mode::Bot(_)
    ));
    rig.world.run_for(Duration::from_secs(2 * 60)).await;
    let mode = rig.world.state(rig.conversation()).mode;
    assert!(
        matches!(
            mode,
            Mode::Closed {
                reason: CloseReason::BotIdle,
                ..
            }
        ),
        "{mode:?}"
    );
}

#[actix::test]
async fn a_deadline_fires_after_restart_and_passivation() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(10 * 60)).await;
    let report = rig.engine.describe(rig.shop.id).await.unwrap();
    assert_eq!(report.active, 0, "it should have left memory");
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(25 * 60)).await;
    let mode = rig.world.state(rig.conversation()).mode;
    assert!(
        matches!(
            mode,
            Mode::Closed {
                reason: CloseReason::BotIdle,
                ..
            }
        ),
        "{mode:?}"
    );
}

#[actix::test]
async fn a_customer_left_alone_by_the_attendant_goes_back_to_the_queue() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    rig.replies(ana(), "olá").await.unwrap();
    rig.world.run_for(Duration::from_secs(60 * 60)).await;
    assert!(matches!(
        rig.world.state(rig.conversation()).mode,
        Mode::Human { .. }
    ));
    rig.world.inbound_text(&rig.shop, PHONE, "alguém aí?");
    rig.world.run_for(Duration::from_secs(31 * 60)).await;
    assert!(matches!(
        rig.world.state(rig.conversation()).mode,
        Mode::Waiting { .. }
    ));
}

/// A customer who has said nothing to the bot for so long that they are let go `before` long.
async fn nearly_let_go(before: Duration, change: impl FnOnce(&mut EngineConfig)) -> Rig {
    tokio::time::pause();
    let world = World::new();
    let shop = world.tenant("shop");
    world.change_tenant(&shop, |record| record.policy.bot_idle = 120);
    let rig = Rig::on(world, shop, "a", change).await;
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(60)).await;
    let deadline = rig.world.state(rig.conversation()).wake_at().unwrap();
    let left = deadline.signed_duration_since(rig.world.clock().now());
    rig.world.run_for(left.to_std().unwrap() - before).await;
    rig
}

fn was_let_go(rig: &Rig) -> bool {
    let events = rig.world.events(rig.shop.id);
    events.iter().any(|event| {
        let EventBody::Conversation { event } = &event.body else {
            return false;
        };
        matches!(event, Event::Closed { .. })
    })
}

/// Acknowledged in time, and the process is killed before it is decided. Whatever the next life
/// does first takes longer than it takes a deadline to ring.
#[actix::test]
async fn an_answer_in_time_comes_before_the_deadline_after_a_crash() {
    for slow in [
        Site::DueInbox,
        Site::ResolvePeers,
        Site::CountAttempts,
        Site::Activate,
    ] {
        let rig = nearly_let_go(Duration::from_secs(5), |_| {}).await;
        let gate = rig.store.faults().hold(Site::Commit, Point::Before);
        rig.world.inbound_text(&rig.shop, PHONE, "menu");
        gate.reached(1).await;
        rig.store.kill();
        let Rig { world, shop, .. } = rig;
        world.run_for(Duration::from_secs(60)).await;
        let store = world.node("a");
        store.faults().latency(slow, Duration::from_millis(700));
        let rig = Rig::on_store(world, shop, store).await;
        rig.world.run_for(Duration::from_secs(20)).await;
        assert!(!was_let_go(&rig), "{slow:?}");
        rig.world.assert_nothing_left(rig.shop.id);
        rig.world.run_for(Duration::from_secs(3 * 60)).await;
        assert!(was_let_go(&rig), "the deadline is lost: {slow:?}");
        tokio::time::resume();
    }
}

#[actix::test]
async fn an_answer_in_time_comes_before_the_deadline_though_it_needs_another_try() {
    let pause = Duration::from_secs(5);
    let slow = |c: &mut EngineConfig| c.conversations.backoff.initial = pause;
    let rig = nearly_let_go(Duration::from_secs(2), slow).await;
    rig.world.inbound_text(&rig.shop, PHONE, "boom:1");
    rig.world.run_for(Duration::from_secs(20)).await;
    assert_eq!(rig.world.booms(), 1);
    assert!(!was_let_go(&rig));
    rig.world.assert_nothing_left(rig.shop.id);
}

/// The last refusal is long before the deadline, just before it, or after it.
#[actix::test]
async fn an_answer_in_time_comes_before_the_deadline_though_the_lane_is_full() {
    for refusals in 3..=10 {
        let rig = nearly_let_go(Duration::from_secs(2), |_| {}).await;
        let faults = rig.store.faults();
        faults.fail(Site::Commit, Fault::Busy, refusals);
        // Nobody has the row while the pump looks for it again.
        faults.latency(Site::DueInbox, Duration::from_millis(150));
        rig.world.inbound_text(&rig.shop, PHONE, "menu");
        rig.world.run_for(Duration::from_secs(20)).await;
        assert!(!was_let_go(&rig), "{refusals}");
        rig.world.assert_nothing_left(rig.shop.id);
        tokio::time::resume();
    }
}

/// No rows are read during a drain, so nothing is known of an answer.
#[actix::test]
async fn a_deadline_during_a_drain_is_for_the_next_life() {
    let rig = nearly_let_go(Duration::from_secs(2), |_| {}).await;
    let gate = rig.gateway.hold();
    rig.world.inbound_text(&rig.shop, "5511900000001", "oi");
    gate.reached(1).await;
    let engine = rig.engine.clone();
    let drained = actix_rt::spawn(async move { engine.drain().await });
    rig.world.settle().await;
    rig.world.inbound_text(&rig.shop, PHONE, "menu");
    rig.world.run_for(Duration::from_secs(5)).await;
    assert!(!was_let_go(&rig));
    gate.release();
    drained.await.unwrap();
    let next = Rig::on(rig.world.clone(), rig.shop, "a", |_| {}).await;
    next.world.run_for(Duration::from_secs(20)).await;
    assert!(!was_let_go(&next));
    next.world.assert_nothing_left(next.shop.id);
}

/// Its row is in hand and stays there.
#[actix::test]
async fn a_deadline_does_not_wait_for_ever() {
    let rig = nearly_let_go(Duration::from_secs(5), |_| {}).await;
    rig.store.faults().database_away(true);
    let row = rig.world.inbound_text(&rig.shop, PHONE, "menu");
    rig.store.kill();
    let Rig { world, shop, .. } = rig;
    let store = world.node("a");
    let gate = store.faults().hold(Site::CountAttempts, Point::Before);
    let rig = Rig::on_store(world, shop, store).await;
    gate.reached(1).await;
    rig.world.run_for(Duration::from_secs(50)).await;
    assert!(!was_let_go(&rig));
    rig.world.run_for(Duration::from_secs(20)).await;
    assert!(was_let_go(&rig));
    assert_eq!(rig.world.inbox_row(row).state, InboxState::Pending);
    gate.release();
    rig.world.run_for(Duration::from_secs(20)).await;
    rig.world.assert_nothing_left(rig.shop.id);
}

/// Out of the way for longer than anything stays in memory, with a crash in between.
#[actix::test]
async fn what_is_put_away_comes_back_after_a_restart() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    rig.replies(ana(), "volto amanhã").await.unwrap();
    let away = Duration::from_secs(40 * 60);
    let until = rig.world.clock().now() + away;
    let snooze = Command::Snooze {
        by: ana(),
        force: false,
        until,
    };
    rig.command(snooze).await.unwrap();
    let rig = rig.restart().await;
    rig.world.run_for(away - Duration::from_secs(60)).await;
    let listing = rig.world.listing(rig.conversation());
    assert_eq!((listing.snoozed_until, listing.unread), (Some(until), 0));
    rig.world.run_for(Duration::from_secs(120)).await;
    let listing = rig.world.listing(rig.conversation());
    assert_eq!((listing.snoozed_until, listing.unread), (None, 1));
}
