//! Who serves a tenant: fencing, take-over by another node, drain.

use super::{PHONE, Rig, ana};
use crate::api::DispatchError;
use papo_domain::conversation::Sender;
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

#[actix::test]
async fn drain_finishes_what_is_in_hand_and_gives_the_leases_back() {
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
