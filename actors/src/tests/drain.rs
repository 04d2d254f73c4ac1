//! What a node still does when it is asked to go: all that it began, and nothing more.

use super::channels::states;
use super::{PHONE, Rig, ana};
use crate::api::DispatchError;
use crate::testing::{Fault, InboxState, Point, SendState, Site, Tenant};
use papo_domain::ports::{EngineStore, Lease};
use std::time::Duration;
use tokio::task::JoinHandle;

const A_WHILE: Duration = Duration::from_secs(1);

/// A node that may take its time, with a conversation that Ana leads and nothing left to send.
async fn led_by_ana() -> Rig {
    let rig = Rig::with(|c| c.drain = Duration::from_secs(60)).await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    rig.world.run_for(A_WHILE).await;
    rig
}

fn drain(rig: &Rig) -> JoinHandle<()> {
    let engine = rig.engine.clone();
    tokio::spawn(async move { engine.drain().await })
}

fn holds_its_lease(rig: &Rig) -> bool {
    rig.world.lease(rig.shop.shard).is_some()
}

#[actix::test]
async fn it_finishes_what_is_in_hand_and_gives_the_leases_back() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.engine.drain().await;
    let refused = rig.replies(ana(), "olá").await;
    assert!(
        matches!(refused, Err(DispatchError::Draining | DispatchError::Gone)),
        "{refused:?}"
    );
    let next = Rig::on(rig.world.clone(), rig.shop, "b", |_| {}).await;
    next.takes_over(ana()).await;
}

/// Nothing was tried with what a claim takes so late, and the next node must know that.
#[actix::test]
async fn what_a_claim_under_way_takes_goes_back() {
    let rig = led_by_ana().await;
    let gate = rig.store.faults().hold(Site::Claim, Point::After);
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    gate.reached(1).await;
    let drained = drain(&rig);
    rig.world.run_for(A_WHILE).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sending));
    assert!(holds_its_lease(&rig));
    gate.release();
    drained.await.unwrap();
    assert_eq!(states(&rig).last(), Some(&SendState::Queued));
    assert_eq!(rig.gateway.count(message), 0);
    let next = Rig::on(rig.world.clone(), rig.shop, "b", |_| {}).await;
    next.world.run_for(A_WHILE).await;
    assert_eq!(next.gateway.count(message), 1);
}

#[actix::test]
async fn what_a_lost_claim_took_goes_back() {
    let rig = led_by_ana().await;
    rig.store.faults().fail(Site::Claim, Fault::AnswerLost, 1);
    let gate = rig.store.faults().hold(Site::Claim, Point::After);
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    gate.reached(1).await;
    let drained = drain(&rig);
    gate.release();
    drained.await.unwrap();
    assert_eq!(states(&rig).last(), Some(&SendState::Queued));
    assert_eq!(rig.gateway.count(message), 0);
}

/// One command is being committed, one waits for it; one that comes later is refused at once.
#[actix::test]
async fn commands_in_hand_are_carried_out() {
    let rig = led_by_ana().await;
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    let first = tokio::spawn(rig.replies(ana(), "um"));
    gate.reached(1).await;
    let second = tokio::spawn(rig.replies(ana(), "dois"));
    rig.world.settle().await;
    let drained = drain(&rig);
    rig.world.run_for(A_WHILE).await;
    assert!(holds_its_lease(&rig));
    let late = rig.replies(ana(), "três").await;
    assert!(matches!(late, Err(DispatchError::Draining)), "{late:?}");
    gate.release();
    drained.await.unwrap();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert!(!holds_its_lease(&rig));
}

/// A tenant that has finished begins nothing while another one has not.
#[actix::test]
async fn who_has_finished_begins_nothing_more() {
    let rig = led_by_ana().await;
    let slow = rig.world.tenant("slow");
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    rig.world.inbound_text(&slow, PHONE, "oi");
    gate.reached(1).await;
    let drained = drain(&rig);
    rig.world.run_for(A_WHILE).await;
    let late = rig.world.inbound_text(&rig.shop, PHONE, "oi");
    let refused = rig.replies(ana(), "um").await;
    assert!(
        matches!(refused, Err(DispatchError::Draining)),
        "{refused:?}"
    );
    rig.world.run_for(A_WHILE).await;
    assert_eq!(gate.arrived(), 1);
    gate.release();
    drained.await.unwrap();
    let pending = InboxState::Pending;
    assert_eq!(rig.world.inbox_in(rig.shop.id, pending), [late]);
    assert!(rig.world.inbox_in(slow.id, pending).is_empty());
}

/// The provider takes its time, and a lease lasts 15 s.
#[actix::test]
async fn leases_do_not_run_out_while_a_request_is_out() {
    let rig = led_by_ana().await;
    let gate = rig.gateway.hold();
    rig.replies(ana(), "um").await.unwrap();
    gate.reached(1).await;
    let drained = drain(&rig);
    let next = Rig::on(rig.world.clone(), rig.shop, "b", |_| {}).await;
    rig.world.run_for(Duration::from_secs(40)).await;
    let holder = rig.world.lease(rig.shop.shard).map(|(node, _)| node);
    assert_eq!(holder.as_deref(), Some("a"));
    gate.release();
    drained.await.unwrap();
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
    next.world.run_for(Duration::from_secs(6)).await;
    let holder = next.world.lease(next.shop.shard).map(|(node, _)| node);
    assert_eq!(holder.as_deref(), Some("b"));
}

#[actix::test]
async fn it_takes_no_more_shards() {
    let rig = led_by_ana().await;
    let gate = rig.gateway.hold();
    rig.replies(ana(), "um").await.unwrap();
    gate.reached(1).await;
    let drained = drain(&rig);
    let Tenant { shard, .. } = rig.world.tenant("other");
    let (_, epoch) = rig.world.lease(shard).unwrap();
    let lease = Lease { shard, epoch };
    rig.store.release_leases(vec![lease]).await.unwrap();
    rig.world.run_for(Duration::from_secs(20)).await;
    assert_eq!(rig.world.lease(shard), None);
    assert!(holds_its_lease(&rig));
    gate.release();
    drained.await.unwrap();
}

/// What does not end is cut off.
#[actix::test]
async fn it_takes_no_longer_than_it_may() {
    let rig = led_by_ana().await;
    let gate = rig.gateway.hold();
    rig.replies(ana(), "um").await.unwrap();
    gate.reached(1).await;
    let begun = tokio::time::Instant::now();
    rig.engine.drain().await;
    let took = begun.elapsed();
    assert!((60..62).contains(&took.as_secs()), "{took:?}");
    assert!(!holds_its_lease(&rig));
}
