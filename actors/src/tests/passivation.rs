//! G11: memory follows active conversations, and no message is lost on the way in or out.

use super::{PHONE, Rig, ana};
use crate::api::Dispatch;
use crate::testing::Site;
use papo_domain::conversation::{CloseReason, Command, Mode, Sender};
use papo_domain::ports::{CustomerChange, CustomerFields, EngineStore};
use std::time::Duration;

#[actix::test]
async fn an_idle_conversation_leaves_memory_and_comes_back() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    assert_eq!(rig.engine.describe(rig.shop.id).await.unwrap().active, 1);
    rig.world.run_for(Duration::from_secs(310)).await;
    assert_eq!(rig.engine.describe(rig.shop.id).await.unwrap().active, 0);
    rig.says("menu").await;
    let texts = rig.world.texts(rig.conversation());
    assert_eq!(
        texts
            .iter()
            .filter(|(sender, _)| *sender == Sender::Customer)
            .count(),
        2
    );
}

#[actix::test]
async fn a_customer_s_new_name_is_said_at_once() {
    let rig = Rig::new().await;
    rig.world.change_tenant(&rig.shop, |record| {
        record.policy.texts.handoff = Some("Certo, {name}.".to_owned());
    });
    rig.engine.reload_tenant(rig.shop.id).await.unwrap();
    rig.says("oi").await;
    let stored = rig.store.activate(rig.shop.id, rig.conversation()).await;
    let customer = stored.unwrap().customer;
    let fields = CustomerFields {
        name: Some(Some("Maria".to_owned())),
        ..CustomerFields::default()
    };
    let change = CustomerChange::Edit { customer, fields };
    rig.engine
        .change_customer(rig.shop.id, change)
        .await
        .unwrap();
    rig.says("atendente").await;
    rig.world.run_for(Duration::from_secs(1)).await;
    let texts = rig.gateway.texts();
    assert!(
        texts.iter().any(|said| said == "Certo, Maria."),
        "{texts:?}"
    );
}

/// Every message meets a conversation that is just leaving, just coming, or both: the quiet time
/// is shorter than the pauses between messages.
#[actix::test]
async fn sixty_thousand_messages_race_with_passivation_and_none_is_lost() {
    /// Of each conversation, at least.
    const LIVES: usize = 100;
    let rig = Rig::with(|c| c.passivate_after = Duration::from_millis(1)).await;
    let phones: Vec<String> = (0..200).map(|n| format!("55119{n:08}")).collect();
    for phone in &phones {
        let conversation = rig.world.open(&rig.shop, phone);
        let command = Command::TakeOver {
            by: ana(),
            name: "Ana".to_owned(),
            force: false,
        };
        let tenant = rig.shop.id;
        let dispatch = Dispatch {
            tenant,
            conversation,
            command,
            idempotency: None,
        };
        rig.engine.dispatch(dispatch).await.unwrap();
    }
    for round in 0..300 {
        for phone in &phones {
            rig.world.inbound_text(&rig.shop, phone, &round.to_string());
        }
        rig.world
            .run_for(Duration::from_millis(30 + round % 190))
            .await;
    }
    rig.world.run_for(Duration::from_secs(60)).await;
    let came_back = rig.store.faults().calls(Site::Activate);
    assert!(came_back > LIVES * phones.len(), "only {came_back} lives");
    let expected: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    for phone in &phones {
        let texts = rig.world.texts(rig.world.open(&rig.shop, phone));
        let said: Vec<_> = texts
            .into_iter()
            .filter(|(sender, _)| *sender == Sender::Customer)
            .map(|(_, text)| text)
            .collect();
        assert_eq!(said, expected);
    }
    rig.world.assert_nothing_left(rig.shop.id);
}

/// Lives of the tenant; each has its number look for open claims once.
fn lives(rig: &Rig) -> usize {
    rig.store.faults().calls(Site::OpenClaims)
}

#[actix::test]
async fn an_idle_tenant_leaves_memory_and_its_deadlines_bring_it_back() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    assert_eq!(lives(&rig), 1);
    rig.world.run_for(Duration::from_secs(29 * 60)).await;
    assert_eq!(lives(&rig), 1, "nothing brought it back");
    rig.world.run_for(Duration::from_secs(2 * 60)).await;
    assert_eq!(lives(&rig), 2, "it had left memory");
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
async fn a_tenant_with_something_to_send_stays() {
    let rig = Rig::new().await;
    let gate = rig.gateway.hold();
    rig.says("oi").await;
    gate.reached(1).await;
    rig.world.run_for(Duration::from_secs(20 * 60)).await;
    assert_eq!(lives(&rig), 1);
    gate.release();
}

/// Messages and commands meet a tenant that is just leaving, just coming, or both.
#[actix::test]
async fn nothing_is_lost_between_two_lives_of_a_tenant() {
    const ROUNDS: u64 = 2_000;
    let rig = Rig::with(|c| {
        c.passivate_after = Duration::from_millis(1);
        c.retire_after = Duration::from_millis(1);
    })
    .await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    for round in 0..ROUNDS {
        rig.world.inbound_text(&rig.shop, PHONE, &round.to_string());
        rig.world.run_for(Duration::from_millis(round % 5)).await;
        // At about the moments at which it may leave: in the turn after its clock, or one later.
        let replied = rig.replies(ana(), "olá");
        let moment = async move {
            tokio::time::sleep(Duration::from_millis(85 + round * 11 % 211)).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let meeting = actix_rt::spawn(async move {
            if round % 2 == 0 {
                actix_rt::spawn(moment).await.unwrap();
            } else {
                moment.await;
            }
            replied.await
        });
        meeting.await.unwrap().unwrap();
    }
    rig.world.run_for(Duration::from_secs(10)).await;
    let oi = std::iter::once("oi".to_owned());
    let expected: Vec<String> = oi.chain((0..ROUNDS).map(|n| n.to_string())).collect();
    let texts = rig.world.texts(rig.conversation());
    let said: Vec<_> = texts
        .into_iter()
        .filter(|(sender, _)| *sender == Sender::Customer)
        .map(|(_, text)| text)
        .collect();
    assert_eq!(said, expected);
    rig.world.assert_nothing_left(rig.shop.id);
    let lives = lives(&rig);
    assert!(lives > 100, "only {lives} lives");
}
