//! Who serves a tenant: fencing, take-over by another node, giving a shard back.

use super::{PHONE, Rig, ana};
use crate::api::DispatchError;
use crate::testing::{Point, SendState, Site, World};
use papo_domain::conversation::{Sender, encode};
use std::time::Duration;

#[actix::test]
async fn a_second_life_of_the_node_fences_the_first() {
    let first = Rig::new().await;
    first.says("oi").await;
    let second = Rig::on(first.world.clone(), first.shop, "a", |_| {}).await;
    let refused = first
        .command(papo_domain::conversation::Command::AddNote {
            by: ana(),
            text: "x".to_owned(),
            mentions: Vec::new(),
        })
        .await;
    assert!(
        matches!(refused, Err(DispatchError::NotHere | DispatchError::Gone)),
        "{refused:?}"
    );
    second.takes_over(ana()).await;
    second.says("menu").await;
    let texts = second.world.texts(second.conversation());
    assert_eq!(
        texts
            .iter()
            .filter(|(sender, _)| *sender == Sender::Customer)
            .count(),
        2
    );
}

#[actix::test]
async fn another_node_takes_over_when_the_lease_runs_out() {
    let first = Rig::new().await;
    first.says("oi").await;
    first.store.kill();
    first.world.inbound_text(&first.shop, PHONE, "menu");
    let second = Rig::on(first.world.clone(), first.shop, "b", |_| {}).await;
    second.world.run_for(Duration::from_secs(30)).await;
    let texts = second.world.texts(second.conversation());
    assert_eq!(
        texts
            .iter()
            .filter(|(sender, _)| *sender == Sender::Customer)
            .count(),
        2
    );
    second.world.assert_nothing_left(second.shop.id);
}

/// The answer of the first take is slow, and a renewal would be due before it comes.
#[actix::test]
async fn leases_that_are_being_taken_are_not_lost_to_a_renewal() {
    tokio::time::pause();
    let world = World::new();
    let shop = world.tenant("shop");
    let store = world.node("a");
    let taking = store.faults().hold(Site::TakeLeases, Point::After);
    let renewing = store.faults().hold(Site::TakeExpired, Point::After);
    let rig = Rig::on_store(world, shop, store).await;
    rig.world.run_for(Duration::from_secs(6)).await;
    taking.release();
    rig.world.settle().await;
    renewing.release();
    rig.world.settle().await;
    assert_eq!(rig.engine.held_shards().await.unwrap(), 256);
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(60)).await;
    rig.world.assert_nothing_left(rig.shop.id);
    let lease = rig.world.lease(rig.shop.shard);
    assert_eq!(lease, Some(("a".to_owned(), 1)));
}

/// A restarted node whose conversation was meanwhile written by a newer version.
async fn outdated() -> (Rig, String) {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(1)).await;
    let readable = encode(&rig.world.state(rig.conversation())).unwrap();
    rig.world
        .overwrite_snapshot(rig.conversation(), "{\"v\":99}");
    (rig.restart().await, readable)
}

#[actix::test]
async fn what_a_newer_version_wrote_is_left_to_it() {
    let (rig, readable) = outdated().await;
    rig.says("menu").await;
    // At once, for good, and nothing else with it.
    assert_eq!(rig.world.lease(rig.shop.shard), None);
    rig.world.run_for(Duration::from_secs(60)).await;
    assert_eq!(rig.world.lease(rig.shop.shard), None);
    assert_eq!(rig.engine.held_shards().await.unwrap(), 255);
    let refused = rig.replies(ana(), "olá").await;
    assert!(
        matches!(refused, Err(DispatchError::NotHere)),
        "{refused:?}"
    );

    rig.world.overwrite_snapshot(rig.conversation(), &readable);
    let newer = Rig::on(rig.world.clone(), rig.shop, "b", |_| {}).await;
    newer.world.run_for(Duration::from_secs(10)).await;
    newer.world.assert_nothing_left(newer.shop.id);
}

/// The other conversations of the shard must not pay for it.
#[actix::test]
async fn a_shard_is_not_given_back_before_what_is_under_way_has_ended() {
    let (rig, _) = outdated().await;
    let other = "5511900000001";
    let gate = rig.gateway.hold();
    rig.world.inbound_text(&rig.shop, other, "oi");
    gate.reached(1).await;
    rig.says("menu").await;
    rig.world.run_for(Duration::from_secs(5)).await;
    assert!(rig.world.lease(rig.shop.shard).is_some());
    gate.release();
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(rig.world.lease(rig.shop.shard), None);
    let sent = rig.world.outbox(rig.world.open(&rig.shop, other));
    assert!(!sent.is_empty());
    assert!(
        sent.iter().all(|row| row.state != SendState::Unknown),
        "{sent:?}"
    );
}
