//! G11: more comes in than can be worked on.

use super::{PHONE, Rig, ana};
use crate::testing::{Point, Site};
use std::time::Duration;

const BOUND: usize = 32;
const PAGE: usize = 8;

async fn small_hands() -> Rig {
    Rig::with(|config| {
        config.tenant_in_hand = BOUND;
        config.pump_page = PAGE.try_into().unwrap();
    })
    .await
}

/// Each customer's doorbell rings, and the sweeps ask again and again.
async fn customers_come(rig: &Rig, customers: usize) {
    for n in 0..customers {
        rig.world
            .inbound_text(&rig.shop, &format!("55119{n:08}"), "oi");
        rig.world.settle().await;
    }
    rig.world.run_for(Duration::from_secs(5)).await;
}

async fn in_hand(rig: &Rig) -> usize {
    rig.engine.describe(rig.shop.id).await.unwrap().in_hand
}

#[actix::test]
async fn behind_a_slow_lane_no_more_is_in_hand_than_may_be() {
    let rig = small_hands().await;
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    customers_come(&rig, 200).await;
    for _ in 0..50 {
        let held = in_hand(&rig).await;
        assert!((BOUND - 2 * PAGE..=BOUND).contains(&held), "{held} in hand");
        gate.let_one_go();
        rig.world.run_for(Duration::from_millis(150)).await;
    }
    gate.release();
    rig.world.run_for(Duration::from_secs(10)).await;
    rig.world.assert_nothing_left(rig.shop.id);
}

/// Also for what a conversation held back, and though nobody rings any more.
#[actix::test]
async fn once_there_is_room_it_goes_on_by_itself() {
    let rig = small_hands().await;
    rig.takes_over(ana()).await;
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    for n in 0..50 {
        rig.world.inbound_text(&rig.shop, PHONE, &n.to_string());
    }
    customers_come(&rig, 200).await;
    let _sweeps = rig.store.faults().hold(Site::BusyTenants, Point::Before);
    gate.release();
    rig.world.run_for(Duration::from_secs(30)).await;
    rig.world.assert_nothing_left(rig.shop.id);
}
