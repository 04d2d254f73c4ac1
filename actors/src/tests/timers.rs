//! Deadlines and bursts, also across a restart of the node (G9).

use super::{PHONE, Rig, ana};
use papo_domain::conversation::{CloseReason, Mode, Sender};
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
