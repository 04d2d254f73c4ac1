//! A number's own throughput, its health and its rests.

use super::channels::led_by_ana;
use super::{Rig, ana};
use crate::testing::{Answer, Fault, InboxState, Point, SendState, Site, World};
use papo_domain::ports::{ChannelHealth, ChannelRecord, HealthLevel, SendError};
use std::time::Duration;

/// A node that starts on a number as `change` leaves it.
async fn on_number(change: impl FnOnce(&mut ChannelRecord)) -> Rig {
    tokio::time::pause();
    let world = World::new();
    let shop = world.tenant("shop");
    world.change_tenant(&shop, |record| change(&mut record.channels[0]));
    Rig::on(world, shop, "a", |_| {}).await
}

fn flood(rig: &Rig, messages: u32) {
    for n in 0..messages {
        rig.world
            .inbound_text(&rig.shop, &format!("55119{n:08}"), "oi");
    }
}

fn expired() -> ChannelHealth {
    ChannelHealth {
        level: HealthLevel::Red,
        code: Some(190),
        detail: Some("expired".to_owned()),
    }
}

fn refused_token() -> Answer {
    Answer::Fails(SendError::ChannelDown {
        code: 190,
        detail: "expired".to_owned(),
    })
}

async fn shown(rig: &Rig) -> (&'static str, Option<i64>) {
    let channel = rig
        .engine
        .describe(rig.shop.id)
        .await
        .unwrap()
        .channels
        .remove(0);
    (channel.health, channel.code)
}

fn kept(rig: &Rig) -> Option<ChannelHealth> {
    rig.world.health(rig.shop.channel)
}

async fn sent_in_a_second(rig: &Rig) -> usize {
    let before = rig.gateway.sends().len();
    rig.world.run_for(Duration::from_secs(1)).await;
    rig.gateway.sends().len() - before
}

#[actix::test]
async fn a_number_shared_with_the_phone_app_sends_twenty_a_second() {
    let rig = on_number(|number| number.throughput = 20).await;
    flood(&rig, 100);
    let first = sent_in_a_second(&rig).await;
    assert!((15..=22).contains(&first), "{first} in the first second");
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(rig.gateway.sends().len(), 100);
}

#[actix::test]
async fn a_raised_number_sends_a_thousand_a_second() {
    let rig = on_number(|number| number.throughput = 1_000).await;
    flood(&rig, 1_500);
    let first = sent_in_a_second(&rig).await;
    assert!(
        (700..=1_100).contains(&first),
        "{first} in the first second"
    );
}

#[actix::test]
async fn a_changed_throughput_is_used_at_once() {
    let rig = on_number(|number| number.throughput = 20).await;
    flood(&rig, 1_000);
    assert!(sent_in_a_second(&rig).await <= 22);
    rig.world.change_tenant(&rig.shop, |record| {
        record.channels[0].throughput = 400;
    });
    rig.engine
        .reload_channel(rig.shop.id, rig.shop.channel)
        .await
        .unwrap();
    let second = sent_in_a_second(&rig).await;
    assert!((300..=441).contains(&second), "{second} in a second");
}

#[actix::test]
async fn a_number_that_was_down_is_shown_so_after_a_restart_until_a_message_goes_through() {
    let rig = on_number(|number| number.health = expired()).await;
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    assert_eq!(shown(&rig).await, ("red", Some(190)));
    let gate = rig.gateway.hold();
    flood(&rig, 10);
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(rig.gateway.sends().len(), 1, "tried with more than one");
    gate.release();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.gateway.sends().len(), 10);
    assert_eq!(shown(&rig).await, ("green", None));
    assert_eq!(kept(&rig), Some(ChannelHealth::default()));
}

#[actix::test]
async fn new_credentials_after_a_restart_make_the_kept_health_green() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&refused_token(), 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(kept(&rig), Some(expired()));
    rig.store.faults().database_away(true);
    let rig = rig.restart().await;
    rig.engine
        .reload_channel(rig.shop.id, rig.shop.channel)
        .await
        .unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(kept(&rig), Some(ChannelHealth::default()));
}

#[actix::test]
async fn a_health_that_could_not_be_kept_is_kept_later() {
    let rig = led_by_ana().await;
    rig.store
        .faults()
        .fail(Site::SetChannelHealth, Fault::Unavailable, 2);
    rig.gateway.answer_next(&refused_token(), 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(kept(&rig), None);
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(kept(&rig), Some(expired()));
}

#[actix::test]
async fn only_a_change_of_the_number_itself_revives_it() {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&refused_token(), 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    let tries = rig.gateway.sends().len();
    let other = rig.world.channel(&rig.shop);
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    rig.engine
        .reload_channel(rig.shop.id, other.channel)
        .await
        .unwrap();
    rig.world.run_for(Duration::from_secs(60)).await;
    assert_eq!(rig.gateway.sends().len(), tries);
    assert_eq!(kept(&rig), Some(expired()));
    rig.engine
        .reload_channel(rig.shop.id, rig.shop.channel)
        .await
        .unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(rig.gateway.sends().len(), tries + 1);
}

#[actix::test]
async fn a_rest_ends_neither_with_a_shorter_one_nor_with_an_edit_of_the_tenant() {
    let rig = led_by_ana().await;
    let tired = |secs| {
        Answer::Fails(SendError::NumberRate {
            code: 130_429,
            after: Some(Duration::from_secs(secs)),
        })
    };
    let gate = rig.gateway.hold();
    rig.gateway.answer_next(&tired(60), 1);
    rig.gateway.answer_next(&tired(2), 1);
    rig.replies(ana(), "um").await.unwrap();
    gate.reached(1).await;
    rig.world.inbound_text(&rig.shop, "5511900000001", "oi");
    gate.reached(2).await;
    let tries = rig.gateway.sends().len();
    gate.release();
    rig.world.run_for(Duration::from_secs(1)).await;
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    rig.world.run_for(Duration::from_secs(58)).await;
    assert_eq!(rig.gateway.sends().len(), tries);
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.gateway.sends().len(), tries + 2);
}

/// The tenant is in memory, and whoever adds the number tells only the database.
#[actix::test]
async fn a_number_that_nobody_told_of_sends_at_once() {
    let rig = led_by_ana().await;
    let new = rig.world.channel(&rig.shop);
    rig.store
        .faults()
        .fail(Site::LoadTenant, Fault::Unavailable, 1);
    rig.world.inbound_text(&new, "5511900000001", "oi");
    rig.world.run_for(Duration::from_secs(10)).await;
    let sent = rig.world.outbox(rig.world.open(&new, "5511900000001"));
    assert!(!sent.is_empty());
    assert!(sent.iter().all(|row| row.state == SendState::Sent));
    let shown = rig.engine.describe(rig.shop.id).await.unwrap().channels;
    assert_eq!(shown.len(), 2, "{shown:?}");
    // The other one went on as it was.
    rig.replies(ana(), "um").await.unwrap();
    rig.world.settle().await;
    assert_eq!(rig.gateway.texts().last().map(String::as_str), Some("um"));
}

#[actix::test]
async fn a_number_that_is_switched_off_is_not_looked_for_all_the_time() {
    let rig = led_by_ana().await;
    let numbers = |change: fn(&mut Vec<ChannelRecord>)| {
        rig.world
            .change_tenant(&rig.shop, |record| change(&mut record.channels));
    };
    numbers(Vec::clear);
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    let (before, tries) = (
        rig.store.faults().calls(Site::LoadTenant),
        rig.gateway.sends().len(),
    );
    for n in 0..20 {
        rig.replies(ana(), &format!("{n}")).await.unwrap();
        rig.world.run_for(Duration::from_secs(1)).await;
    }
    let looked = rig.store.faults().calls(Site::LoadTenant) - before;
    assert!((1..=6).contains(&looked), "{looked} times");
    assert_eq!(rig.gateway.sends().len(), tries);
}

/// A number that was refused its token.
async fn down() -> (Rig, usize) {
    let rig = led_by_ana().await;
    rig.gateway.answer_next(&refused_token(), 1);
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(kept(&rig), Some(expired()));
    let tries = rig.gateway.sends().len();
    (rig, tries)
}

#[actix::test]
async fn a_change_that_could_not_be_loaded_is_loaded_later() {
    let (rig, tries) = down().await;
    let loads = rig.store.faults().calls(Site::LoadTenant);
    rig.store
        .faults()
        .fail(Site::LoadTenant, Fault::Unavailable, 3);
    let told = rig
        .engine
        .reload_channel(rig.shop.id, rig.shop.channel)
        .await;
    assert!(told.is_err());
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.gateway.sends().len(), tries + 1);
    assert_eq!(kept(&rig), Some(ChannelHealth::default()));
    let loads = rig.store.faults().calls(Site::LoadTenant) - loads;
    assert_eq!(loads, 4);
}

#[actix::test]
async fn a_change_that_nobody_told_is_found() {
    let (rig, tries) = down().await;
    let other = rig.world.channel(&rig.shop);
    rig.world.change_tenant(&rig.shop, |record| {
        record.channels[0].revision += 1;
    });
    rig.world.run_for(Duration::from_secs(35)).await;
    assert_eq!(rig.gateway.sends().len(), tries + 1);
    assert_eq!(kept(&rig), Some(ChannelHealth::default()));
    let shown = rig.engine.describe(rig.shop.id).await.unwrap().channels;
    assert!(shown.iter().any(|number| number.id == other.channel));
}

/// What is refused after it was taken stops the number as well; what was said before somebody
/// repaired it does not.
#[actix::test]
async fn a_status_can_say_that_the_number_is_down() {
    let rig = led_by_ana().await;
    let mut sent = Vec::new();
    for text in ["um", "dois"] {
        rig.replies(ana(), text).await.unwrap();
        rig.world.run_for(Duration::from_secs(10)).await;
        sent.push(rig.world.outbox(rig.conversation()).pop().unwrap());
    }
    let names: Vec<String> = sent.into_iter().filter_map(|row| row.external_id).collect();
    rig.world.number_locked(&rig.shop, &names[0]);
    rig.world.run_for(Duration::from_secs(1)).await;
    assert_eq!(shown(&rig).await, ("red", Some(131_031)));
    assert_eq!(
        kept(&rig).map(|health| health.level),
        Some(HealthLevel::Red)
    );
    let tries = rig.gateway.sends().len();
    rig.replies(ana(), "três").await.unwrap();
    rig.world.run_for(Duration::from_secs(60)).await;
    assert_eq!(rig.gateway.sends().len(), tries);

    // Said now, and heard after the repair.
    let gate = rig.store.faults().hold(Site::ApplyStatuses, Point::Before);
    rig.world.number_locked(&rig.shop, &names[1]);
    rig.world.run_for(Duration::from_secs(1)).await;
    rig.engine
        .reload_channel(rig.shop.id, rig.shop.channel)
        .await
        .unwrap();
    gate.release();
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(shown(&rig).await, ("green", None));
    assert_eq!(rig.gateway.sends().len(), tries + 1);
}

#[actix::test]
async fn what_was_said_of_a_number_before_a_restart_does_not_stop_it() {
    let rig = led_by_ana().await;
    rig.replies(ana(), "um").await.unwrap();
    rig.world.run_for(Duration::from_secs(10)).await;
    let sent = rig.world.outbox(rig.conversation()).pop().unwrap();
    let gate = rig.store.faults().hold(Site::ApplyStatuses, Point::Before);
    rig.world
        .number_locked(&rig.shop, &sent.external_id.unwrap());
    gate.reached(1).await;
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(5)).await;
    let pending = rig.world.inbox_in(rig.shop.id, InboxState::Pending);
    assert!(pending.is_empty(), "{pending:?}");
    assert_eq!(shown(&rig).await, ("green", None));
}
