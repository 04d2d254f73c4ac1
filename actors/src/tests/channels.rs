//! G5: sends are effectively once, in order, and a number that is down stops.

use super::{PHONE, Rig, ana};
use crate::testing::{Answer, SendState};
use papo_domain::ports::SendError;
use std::time::Duration;

pub(super) async fn led_by_ana() -> Rig {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    rig.world.run_for(Duration::from_secs(2)).await;
    rig
}

pub(super) fn states(rig: &Rig) -> Vec<SendState> {
    rig.world
        .outbox(rig.conversation())
        .iter()
        .map(|row| row.state)
        .collect()
}

#[actix::test]
async fn replies_go_out_in_order_even_if_the_first_is_refused_for_now() {
    let rig = led_by_ana().await;
    let before = rig.gateway.texts().len();
    rig.gateway.answer_next(
        &Answer::Fails(SendError::Retry {
            code: 131_000,
            after: None,
        }),
        1,
    );
    for text in ["um", "dois", "três"] {
        rig.replies(ana(), text).await.unwrap();
    }
    rig.world.run_for(Duration::from_secs(20)).await;
    let texts = rig.gateway.texts();
    assert_eq!(
        texts.get(before..),
        Some(&["um", "um", "dois", "três"].map(str::to_owned)[..])
    );
}

#[actix::test]
async fn an_ambiguous_send_is_never_repeated() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(
        &Answer::Fails(SendError::Ambiguous("timeout".to_owned())),
        1,
    );
    let outcome = rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(600)).await;
    assert_eq!(rig.gateway.count(outcome.message.unwrap().id), 1);
    assert_eq!(states(&rig).last(), Some(&SendState::Unconfirmed));
    rig.replies(ana(), "dois").await.unwrap();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.gateway.texts().last().map(String::as_str), Some("dois"));
}

#[actix::test]
async fn a_refused_token_stops_the_number_and_new_credentials_start_it_again() {
    let rig = led_by_ana().await;
    let down = SendError::ChannelDown {
        code: 190,
        detail: "expired".to_owned(),
    };
    rig.gateway.answer_next(&Answer::Fails(down), 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(60)).await;
    let channel = rig
        .engine
        .describe(rig.shop.id)
        .await
        .unwrap()
        .channels
        .remove(0);
    assert_eq!((channel.health, channel.code), ("red", Some(190)));
    let tries = rig.gateway.sends().len();
    rig.world.run_for(Duration::from_secs(600)).await;
    assert_eq!(rig.gateway.sends().len(), tries, "retries were burnt");
    rig.engine
        .reload_channel(rig.shop.id, rig.shop.channel)
        .await
        .unwrap();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
}

#[actix::test]
async fn a_restart_with_a_request_on_the_way_leaves_it_unknown() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&Answer::Never, 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Unknown));
    assert!(
        rig.gateway.sends().is_empty(),
        "sent again after the restart"
    );
}

#[actix::test]
async fn a_number_keeps_to_its_throughput() {
    let rig = Rig::new().await;
    for n in 0..400 {
        rig.world
            .inbound_text(&rig.shop, &format!("55119{n:08}"), "oi");
    }
    rig.world.run_for(Duration::from_secs(1)).await;
    let first = rig.gateway.sends().len();
    assert!((40..=100).contains(&first), "{first} in the first second");
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(rig.gateway.sends().len(), 400);
}

#[actix::test]
async fn the_pair_rate_holds_up_one_conversation_only() {
    let rig = led_by_ana().await;
    rig.gateway
        .answer_next(&Answer::Fails(SendError::PairRate { code: 131_056 }), 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.inbound_text(&rig.shop, "5511900000001", "oi");
    rig.world.run_for(Duration::from_millis(500)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Queued));
    let other = rig.world.open(&rig.shop, "5511900000001");
    assert!(
        rig.world
            .outbox(other)
            .iter()
            .all(|row| row.state == SendState::Sent)
    );
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
    assert_ne!(PHONE, "5511900000001");
}
