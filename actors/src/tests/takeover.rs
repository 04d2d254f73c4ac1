//! G4, G6: people win over the bot, and a repeated request does nothing twice.

use super::{PHONE, Rig, ana, bruno};
use crate::api::{Dispatch, DispatchError, IdempotencyKey};
use crate::testing::{Point, SendState, Site};
use papo_domain::conversation::{Command, Mode, Rejection, Sender};
use papo_domain::outbound::Outbound;
use std::time::Duration;

#[actix::test]
async fn the_bot_answers_and_its_answer_goes_out() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.run_for(Duration::from_secs(1)).await;
    let texts = rig.world.texts(rig.conversation());
    assert_eq!(
        texts.first().map(|(s, t)| (*s, t.as_str())),
        Some((Sender::Customer, "oi"))
    );
    assert_eq!(texts.get(1).map(|(s, _)| *s), Some(Sender::Bot));
    assert_eq!(rig.gateway.sends().len(), texts.len() - 1);
    rig.world.assert_nothing_left(rig.shop.id);
}

#[actix::test]
async fn takeover_withdraws_what_the_bot_had_queued() {
    let rig = Rig::new().await;
    let gate = rig.store.faults().hold(Site::Claim, Point::Before);
    rig.says("oi").await;
    gate.reached(1).await;
    let outcome = rig.takes_over(ana()).await;
    assert_eq!((outcome.cancelled, outcome.on_the_wire), (1, 0));
    gate.release();
    rig.world.run_for(Duration::from_secs(2)).await;
    let automatic: Vec<_> = rig
        .gateway
        .sends()
        .into_iter()
        .filter(|s| s.automatic)
        .collect();
    assert!(
        automatic.is_empty(),
        "sent after the takeover: {automatic:?}"
    );
    let states: Vec<_> = rig
        .world
        .outbox(rig.conversation())
        .iter()
        .map(|r| r.state)
        .collect();
    assert!(states.contains(&SendState::Cancelled));
}

#[actix::test]
async fn takeover_tells_how_many_are_already_on_the_wire() {
    let rig = Rig::new().await;
    let gate = rig.gateway.hold();
    rig.says("oi").await;
    gate.reached(1).await;
    let outcome = rig.takes_over(ana()).await;
    assert_eq!((outcome.cancelled, outcome.on_the_wire), (0, 1));
    gate.release();
    rig.world.run_for(Duration::from_secs(2)).await;
    rig.gateway.assert_no_automatic_send_after_takeover();
}

#[actix::test]
async fn takeover_overtakes_what_waits_and_the_bot_stays_silent() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    let gate = rig.store.faults().hold(Site::Commit, Point::Before);
    for _ in 0..10 {
        rig.world.inbound_text(&rig.shop, PHONE, "menu");
    }
    gate.reached(1).await;
    let engine = rig.engine.clone();
    let (tenant, conversation) = (rig.shop.id, rig.conversation());
    let taking = actix_rt::spawn(async move {
        let command = Command::TakeOver {
            by: ana(),
            name: "Ana".to_owned(),
            force: false,
        };
        engine
            .dispatch(Dispatch {
                tenant,
                conversation,
                command,
                idempotency: None,
            })
            .await
    });
    rig.world.settle().await;
    gate.release();
    taking.await.unwrap().unwrap();
    rig.world.run_for(Duration::from_secs(3)).await;
    let texts = rig.world.texts(conversation);
    let bots = texts
        .iter()
        .filter(|(sender, _)| *sender == Sender::Bot)
        .count();
    // The greeting, and at most the one menu whose commit was already under way.
    assert!(bots <= 2, "{bots} bot messages");
    assert_eq!(
        texts
            .iter()
            .filter(|(sender, _)| *sender == Sender::Customer)
            .count(),
        11
    );
    rig.gateway.assert_no_automatic_send_after_takeover();
}

#[actix::test]
async fn only_the_owner_answers() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    let refused = rig.replies(ana(), "olá").await;
    assert!(matches!(
        refused,
        Err(DispatchError::Rejected(Rejection::NotInHumanMode))
    ));
    rig.takes_over(ana()).await;
    rig.replies(ana(), "olá").await.unwrap();
    let refused = rig.replies(bruno(), "olá").await;
    let expected = Rejection::AssignedToAnother { by: Some(ana()) };
    assert!(matches!(refused, Err(DispatchError::Rejected(r)) if r == expected));
}

#[actix::test]
async fn the_owner_of_the_number_takes_over_by_typing_on_the_phone() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.echo_text(&rig.shop, PHONE, "deixa comigo");
    rig.world.settle().await;
    assert!(matches!(
        rig.world.state(rig.conversation()).mode,
        Mode::Human { .. }
    ));
    let before = rig.world.texts(rig.conversation()).len();
    rig.says("menu").await;
    assert_eq!(rig.world.texts(rig.conversation()).len(), before + 1);
}

#[actix::test]
async fn a_key_makes_a_request_once() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    let send = |text: &str, request: u8| {
        let outbound = Outbound::text(text);
        let command = Command::SendReply {
            by: ana(),
            outbound,
            quote: None,
            expected_seq: None,
            scheduled: false,
        };
        let key = IdempotencyKey {
            user: ana(),
            key: "k1".to_owned(),
            request: [request; 32],
        };
        let (tenant, conversation) = (rig.shop.id, rig.conversation());
        rig.engine.dispatch(Dispatch {
            tenant,
            conversation,
            command,
            idempotency: Some(key),
        })
    };
    let first = send("olá", 1).await.unwrap();
    let again = send("olá", 1).await.unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(first.message, again.message);
    assert!(matches!(
        send("outra", 2).await,
        Err(DispatchError::KeyReused)
    ));
    let texts = rig.world.texts(rig.conversation());
    assert_eq!(texts.iter().filter(|(_, text)| text == "olá").count(), 1);
}

#[actix::test]
async fn a_repeated_takeover_tells_the_same_counts() {
    let rig = Rig::new().await;
    let gate = rig.gateway.hold();
    rig.says("oi").await;
    gate.reached(1).await;
    let take = || {
        let command = Command::TakeOver {
            by: ana(),
            name: "Ana".to_owned(),
            force: false,
        };
        let idempotency = Some(IdempotencyKey {
            user: ana(),
            key: "k1".to_owned(),
            request: [1; 32],
        });
        rig.engine.dispatch(Dispatch {
            tenant: rig.shop.id,
            conversation: rig.conversation(),
            command,
            idempotency,
        })
    };
    let first = take().await.unwrap();
    let again = take().await.unwrap();
    assert_eq!((first.cancelled, first.on_the_wire), (0, 1));
    assert!(again.replayed);
    assert_eq!((again.cancelled, again.on_the_wire), (0, 1));
}
