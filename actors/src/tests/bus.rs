//! Several nodes: what one takes in for another is answered at once, since the bus rings; without
//! the bus, or when it loses the ring, it is answered all the same, later.

use super::{PHONE, Rig, ana};
use crate::api::DispatchError;
use crate::testing::{FakeBus, Point, Site, World};
use papo_domain::content::Content;
use papo_domain::conversation::Sender;
use papo_domain::ports::{BusSignal, InboxWriter};
use std::time::Duration;

/// Less than the time between two sweeps.
const SOON: Duration = Duration::from_millis(100);

/// A webhook that node `rig` accepts: durable, and rung for on that node only.
async fn accepts(rig: &Rig, text: &str) {
    let body = text.to_owned();
    let update = rig.world.message(&rig.shop, PHONE, Content::Text { body });
    let accepted = rig.store.accept(vec![update], Vec::new(), Vec::new());
    accepted.await.unwrap();
}

/// Messages of the customer that were decided about.
fn received(rig: &Rig) -> usize {
    let texts = rig.world.texts(rig.conversation());
    let customers = texts.iter().filter(|(from, _)| *from == Sender::Customer);
    customers.count()
}

/// Node a, which owns the shop, and node b, which came later and owns nothing.
async fn two_nodes(bus: &FakeBus) -> (Rig, Rig) {
    tokio::time::pause();
    let world = World::new();
    let shop = world.tenant("shop");
    let a = Rig::on_bus(world.clone(), shop, "a", bus).await;
    let b = Rig::on_bus(world, shop, "b", bus).await;
    assert_eq!(b.engine.held_shards().await.unwrap(), 0);
    (a, b)
}

#[actix::test]
async fn a_webhook_on_another_node_is_answered_at_once() {
    let (a, b) = two_nodes(&FakeBus::new()).await;
    accepts(&b, "oi").await;
    a.world.run_for(SOON).await;
    assert_eq!(received(&a), 1);
    assert_eq!(a.gateway.sends().len(), 1);
    // The owner runs now; its bell rings as well.
    accepts(&b, "menu").await;
    a.world.run_for(SOON).await;
    assert_eq!(received(&a), 2);
    assert!(b.gateway.sends().is_empty());
}

#[actix::test]
async fn without_a_bus_it_takes_a_sweep() {
    let a = Rig::new().await;
    let b = Rig::on(a.world.clone(), a.shop, "b", |_| {}).await;
    accepts(&b, "oi").await;
    a.world.run_for(SOON).await;
    assert_eq!(received(&a), 0);
    a.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(received(&a), 1);
}

#[actix::test]
async fn a_lost_ring_is_made_good_when_the_loss_is_told() {
    let bus = FakeBus::new();
    let (a, b) = two_nodes(&bus).await;
    bus.away(true);
    accepts(&b, "oi").await;
    a.world.run_for(SOON).await;
    assert_eq!(received(&a), 0);
    bus.away(false);
    a.world.run_for(SOON).await;
    assert_eq!(received(&a), 1);
}

#[actix::test]
async fn whose_a_tenant_is_is_asked_once() {
    let (a, b) = two_nodes(&FakeBus::new()).await;
    let asked = b.store.faults().hold(Site::LoadTenant, Point::Before);
    asked.let_one_go();
    for text in ["oi", "menu", "oi"] {
        accepts(&b, text).await;
        a.world.run_for(SOON).await;
    }
    assert_eq!(received(&a), 3);
    assert_eq!(asked.arrived(), 1);
}

#[actix::test]
async fn whose_tenants_are_is_forgotten_when_shards_were_taken() {
    let (a, b) = two_nodes(&FakeBus::new()).await;
    let refused = b.engine.online(b.shop.id).await;
    assert!(
        matches!(refused, Err(DispatchError::NotHere)),
        "{refused:?}"
    );
    a.store.kill();
    // Past the end of a's leases, and away from b's sweeps, which have nothing to find.
    b.world.run_for(Duration::from_millis(30_500)).await;
    assert_ne!(b.engine.held_shards().await.unwrap(), 0);
    accepts(&b, "oi").await;
    b.world.run_for(SOON).await;
    assert_eq!(received(&b), 1);
}

#[actix::test]
async fn the_owner_tells_how_far_its_stream_came() {
    let bus = FakeBus::new();
    let (a, b) = two_nodes(&bus).await;
    a.says("oi").await;
    a.takes_over(ana()).await;
    a.world.settle().await;
    let heads: Vec<u64> = bus
        .published("a")
        .iter()
        .filter_map(|signal| match signal {
            BusSignal::Events { tenant, head } if *tenant == a.shop.id => Some(*head),
            _ => None,
        })
        .collect();
    assert!(heads.is_sorted_by(|a, b| a < b), "{heads:?}");
    let newest = a.world.events(a.shop.id).last().map(|event| event.seq);
    assert_eq!(heads.last().copied(), newest);
    let told = bus.published("b");
    let owned = |signal: &BusSignal| matches!(signal, BusSignal::Events { .. });
    assert!(!told.iter().any(owned), "b owns nothing: {told:?}");
    drop(b);
}

#[actix::test]
async fn a_node_rings_no_other_for_a_tenant_of_its_own() {
    let bus = FakeBus::new();
    let (a, _b) = two_nodes(&bus).await;
    accepts(&a, "oi").await;
    a.world.settle().await;
    let before = rings(&bus);
    accepts(&a, "menu").await;
    a.world.settle().await;
    assert_eq!(received(&a), 2);
    assert_eq!(rings(&bus), before);
}

fn rings(bus: &FakeBus) -> usize {
    let told = bus.published("a");
    let rings = |signal: &&BusSignal| matches!(signal, BusSignal::InboxReady { .. });
    told.iter().filter(rings).count()
}
