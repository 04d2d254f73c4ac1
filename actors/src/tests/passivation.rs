//! G11: memory follows active conversations, and no message is lost on the way in or out.

use super::{Rig, ana};
use crate::api::Dispatch;
use papo_domain::conversation::{Command, Sender};
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

/// Every message meets a conversation that is just leaving, just coming, or both: the quiet time
/// is shorter than the pauses between messages.
#[actix::test]
async fn sixty_thousand_messages_race_with_passivation_and_none_is_lost() {
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
