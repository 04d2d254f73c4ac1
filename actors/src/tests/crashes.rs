//! G12: a bug in one conversation stays there, and ends.

use super::{PHONE, Rig, ana};
use crate::testing::{Fault, InboxState, Point, Site};
use papo_domain::conversation::{Mode, Sender, encode};
use papo_domain::ports::{DeliveryStatus, Incident, IncidentKind};
use std::time::Duration;

fn said(rig: &Rig) -> Vec<String> {
    rig.world
        .texts(rig.conversation())
        .into_iter()
        .filter(|(sender, _)| *sender == Sender::Customer)
        .map(|(_, text)| text)
        .collect()
}

#[actix::test]
async fn a_crash_loses_nothing_that_waited() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    for text in ["a", "b", "boom:1", "c", "d"] {
        rig.world.inbound_text(&rig.shop, PHONE, text);
    }
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(said(&rig), ["a", "b", "boom:1", "c", "d"]);
    assert_eq!(rig.world.booms(), 1);
    rig.world.assert_nothing_left(rig.shop.id);
}

#[actix::test]
async fn a_poison_item_is_put_aside_after_its_tries() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.world.inbound_text(&rig.shop, PHONE, "a");
    let poison = rig.world.inbound_text(&rig.shop, PHONE, "boom");
    rig.world.inbound_text(&rig.shop, PHONE, "b");
    rig.world.run_for(Duration::from_secs(30)).await;
    assert_eq!(said(&rig), ["a", "b"]);
    assert_eq!(rig.world.inbox_in(rig.shop.id, InboxState::Dead), [poison]);
    assert_eq!(rig.world.attempts(poison), 3);
    assert_eq!(rig.world.booms(), 3);
    let restarts = rig.engine.describe(rig.shop.id).await.unwrap().restarts;
    assert_eq!(restarts.len(), 3);
}

#[actix::test]
async fn a_poison_item_ends_even_if_it_takes_the_process_with_it() {
    let mut rig = Rig::new().await;
    rig.says("oi").await;
    let poison = {
        // Durable, but this node dies while it is decided.
        let gate = rig
            .store
            .faults()
            .hold(crate::testing::Site::Commit, crate::testing::Point::Before);
        let row = rig.world.inbound_text(&rig.shop, PHONE, "menu");
        gate.reached(1).await;
        row
    };
    // Three in company, as far as anybody knows, and three alone.
    for life in 1..=6 {
        rig.store.kill();
        let Rig { world, shop, .. } = rig;
        let store = world.node("a");
        let gate = store
            .faults()
            .hold(crate::testing::Site::Commit, crate::testing::Point::Before);
        rig = Rig::on_store(world, shop, store).await;
        gate.reached(1).await;
        assert_eq!(rig.world.attempts(poison), life);
    }
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.world.inbox_in(rig.shop.id, InboxState::Dead), [poison]);
    rig.says("menu").await;
    assert_eq!(said(&rig), ["oi", "menu"]);
}

/// A process that dies in the middle says of nobody that it was his fault.
#[actix::test]
async fn whoever_was_under_way_when_the_process_died_is_heard_alone() {
    let mut rig = Rig::new().await;
    let phones = ["5511999990101", "5511999990102", "5511999990103"];
    let mut rows = Vec::new();
    rig.store.faults().database_away(true);
    for phone in phones {
        rows.push(rig.world.inbound_text(&rig.shop, phone, "menu"));
    }
    for life in 1..=4_u32 {
        rig.store.kill();
        let Rig { world, shop, .. } = rig;
        let store = world.node("a");
        let gate = store
            .faults()
            .hold(crate::testing::Site::Commit, crate::testing::Point::Before);
        rig = Rig::on_store(world, shop, store).await;
        gate.reached(if life < 4 { 3 } else { 1 }).await;
        let counts: Vec<u32> = rows.iter().map(|row| rig.world.attempts(*row)).collect();
        assert_eq!(
            counts.iter().sum::<u32>(),
            if life < 4 { 3 * life } else { 10 }
        );
    }
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(20)).await;
    assert!(rig.world.inbox_in(rig.shop.id, InboxState::Dead).is_empty());
    rig.world.assert_nothing_left(rig.shop.id);
}

#[actix::test]
async fn a_try_after_a_restart_is_counted_once() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    rig.store.faults().database_away(true);
    let row = rig.world.inbound_text(&rig.shop, PHONE, "boom:3");
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(30)).await;
    assert_eq!(said(&rig), ["boom:3"]);
    assert_eq!(rig.world.booms(), 2);
    assert_eq!(rig.world.attempts(row), 3);
}

#[actix::test]
async fn crashes_without_end_lead_to_quarantine_and_a_person_can_serve() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    for _ in 0..4 {
        rig.world.inbound_text(&rig.shop, PHONE, "boom");
    }
    rig.world.run_for(Duration::from_secs(60)).await;
    let state = rig.world.state(rig.conversation());
    assert!(state.quarantined);
    assert!(matches!(state.mode, Mode::Waiting { .. }));
    rig.takes_over(ana()).await;
    rig.replies(ana(), "olá").await.unwrap();
    rig.says("obrigado").await;
    assert_eq!(said(&rig).last().map(String::as_str), Some("obrigado"));
}

#[actix::test]
async fn the_neighbours_of_a_crashing_conversation_do_not_notice() {
    let rig = Rig::new().await;
    let neighbour = rig.world.open(&rig.shop, "5511900000001");
    for n in 0..20 {
        rig.world.inbound_text(&rig.shop, PHONE, "boom");
        rig.world
            .inbound_text(&rig.shop, "5511900000001", &format!("menu {n}"));
    }
    rig.world.run_for(Duration::from_secs(120)).await;
    let texts = rig.world.texts(neighbour);
    assert_eq!(
        texts
            .iter()
            .filter(|(sender, _)| *sender == Sender::Customer)
            .count(),
        20
    );
}

#[actix::test]
async fn a_change_that_cannot_be_stored_counts_like_a_crash() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.store.faults().poison(rig.conversation());
    let row = rig.world.inbound_text(&rig.shop, PHONE, "menu");
    rig.world.run_for(Duration::from_secs(30)).await;
    assert_eq!(rig.world.inbox_in(rig.shop.id, InboxState::Dead), [row]);
    let told = rig.world.incidents(rig.shop.id);
    let restarts = told.iter().filter(|i| i.kind == IncidentKind::Restart);
    let reasons: Vec<_> = restarts.map(|i| i.reason.as_str()).collect();
    assert_eq!(reasons, ["a change of it cannot be stored"; 3]);
    rig.store.faults().heal(rig.conversation());
    rig.says("menu").await;
    assert_eq!(said(&rig), ["oi", "menu"]);
}

/// Every kind of trouble that is not the item's fault, on an item found pending at the start.
#[actix::test]
async fn an_item_found_pending_survives_a_store_that_comes_and_goes() {
    let troubles = [
        (Site::Commit, Fault::Busy),
        (Site::Commit, Fault::Unavailable),
        (Site::Commit, Fault::Conflict),
        (Site::Activate, Fault::Unavailable),
        (Site::CountAttempts, Fault::AnswerLost),
        (Site::CountAttempts, Fault::Busy),
    ];
    for (site, fault) in troubles {
        let rig = Rig::new().await;
        rig.takes_over(ana()).await;
        rig.store.faults().database_away(true);
        let row = rig.world.inbound_text(&rig.shop, PHONE, "oi");
        rig.store.kill();
        let Rig { world, shop, .. } = rig;
        let store = world.node("a");
        store.faults().fail(site, fault, 6);
        let rig = Rig::on_store(world, shop, store).await;
        rig.world.run_for(Duration::from_secs(60)).await;
        let trouble = format!("{fault:?} at {site:?}");
        assert_eq!(
            rig.world.inbox_row(row).state,
            InboxState::Done,
            "{trouble}"
        );
        assert_eq!(rig.world.attempts(row), 1, "{trouble}");
        assert_eq!(said(&rig), ["oi"], "{trouble}");
        tokio::time::resume();
    }
}

#[actix::test]
async fn a_refusal_that_takes_the_process_with_it_ends_too() {
    let mut rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(1)).await;
    let sent = rig.world.outbox(rig.conversation());
    let external_id = sent
        .first()
        .and_then(|row| row.external_id.clone())
        .unwrap();
    rig.store.faults().database_away(true);
    let refused = rig
        .world
        .status(&rig.shop, &external_id, DeliveryStatus::Failed);
    for life in 1..=6 {
        rig.store.kill();
        let Rig { world, shop, .. } = rig;
        let store = world.node("a");
        let gate = store.faults().hold(Site::Commit, Point::Before);
        rig = Rig::on_store(world, shop, store).await;
        gate.reached(1).await;
        assert_eq!(rig.world.attempts(refused), life);
    }
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(5)).await;
    assert_eq!(rig.world.inbox_in(rig.shop.id, InboxState::Dead), [refused]);
}

/// The decision passes; the state that follows from it cannot be made.
#[actix::test]
async fn a_crash_after_the_decision_counts_as_well() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    let poison = rig.world.inbound_text(&rig.shop, PHONE, "late boom");
    rig.world.inbound_text(&rig.shop, PHONE, "b");
    rig.world.run_for(Duration::from_secs(30)).await;
    assert_eq!(rig.world.booms(), 3);
    assert_eq!(rig.world.inbox_in(rig.shop.id, InboxState::Dead), [poison]);
    assert_eq!(said(&rig), ["b"]);
}

#[actix::test]
async fn a_snapshot_that_cannot_be_read_is_told_once_and_costs_no_message() {
    let rig = Rig::new().await;
    rig.takes_over(ana()).await;
    let conversation = rig.conversation();
    let sound = encode(&rig.world.state(conversation)).unwrap();
    rig.store.faults().database_away(true);
    let row = rig.world.inbound_text(&rig.shop, PHONE, "oi");
    rig.world.overwrite_snapshot(conversation, "{");
    let rig = rig.restart().await;
    rig.world.run_for(Duration::from_secs(120)).await;
    let told = rig
        .world
        .incidents(rig.shop.id)
        .iter()
        .filter(|incident| incident.kind == IncidentKind::Quarantine)
        .count();
    assert_eq!(told, 1);
    let loads = rig.store.faults().calls(Site::Activate);
    assert!(loads < 60, "loaded {loads} times in two minutes");
    assert_eq!(rig.world.inbox_row(row).state, InboxState::Pending);
    rig.world.overwrite_snapshot(conversation, &sound);
    rig.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(said(&rig), ["oi"]);
}

/// People are told when it is so, not before.
#[actix::test]
async fn a_quarantine_that_could_not_be_stored_is_asked_for_again() {
    let faults = [
        Fault::Busy,
        Fault::Unavailable,
        Fault::AnswerLost,
        Fault::Conflict,
    ];
    for fault in faults {
        let rig = Rig::new().await;
        rig.says("oi").await;
        rig.world.inbound_text(&rig.shop, PHONE, "boom");
        rig.world.inbound_text(&rig.shop, PHONE, "boom");
        // The first commit after the crashes.
        rig.store.faults().fail(Site::Commit, fault, 1);
        let told = || {
            let incidents = rig.world.incidents(rig.shop.id);
            let quarantine = |i: &&Incident| i.kind == IncidentKind::Quarantine;
            incidents.iter().filter(quarantine).count()
        };
        for _ in 0..600 {
            rig.world.run_for(Duration::from_millis(100)).await;
            let stored = rig.world.state(rig.conversation()).quarantined;
            assert!(stored || told() == 0, "told too early: {fault:?}");
        }
        let stored = rig.world.state(rig.conversation()).quarantined;
        assert!(stored, "{fault:?}");
        assert_eq!(told(), 1, "{fault:?}");
        tokio::time::resume();
    }
}
