//! G5: what a lost answer, a late start or a crash leaves behind is neither sent twice nor
//! forgotten.

use super::channels::{led_by_ana, states};
use super::{PHONE, Rig, ana, breaker};
use crate::api::Viewer;
use crate::testing::{Answer, Fault, SendState, Site};
use papo_domain::Role;
use papo_domain::ports::SendError;
use std::time::Duration;

const OTHER: &str = "5511900000001";

/// Crashes the tenant's actor, and gives its next life time to begin.
async fn crash_tenant(rig: &Rig) {
    let viewer = Viewer {
        tenant: rig.shop.id,
        user: breaker(),
        role: Role::Attendant,
        departments: Vec::new(),
    };
    rig.engine.typing(viewer, rig.conversation());
    rig.world.run_for(Duration::from_millis(300)).await;
}

async fn flood(rig: &Rig, messages: u32) {
    for n in 0..messages {
        rig.world
            .inbound_text(&rig.shop, &format!("55119{n:08}"), "oi");
    }
    rig.world.settle().await;
}

/// The tenant's channel goes, and comes back as another life of its actor.
async fn take_away_and_bring_back(rig: &Rig) {
    let mut channels = Vec::new();
    rig.world.change_tenant(&rig.shop, |record| {
        channels = std::mem::take(&mut record.channels);
    });
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    rig.world
        .change_tenant(&rig.shop, |record| record.channels = channels);
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
}

#[actix::test]
async fn a_repeated_report_does_not_put_back_what_was_claimed_again() {
    let rig = led_by_ana().await;
    rig.gateway.latency(Duration::from_secs(3));
    let refused = SendError::Retry {
        code: 131_000,
        after: Some(Duration::from_millis(500)),
    };
    rig.gateway.answer_next(&Answer::Fails(refused), 1);
    // The report is stored, and repeated a second later, while the second request is out.
    rig.store
        .faults()
        .fail(Site::SettleSends, Fault::AnswerLost, 1);
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    rig.world.run_for(Duration::from_secs(20)).await;
    assert_eq!(rig.gateway.count(message), 2);
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
}

#[actix::test]
async fn a_repeated_report_is_not_taken_for_the_end_of_a_later_claim() {
    let rig = led_by_ana().await;
    rig.gateway.latency(Duration::from_secs(3));
    let refused = SendError::Retry {
        code: 131_000,
        after: Some(Duration::from_millis(500)),
    };
    rig.gateway.answer_next(&Answer::Fails(refused), 1);
    rig.store
        .faults()
        .fail(Site::SettleSends, Fault::AnswerLost, 1);
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    rig.world.run_for(Duration::from_millis(4_500)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sending));
    // Whoever looks for what a lost claim took must still find the second request in hand.
    rig.store.faults().fail(Site::Claim, Fault::AnswerLost, 1);
    rig.world.inbound_text(&rig.shop, OTHER, "oi");
    rig.world.run_for(Duration::from_secs(20)).await;
    assert_eq!(rig.gateway.count(message), 2);
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
}

#[actix::test]
async fn a_request_that_is_not_begun_in_time_goes_back() {
    let rig = led_by_ana().await;
    rig.gateway.preparation(Duration::from_secs(5));
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    rig.world.run_for(Duration::from_secs(30)).await;
    assert_eq!(rig.gateway.count(message), 0);
    rig.gateway.preparation(Duration::ZERO);
    rig.world.run_for(Duration::from_secs(120)).await;
    assert_eq!(rig.gateway.count(message), 1);
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
}

#[actix::test]
async fn what_a_lost_claim_took_goes_out_at_once_and_what_is_out_is_left_alone() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&Answer::Never, 1);
    rig.world.inbound_text(&rig.shop, OTHER, "oi");
    rig.world.run_for(Duration::from_millis(500)).await;
    rig.store.faults().fail(Site::Claim, Fault::AnswerLost, 1);
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
    assert_eq!(rig.gateway.count(message), 1);
    let out = rig.world.outbox(rig.world.open(&rig.shop, OTHER));
    assert_eq!(out.first().map(|row| row.state), Some(SendState::Sending));
}

#[actix::test]
async fn a_senders_crash_leaves_its_request_unknown_and_the_number_goes_on() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&Answer::Crashes, 1);
    // Nothing is claimed before it is known what the dead one left.
    rig.store
        .faults()
        .fail(Site::OpenClaims, Fault::Unavailable, 2);
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    rig.world.inbound_text(&rig.shop, OTHER, "oi");
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Unknown));
    assert_eq!(rig.gateway.count(message), 1);
    let sent = rig.world.outbox(rig.world.open(&rig.shop, OTHER));
    assert!(!sent.is_empty() && sent.iter().all(|row| row.state == SendState::Sent));
    let restarts = rig.engine.describe(rig.shop.id).await.unwrap().restarts;
    assert_eq!(restarts.len(), 1);
}

#[actix::test]
async fn after_a_crash_of_the_tenant_one_claimer_is_left() {
    let rig = Rig::new().await;
    flood(&rig, 400).await;
    crash_tenant(&rig).await;
    let before = rig.gateway.sends().len();
    assert!(before < 100, "nothing is left to be claimed");
    rig.world.run_for(Duration::from_secs(1)).await;
    let sent = rig.gateway.sends().len() - before;
    assert!((40..=100).contains(&sent), "{sent} in a second");
    rig.world.run_for(Duration::from_secs(20)).await;
    assert_eq!(rig.gateway.sends().len(), 400);
}

#[actix::test]
async fn a_request_that_is_out_when_the_tenant_crashes_is_recorded_and_not_repeated() {
    let rig = led_by_ana().await;
    let gate = rig.gateway.hold();
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    gate.reached(1).await;
    crash_tenant(&rig).await;
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Unknown));
    gate.release();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
    assert_eq!(rig.gateway.count(message), 1);
}

#[actix::test]
async fn a_channel_that_goes_and_comes_back_has_one_claimer() {
    let rig = led_by_ana().await;
    let gate = rig.gateway.hold();
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    gate.reached(1).await;
    take_away_and_bring_back(&rig).await;
    rig.world.run_for(Duration::from_secs(1)).await;
    gate.release();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(states(&rig).last(), Some(&SendState::Sent));
    assert_eq!(rig.gateway.count(message), 1);
    rig.world.inbound_text(&rig.shop, PHONE, "oi");
    rig.replies(ana(), "dois").await.unwrap();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.gateway.texts().last().map(String::as_str), Some("dois"));
}

#[actix::test]
async fn the_crash_of_an_earlier_life_does_not_start_another_one() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&Answer::Crashes, 1);
    let gate = rig.gateway.hold();
    let message = rig.replies(ana(), "um").await.unwrap().message.unwrap().id;
    gate.reached(1).await;
    take_away_and_bring_back(&rig).await;
    rig.world.run_for(Duration::from_secs(1)).await;
    gate.release();
    rig.world.run_for(Duration::from_secs(10)).await;
    let report = rig.engine.describe(rig.shop.id).await.unwrap();
    assert!(report.restarts.is_empty(), "{:?}", report.restarts);
    assert_eq!(states(&rig).last(), Some(&SendState::Unknown));
    assert_eq!(rig.gateway.count(message), 1);
}
